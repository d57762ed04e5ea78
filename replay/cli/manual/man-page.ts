/** The manual page, in roff for man(1), of all commands. */
import type { Command, Option } from 'commander';
import { commandsOf, notesOf, optionsOf } from './command-tree.ts';

/** No date: the same program makes the same page. */
export function manPage(program: Command, version: string): string {
  const name = program.name();
  return [
    `.TH ${name.toUpperCase()} 1 "" "${name} ${version}" "User Commands"`,
    '.SH NAME',
    `${roff(name)} \\- record a memory workload once, replay it on any Linux address\\-space layout`,
    '.SH SYNOPSIS',
    `.B ${roff(name)}`,
    '.I command',
    '[options]',
    '.SH DESCRIPTION',
    ...paragraph(program.description()),
    '.SH OPTIONS',
    ...optionsOf(program).flatMap((option) => optionEntry(program, option)),
    '.SH COMMANDS',
    ...commandsOf(program)
      .filter(isOurs)
      .flatMap((command) => commandEntry(program, command)),
    '.SH HABITS',
    ...literal(notesOf(program)),
    '',
  ].join('\n');
}

/** All but commander's own `help`. */
function isOurs(command: Command): boolean {
  return command.name() !== 'help';
}

function commandEntry(program: Command, command: Command): string[] {
  const help = command.createHelp();
  const args = help.visibleArguments(command).map((argument) => ({
    term: help.argumentTerm(argument),
    text: help.argumentDescription(argument),
  }));
  const notes = notesOf(command);
  return [
    `.SS ${roff(`${program.name()} ${command.name()} ${command.usage()}`)}`,
    ...paragraph(command.description()),
    ...args.flatMap(({ term, text }) => ['.TP', `.I ${roff(term)}`, ...paragraph(text)]),
    ...optionsOf(command).flatMap((option) => optionEntry(command, option)),
    ...(notes === '' ? [] : ['.PP', ...literal(notes)]),
  ];
}

function optionEntry(command: Command, option: Option): string[] {
  return ['.TP', `.B ${roff(option.flags)}`, ...paragraph(command.createHelp().optionDescription(option))];
}

/** As it stands, in lines. */
function literal(text: string): string[] {
  return ['.nf', ...paragraph(text), '.fi'];
}

function paragraph(text: string): string[] {
  return text.split('\n').map((line) => roff(line).replace(/^(?=['.])/, '\\&'));
}

/** Backslashes and dashes mean something to roff. */
function roff(text: string): string {
  return text.replaceAll('\\', '\\e').replaceAll('-', '\\-');
}
