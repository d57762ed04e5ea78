/** A run, with progress, and what it has found, with its exit code: what the commands that replay have in common. */
import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { type Batch, eventAt, type MemoryEvent, sliceBatch } from '../../../core/index.ts';
import {
  type BatchSource,
  type Lane,
  newLane,
  type Replayed as ReplayedLanes,
  type ReplayResult,
  replayLanes,
  reportText,
} from '../../index.ts';
import { isSeekableFile } from '../../node/run-files.ts';
import { type Events, isWorkload, lanesOf, type RunSpec, sourceOf } from '../../spec/index.ts';
import { runFiles } from '../files/run-files.ts';
import { exitCodeFor, type FailOn } from '../options/fail-on.ts';
import type { Progress } from '../terminal/progress.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface ReplayRequest {
  readonly run: RunSpec;
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
  const files = runFiles(terminal);
  // Nobody sees a batch once it is replayed.
  const events = await sourceOf(request.run, files, { reuseColumns: true });
  try {
    const lanes = (await lanesOf(request.run, files, events)).map(({ name, layout, options }) =>
      newLane(layout, { ...options, name }),
    );
    return { events, ...(await foldAll(terminal, events, lanes, request)) };
  } finally {
    await events.close();
  }
}

async function foldAll(
  terminal: Terminal,
  events: Events,
  lanes: readonly Lane[],
  { run: { batchSize, firstDifferences }, untilEvent, onNext }: ReplayRequest,
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

/** What a report says of the events. */
export type ReplayedEvents = Pick<Events, 'name' | 'lost'>;

/**
 * The same result with lanes in threads of their own, as many at a time as `jobs`; undefined: as many as cores, where that
 * is worth it.
 */
export async function replayLanesOf(
  terminal: Terminal,
  run: RunSpec,
  jobs: number | undefined,
): Promise<{ readonly events: ReplayedEvents; readonly result: ReplayResult }> {
  const threads = Math.min(jobs ?? availableParallelism(), run.lanes.length);
  const isWanted =
    threads > 1 && (await canReadAgain(run)) && (jobs !== undefined || (await isLong(terminal, run)));
  if (!isWanted) return replayUnder(terminal, { run });
  const { replayInThreads } = await import('../../node/lane-threads/threads.ts');
  let progress: Progress | undefined;
  try {
    const { result, name, lost } = await replayInThreads(run, threads, {
      signal: terminal.signal,
      onOpened(name, total) {
        progress = terminal.progress(`replaying ${name}`, 'events', total);
      },
      onProgress: (done) => progress?.update(done.events),
    });
    return { events: { name, lost: () => lost ?? undefined }, result };
  } finally {
    progress?.stop();
  }
}

/**
 * Of all lanes. What a thread costs before it is of use: its program is read and compiled anew, most of a second on the
 * machine of bench/SCALE.md, where an event of a workload takes some microseconds and a reference 10 ns, or up to 400 if
 * it repeats nothing: such a trace has more bytes.
 */
const LEAST_WORKLOAD_EVENTS = 1_000_000;
const LEAST_REFERENCES = 50_000_000;
const LEAST_TRACE_BYTES = 2 ** 27;

async function isLong(terminal: Terminal, run: RunSpec): Promise<boolean> {
  const { events, lanes } = run;
  const { total = 0, close } = await sourceOf(run, runFiles(terminal));
  await close();
  if (isWorkload(events)) return total * lanes.length >= LEAST_WORKLOAD_EVENTS;
  const { size } = await stat(events.trace);
  return total * lanes.length >= LEAST_REFERENCES || size * lanes.length >= LEAST_TRACE_BYTES;
}

/** Each thread reads the events and files by itself: standard input and pipes come once. */
async function canReadAgain({ events, machine, lanes }: RunSpec): Promise<boolean> {
  const named = [machine, ...lanes].flatMap(({ memoryMap, mmu }) => [memoryMap, mmu]);
  const files = [...named, ...lanes.map(({ layout }) => layout)];
  if (files.some((file) => file === '-' || file?.startsWith('/dev/fd/'))) return false;
  return isWorkload(events) || (events.trace !== '-' && (await isSeekableFile(events.trace)));
}

/** Prints a result and the line that reproduces it, and sets the exit code. */
export function reportReplay(
  terminal: Terminal,
  { events, result }: { readonly events: ReplayedEvents; readonly result: ReplayResult },
  reproduce: string,
  { json = false, failOn }: { readonly json?: boolean | undefined; readonly failOn: FailOn },
): void {
  const lost = events.lost();
  const complete = result.complete && lost === undefined;
  if (json) terminal.printJson({ trace: events.name, ...result, complete, lost: lost ?? null, reproduce });
  else {
    terminal.print(reportText(result, { colors: terminal.colors.isColorSupported, width: terminal.width }));
    terminal.print(`reproduce: ${reproduce}`);
  }
  if (lost !== undefined) terminal.note(`${events.name}: incomplete: ${lost.message}`);
  terminal.exitCode = exitCodeFor(
    {
      incomplete: lost !== undefined,
      failures: result.layouts.reduce((sum, { failures }) => sum + failures, 0),
      differences: result.differences?.total ?? 0,
    },
    failOn,
  );
}

/** The first `count` events; `onNext` gets the one that comes then, if there is one. */
async function* firstEvents(
  source: BatchSource,
  count: number,
  onNext?: (event: MemoryEvent) => void,
): AsyncGenerator<Batch> {
  let left = count;
  for await (const batch of source) {
    if (left > 0) yield batch.count <= left ? batch : sliceBatch(batch, 0, left);
    if (left < batch.count) {
      const next = eventAt(batch, left);
      if (next !== undefined) onNext?.(next);
      return;
    }
    left -= batch.count;
    if (left === 0 && onNext === undefined) return;
  }
}
