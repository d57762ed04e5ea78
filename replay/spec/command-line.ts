/** The line that reproduces a run, as a shell takes it: POSIX but for words that hold controls, which no line may hold. */
import { quote } from 'shlex';
import { isPrintable } from '../../core/base/printable.ts';
import { lanesText } from './lane-text.ts';
import { givenOptions, isSwitch, type MachineSpec, optionText } from './machine-options.ts';
import type { EventsSpec, RunSpec, WorkloadSpec } from './run-spec.ts';

/** What a synthetic workload is called where a trace may stand too. */
export const WORKLOAD_PREFIX = 'workload:';

export function reproduceLine(command: string, args: readonly string[]): string {
  return ['vmsplit', command, ...args].map(quotedWord).join(' ');
}

/** The arguments that name the same events again. */
export function eventsArguments(events: EventsSpec): string[] {
  if ('trace' in events) return [events.trace];
  return [`${WORKLOAD_PREFIX}${events.workload}`, ...workloadArguments(events)];
}

/** The options that make this choice. */
export function workloadArguments({ seed, events, options = {} }: WorkloadSpec): string[] {
  return [
    ...(seed === undefined ? [] : ['--seed', String(seed)]),
    ...(events === undefined ? [] : ['--events', String(events)]),
    ...Object.entries(options).flatMap(([option, value]) => ['--set', `${option}=${value}`]),
  ];
}

/** The same machines as arguments, for the line that reproduces a run. */
export function machineArguments({ machine, lanes }: Pick<RunSpec, 'machine' | 'lanes'>): string[] {
  return [lanes.length === 1 ? '--layout' : '--layouts', lanesText(lanes), ...optionArguments(machine)];
}

/** What is said of a machine beside its layout. */
export function optionArguments(machine: MachineSpec): string[] {
  return givenOptions(machine).flatMap(([option, value]) => {
    const flag = `--${option.flag}`;
    return isSwitch(option) ? [flag] : [flag, optionText(option, value)];
  });
}

function quotedWord(word: string): string {
  return isPrintable(word) ? quote(word) : dollarQuoted(word);
}

/** `$'...'` of bash, ksh, zsh and POSIX.1-2024 (XCU 2.2.4), with all but printable ASCII as bytes. */
function dollarQuoted(word: string): string {
  const bytes = [...new TextEncoder().encode(word)].map((byte) =>
    byte < 0x20 || byte > 0x7e || byte === 0x27 || byte === 0x5c
      ? `\\${byte.toString(8).padStart(3, '0')}`
      : String.fromCharCode(byte),
  );
  return `$'${bytes.join('')}'`;
}
