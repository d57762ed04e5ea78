/** What the manual and the completion of words need to know of the commands, from commander's own records. */
import type { Argument, Command, Option } from 'commander';
import { allKinds } from '../../../core/event/vocabulary.ts';
import { layoutNames, STATUSES } from '../../../core/index.ts';
import { IMPORTERS } from '../../../traces/index.ts';
import { EXAMPLES, WORKLOADS } from '../../../workloads/index.ts';
import { PROCESS_VIEWS, VIEWS } from '../../index.ts';

/** The commands in the order of the help. */
export function commandsOf(program: Command): Command[] {
  return program.createHelp().visibleCommands(program) as Command[];
}

/** With --help. */
export function optionsOf(command: Command): Option[] {
  return command.createHelp().visibleOptions(command);
}

export function takesValue({ required, optional }: Option): boolean {
  return required || optional;
}

/** Every spelling: `-o`, `--output`. */
export function flagsOf({ short, long }: Option): string[] {
  return [short, long].filter((flag) => flag !== undefined);
}

const namesOf = (rows: readonly { readonly name: string }[]): string[] => rows.map(({ name }) => name);

/** Values that are names of something, by what the option or argument is called. Anything else is a file, or free. */
const NAMES: Readonly<Record<string, () => string[]>> = {
  layouts: () => namesOf(layoutNames()),
  kind: () => namesOf(allKinds()),
  outcome: () => ['failed', ...namesOf(STATUSES)],
  format: () => namesOf(IMPORTERS),
  'record workload': () => namesOf([...WORKLOADS, ...EXAMPLES]),
  'example name': () => namesOf(EXAMPLES),
  'layouts name': () => namesOf(layoutNames()),
  'at view': () => namesOf([...VIEWS, ...PROCESS_VIEWS]),
};

export function optionValues(option: Option): readonly string[] {
  return option.argChoices ?? NAMES[option.attributeName()]?.() ?? [];
}

export function argumentValues(command: Command, argument: Argument): readonly string[] {
  return argument.argChoices ?? NAMES[`${command.name()} ${argument.name()}`]?.() ?? [];
}

/** What stands below the options in the help: commander keeps it to itself until it prints the help. */
export function notesOf(command: Command): string {
  const usual = command.configureOutput();
  let text = '';
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
  });
  command.outputHelp();
  command.configureOutput(usual);
  return text.replace(command.helpInformation(), '').trim();
}
