/** Events through one layout or several, with progress: what the commands that replay have in common. */
import type { MemoryEvent } from '../../core/index.ts';
import {
  type Lane,
  newLane,
  type Replayed as ReplayedLanes,
  type ReplayResult,
  replayLanes,
  reportText,
} from '../index.ts';
import { type Events, firstEvents, openEvents } from './events.ts';
import { layoutsOf, type MachineArguments, machineArguments, memoryOptionsOf } from './machine-options.ts';
import { type MmuArguments, mmuArguments, mmuOf } from './mmu-options.ts';
import { reproduceLine } from './reproduce.ts';
import { memoryOf, type SnapshotArguments } from './snapshot-input.ts';
import type { Terminal } from './terminal.ts';
import type { WorkloadArguments } from './workload-options.ts';

/** Events in a batch at most: all columns and outcomes of one are in memory at once. */
export const MOST_FOLDED = 2 ** 20;

interface ReplayRequest {
  /** FILE, - or workload:NAME. */
  readonly what: string;
  readonly given: MachineArguments & MmuArguments & WorkloadArguments & SnapshotArguments;
  readonly layouts: readonly string[];
  readonly batchSize?: number | undefined;
  readonly firstDifferences?: number | undefined;
  /** Stop before this event. */
  readonly untilEvent?: number | undefined;
  /** Gets that event, if there is one. */
  readonly onNext?: (event: MemoryEvent) => void;
}

export interface Replayed {
  readonly events: Events;
  readonly lanes: readonly Lane[];
  readonly result: ReplayResult;
}

/** Boots the machines and replays the events. Broken off by Ctrl-C, the result tells how far it came. */
export async function replayUnder(terminal: Terminal, request: ReplayRequest): Promise<Replayed> {
  const { what, given, layouts } = request;
  const events = await openEvents(what, given, terminal);
  try {
    const options = { ...memoryOf(events, given), ...(await mmuOf(given)), ...memoryOptionsOf(given) };
    const lanes = (await layoutsOf(layouts, given, events.cpus)).map((layout) => newLane(layout, options));
    return { events, ...(await foldAll(terminal, events, lanes, request)) };
  } finally {
    await events.close();
  }
}

async function foldAll(
  terminal: Terminal,
  events: Events,
  lanes: readonly Lane[],
  { batchSize, firstDifferences, untilEvent, onNext }: ReplayRequest,
): Promise<ReplayedLanes> {
  const batches = untilEvent === undefined ? events.batches : firstEvents(events.batches, untilEvent, onNext);
  const progress = terminal.progress(`replaying ${events.name}`, 'events', untilEvent ?? events.total);
  try {
    return await replayLanes(batches, lanes, {
      ...(batchSize !== undefined && { batchSize }),
      ...(firstDifferences !== undefined && { firstDifferences }),
      signal: terminal.signal,
      onProgress: (done) => progress.update(done.events),
    });
  } finally {
    progress.stop();
  }
}

/** Prints a result and the line that reproduces it; a trace that is cut makes the exit code 1. */
export function reportReplay(
  terminal: Terminal,
  { events, result }: Replayed,
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

/** The command line that repeats a replay. */
export function replayLine(
  command: string,
  { arguments: eventArguments }: Events,
  layoutArguments: readonly string[],
  { given, batchSize, firstDifferences }: ReplayRequest,
): string {
  return reproduceLine(command, [
    ...eventArguments,
    ...layoutArguments,
    ...machineArguments(given),
    ...mmuArguments(given),
    ...(given.fromSnapshot ? ['--from-snapshot'] : []),
    ...(batchSize === undefined ? [] : ['--batch', String(batchSize)]),
    ...(firstDifferences === undefined ? [] : ['--first', String(firstDifferences)]),
  ]);
}
