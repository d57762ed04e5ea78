/** What a trace holds, for people. */
import { kindNamed } from '../../core/event/vocabulary.ts';
import type { Source } from '../io/source.ts';
import { type Lost, lossFrom, type ReadOptions } from './contents.ts';
import type { Notes, ReferenceCounts, TraceHeader, TraceTotals } from './format.ts';
import { openTrace, type Trace } from './reader.ts';
import { isSameTotals, TotalsCounter } from './totals.ts';

/** What a trace holds, and whether it is whole. */
export interface TraceInfo {
  readonly file: string;
  readonly header: TraceHeader;
  /** What the recorder noted at the end. */
  readonly notes: Notes;
  readonly events: number;
  readonly chunks: number;
  readonly kinds: Readonly<Record<string, number>>;
  /** Names of those among them that this vmsplit does not know; it cannot replay such a trace. */
  readonly unknownKinds?: readonly string[];
  readonly references: ReferenceCounts;
  readonly bytes: number;
  readonly bytesPerEvent: number;
  readonly complete: boolean;
  readonly lost?: Lost;
}

export interface InfoOptions extends ReadOptions {
  /** Check and decode every chunk instead of trusting the index. */
  readonly verify?: boolean;
}

/** Takes the counts from the index when it can, else from all events. The source stays open. */
export async function traceInfo(source: Source, options: InfoOptions = {}): Promise<TraceInfo> {
  const { verify = false, onProgress } = options;
  const trace = await openTrace(source, { onProgress, unknownKinds: true });
  const counted = verify || trace.totals === undefined ? await count(trace, options) : undefined;
  const { totals, lost } = counted ?? { totals: trace.totals!, lost: trace.lost };
  return {
    file: trace.file,
    header: trace.header,
    notes: trace.notes,
    events: totals.events,
    chunks: trace.chunks.offset.length,
    kinds: totals.kinds,
    ...unknownAmong(totals.kinds),
    references: totals.references,
    bytes: trace.byteLength,
    bytesPerEvent: totals.events === 0 ? 0 : trace.byteLength / totals.events,
    complete: lost === undefined,
    ...(lost !== undefined && { lost }),
  };
}

/** Nothing when all of them are known. */
export function unknownAmong(kinds: TraceTotals['kinds']): Pick<TraceInfo, 'unknownKinds'> {
  const unknown = Object.keys(kinds).filter((name) => kindNamed(name) === undefined);
  return unknown.length === 0 ? {} : { unknownKinds: unknown };
}

/** Counts all events up to the first fault; what the index says must be the same. */
async function count(
  trace: Trace,
  options: ReadOptions,
): Promise<{ totals: TraceTotals; lost: Lost | undefined }> {
  const counter = new TotalsCounter();
  let lost = trace.lost;
  try {
    for await (const batch of trace.batches(0, options)) counter.add(batch);
  } catch (error) {
    lost = lossFrom(error, counter.events);
  }
  const totals = counter.totals(trace.header.kinds);
  if (lost === undefined && !(trace.totals && isSameTotals(trace.totals, totals))) {
    const message = 'the counts in the index are not those of the events';
    lost = { offset: trace.byteLength, eventsKept: totals.events, message };
  }
  return { totals, lost };
}
