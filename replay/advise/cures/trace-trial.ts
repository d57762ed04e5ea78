/** A recording tried under the machine it may be from and under the candidates, all in one pass. */
import { UsageError } from '../../../core/index.ts';
import { STATUSES, type StatusName } from '../../../core/outcome/outcome.ts';
import { type FirstFailure, type Lane, newLane, stepLane } from '../../lane/lane.ts';
import { type LayoutResult, layoutResult } from '../../run/result.ts';
import type { Pause } from '../../source/breath.ts';
import { type Events, type LaneSpec, lanesOf, type RunFiles } from '../../spec/index.ts';
import { formatBytes, formatCount } from '../../text/units.ts';
import type { VerdictKind } from '../verdict/kinds.ts';
import { type Candidate, candidates } from './candidates.ts';
import { costText, laneText, ranked, type Tried, type TriedCandidate } from './judging.ts';
import { figuresOf, type LaneFigures } from './trial.ts';

/** What a recording shows of the board. */
export interface TraceTrial {
  readonly name: string;
  /** The machine, as `--layouts` takes it. */
  readonly lane: string;
  readonly events: number;
  /** Requests that fail on the machine itself, and the first of them. */
  readonly failures: number;
  readonly first: FirstFailure | undefined;
  readonly kind: VerdictKind | undefined;
  /** Requests that failed where they were recorded. */
  readonly recordedAsFailed: number;
  /** The state before is in the recording. */
  readonly hasSnapshot: boolean;
  readonly tried: Tried;
}

export interface TraceTrialRequest {
  readonly events: Events;
  readonly lane: LaneSpec;
  readonly files: Pick<RunFiles, 'text'>;
  readonly pause: Pause;
  readonly onProgress?: ((events: number) => void) | undefined;
}

/** Failures by their status as kinds of verdicts; others are of the programs. */
const KINDS: Partial<Readonly<Record<StatusName, VerdictKind>>> = {
  'vmalloc-space': 'vmalloc-space',
  'out-of-lowmem': 'lowmem-exhausted',
  'out-of-memory': 'out-of-memory',
  'oom-killed': 'out-of-memory',
  fragmented: 'lowmem-fragmented',
  'cma-only': 'cma-only',
  'cma-space': 'cma-space',
  'kmap-slots': 'kmap-slots',
  'no-bounce-buffers': 'swiotlb-full',
  'user-space': 'user-space',
};

/** Every machine costs a second for a million events: the window is doubled, and what costs most is left out. */
function candidatesFor(lane: LaneSpec, { layout }: Lane): Candidate[] {
  const window = Number(layout.vmalloc.end - layout.vmalloc.start);
  const [first, ...others] = candidates({ lane, layout }, { windowBytes: window });
  return [
    first!,
    ...others.filter(({ name, means }) => !name.startsWith('vmalloc=') && means !== 'hardware'),
  ];
}

export async function tryTrace(request: TraceTrialRequest): Promise<TraceTrial> {
  const { events, lane, files, pause } = request;
  const own = await prepared(lane, events, files);
  const lanes: Lane[] = [own];
  const named: TriedLane[] = [];
  const impossible: TriedCandidate[] = [];
  for (const candidate of candidatesFor(lane, own)) {
    const made = await prepared(candidate.lane, events, files).catch(usageOnly);
    if (made instanceof UsageError) impossible.push(impossibleFor(candidate, made));
    else named.push({ candidate, index: lanes.push(made) - 1 });
    await pause();
  }
  const count = await foldAll(request, lanes);
  const results = lanes.map((one) => layoutResult(one));
  const figures = figuresOf(lanes[0]!);
  const tried = named.map(({ candidate, index }) =>
    judged(candidate, results[index]!, figuresOf(lanes[index]!), figures),
  );
  return {
    ...factsOf(results[0]!),
    ...{ name: events.name, lane: laneText(lane), events: count },
    hasSnapshot: events.snapshot !== undefined,
    tried: { figures, reproduces: true, candidates: ranked([...tried, ...impossible], figures) },
  };
}

interface TriedLane {
  readonly candidate: Candidate;
  readonly index: number;
}

/** Every batch under every lane, which stand at its end; how many events there were. */
async function foldAll({ events, pause, onProgress }: TraceTrialRequest, lanes: Lane[]): Promise<number> {
  let count = 0;
  for await (const batch of events.batches) {
    for (const [i, lane] of lanes.entries()) {
      lanes[i] = stepLane(lane, batch).lane;
      await pause();
    }
    count += batch.count;
    onProgress?.(count);
  }
  return count;
}

function judged(
  candidate: Candidate,
  result: LayoutResult,
  now: LaneFigures,
  before: LaneFigures,
): TriedCandidate {
  const left = failuresOf(result);
  const why =
    left === 0 ? costText(now, before) : `${formatCount(left)} of its requests fail${firstOf(result)}`;
  return { ...nameOf(candidate), cures: left === 0, why, figures: now };
}

function factsOf(base: LayoutResult): Pick<TraceTrial, 'failures' | 'first' | 'kind' | 'recordedAsFailed'> {
  const first = base.firstFailures.find(isOfMemory);
  const { succeed, fail } = base.recordedAsFailed;
  return {
    failures: failuresOf(base),
    first,
    kind: first && KINDS[first.status],
    recordedAsFailed: succeed + fail,
  };
}

async function prepared(lane: LaneSpec, events: Events, files: Pick<RunFiles, 'text'>): Promise<Lane> {
  const [one] = await lanesOf({ machine: {}, lanes: [lane] }, files, events);
  return newLane(one!.layout, one!.options);
}

function usageOnly(error: unknown): UsageError {
  if (error instanceof UsageError) return error;
  throw error;
}

function nameOf({ name, means, lane }: Candidate): Pick<TriedCandidate, 'name' | 'means' | 'lane'> {
  return { name, means, lane: laneText(lane) };
}

function impossibleFor(candidate: Candidate, { message }: UsageError): TriedCandidate {
  return { ...nameOf(candidate), cures: false, why: message, figures: undefined };
}

function isOfMemory({ status }: FirstFailure): boolean {
  return KINDS[status] !== undefined;
}

/** Requests for memory or addresses that found none; what follows from them is not counted. */
function failuresOf({ allocations, otherFailures }: LayoutResult): number {
  const counts = [...Object.values(allocations), ...Object.values(otherFailures)];
  const names = STATUSES.map(({ name }) => name).filter((name) => KINDS[name] !== undefined);
  return counts.reduce((sum, count) => sum + names.reduce((all, name) => all + (count[name] ?? 0), 0), 0);
}

function firstOf(result: LayoutResult): string {
  const first = result.firstFailures.find(isOfMemory);
  if (first === undefined) return '';
  const room =
    first.status === 'vmalloc-space' ? `, vmalloc window ${formatBytes(result.vmalloc.totalBytes)}` : '';
  return ` (first event ${formatCount(first.event)}: ${first.status}${room})`;
}
