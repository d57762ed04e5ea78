/** Options that say which machines: layouts, RAM, cpus, the kernel's boot options. The same for every command. */
import { type Command, Option } from 'commander';
import { UsageError } from '../../../core/index.ts';
import {
  DEFAULT_RAM,
  isSwitch,
  type LaneSpec,
  lanesText,
  MACHINE_OPTIONS,
  type MachineOption,
  type MachineSpec,
  machineOf,
  parseLanes,
} from '../../spec/index.ts';
import { collect, parserOf } from './values.ts';

export interface LayoutArguments extends MachineSpec {
  /** What each --layout or --layouts said. */
  readonly layouts?: readonly string[];
}

/** What follows a machine's layout, and is for all machines when given as an option. */
export function addMachineOptions(command: Command): Command {
  return addOptions(command, MACHINE_OPTIONS);
}

/** Only what moves an address space, for who boots no machine. */
export function addLayoutOptions(command: Command): Command {
  return addOptions(
    command,
    MACHINE_OPTIONS.filter(({ group }) => group === 'layout'),
  );
}

function addOptions(command: Command, rows: readonly MachineOption[]): Command {
  for (const row of rows) command.addOption(optionOf(row));
  return command;
}

function optionOf(row: MachineOption): Option {
  const { flag, doc, metavar, kind } = row;
  if (isSwitch(row)) return new Option(`--${flag}`, doc);
  const option = new Option(`--${flag} <${metavar}>`, doc);
  return kind.choices === undefined ? option.argParser(parserOf(kind)) : option.choices(kind.choices);
}

const LANE_SYNTAX = 'NAME or FILE.json, its own options after colons: linux-3g1g:vmalloc=256M';

/** `--layout` and `--layouts` are one option; it may be repeated, and each time name several. */
export function addLanesOption(command: Command, fallback: readonly string[]): Command {
  return command.addOption(
    new Option(
      '--layout, --layouts <lanes>',
      `layouts with commas between them, see \`vmsplit layouts\`; ${LANE_SYNTAX} (default: ${fallback})`,
    ).argParser(collect),
  );
}

/** The same option for one machine. */
export function addLaneOption(command: Command, fallback: string): Command {
  return command.addOption(
    new Option(
      '--layout, --layouts <lane>',
      `a layout, see \`vmsplit layouts\`; ${LANE_SYNTAX} (default: ${fallback})`,
    ).argParser(collect),
  );
}

/** The machines asked for, with what holds for all of them. */
export interface Machines {
  readonly machine: MachineSpec;
  readonly lanes: readonly LaneSpec[];
}

/** The amount of RAM is told even where it is as by default, unless a file may have its own. */
export function machinesOf(given: LayoutArguments, fallback: readonly string[]): Machines {
  const { layouts = fallback } = given;
  const lanes = layouts.flatMap((text) => parseLanes(text, '--layouts'));
  const machine = machineOf(given);
  const mayBeInFile = lanes.some(
    ({ layout, memoryMap, fromSnapshot }) =>
      layout.endsWith('.json') || memoryMap !== undefined || fromSnapshot,
  );
  const { ram, memoryMap, fromSnapshot } = machine;
  if (ram !== undefined || memoryMap !== undefined || fromSnapshot || mayBeInFile) return { machine, lanes };
  return { machine: { ram: DEFAULT_RAM, ...machine }, lanes };
}

/** For a command that works on one machine. */
export function oneMachineOf(command: string, given: LayoutArguments, fallback: string): Machines {
  const machines = machinesOf(given, [fallback]);
  if (machines.lanes.length === 1) return machines;
  throw new UsageError(
    `${command}: found ${machines.lanes.length} layouts (${lanesText(machines.lanes)}), expected one: ` +
      'run the command once for each',
  );
}
