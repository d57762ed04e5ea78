/** Events through one layout or several, with progress: what the commands that replay have in common. */
import type { Layout } from '../../core/index.ts';
import { Lane, type ReplayOptions, type ReplayResult, replay, reportText } from '../index.ts';
import type { Events } from './events.ts';
import { type MachineArguments, machineArguments } from './machine-options.ts';
import { reproduceLine } from './reproduce.ts';
import type { Terminal } from './terminal.ts';

/** Events in a batch at most: all columns and outcomes of one are in memory at once. */
export const MOST_FOLDED = 2 ** 20;

type RunOptions = Pick<ReplayOptions, 'batchSize' | 'firstDifferences'>;

/** Replays all events in lanes that are booted for it. Broken off by Ctrl-C, the result tells how far it came. */
export async function runReplay(
  terminal: Terminal,
  events: Events,
  lanes: readonly Lane[],
  options: RunOptions = {},
): Promise<ReplayResult> {
  const progress = terminal.progress(`replaying ${events.name}`, 'events', events.total);
  try {
    return await replay(events.batches, lanes, {
      ...options,
      signal: terminal.signal,
      onProgress: (done) => progress.update(done.events),
    });
  } finally {
    progress.stop();
    await events.close();
  }
}

export function bootLanes(layouts: readonly Layout[]): Lane[] {
  return layouts.map((layout) => new Lane(layout));
}

/** Prints a result and the line that reproduces it; a trace that is cut makes the exit code 1. */
export function reportReplay(
  terminal: Terminal,
  events: Events,
  result: ReplayResult,
  reproduce: string,
  json: boolean,
): void {
  const lost = events.lost();
  if (json) terminal.printJson({ trace: events.name, ...result, lost: lost ?? null, reproduce });
  else {
    terminal.print(reportText(result, { colors: terminal.colors.isColorSupported }));
    terminal.print(`reproduce: ${reproduce}`);
  }
  if (lost !== undefined) {
    terminal.note(`${events.name}: incomplete: ${lost.message}`);
    terminal.exitCode = 1;
  }
}

/** What `replay` and `diff` were given, as a command line. */
export function replayLine(
  command: string,
  events: Events,
  layoutArguments: readonly string[],
  machine: MachineArguments,
  options: RunOptions,
): string {
  const { batchSize, firstDifferences } = options;
  return reproduceLine(command, [
    ...events.arguments,
    ...layoutArguments,
    ...machineArguments(machine),
    ...(batchSize === undefined ? [] : ['--batch', String(batchSize)]),
    ...(firstDifferences === undefined ? [] : ['--first', String(firstDifferences)]),
  ]);
}
