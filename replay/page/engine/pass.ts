/**
 * The first pass: all events once through all lanes. On the way it keeps what makes every moment reachable and findable
 * afterwards: keyframes, samples of the timeline, the numbers of failures and differences.
 */
import { connect, map, type Observable, type OperatorFunction, scan, zip } from 'rxjs';
import { type Batch, sliceBatch } from '../../../core/event/batch.ts';
import { ownBytes } from '../../../core/machine/own-bytes.ts';
import { OK } from '../../../core/outcome/outcome.ts';
import { addDifferences, type Differences, noDifferences } from '../../diff/lockstep.ts';
import type { Lane } from '../../lane/lane.ts';
import { isNote } from '../../lane/tally.ts';
import { inLockstep, type LockstepEmission } from '../../run/pipeline.ts';
import { pulled } from '../../run/pulled.ts';
import { Keyframes } from '../../seek/keyframes.ts';
import { type BatchSource, breathing } from '../../source/source.ts';
import { Marks } from './marks.ts';
import { Samples } from './samples.ts';

/** A tab that takes a gigabyte is closed by some systems; what a pass keeps is to stay far below. */
const KEYFRAME_BYTES = 320 * 2 ** 20;
/**
 * So many that they fit for most machines: one that is taken and dropped later has cost time. And each that is gone to
 * has stores of its own from then on, which nobody counts.
 */
const MOST_KEYFRAMES = 80;
const LEAST_INTERVAL = 4096;

/** Of a short trace too there are to be so many samples, and batches of a trace are thousands of events. */
const LEAST_SAMPLES = 512;

export class FirstPass {
  readonly keyframes: Keyframes<readonly Lane[]>;
  readonly samples: Samples;
  /** By lane. */
  readonly failures: readonly Marks[];
  /** Failures of any lane. */
  readonly anyFailure = new Marks();
  readonly differences = new Marks();
  private readonly pieceEvents: number;
  /** Where it stands. */
  lanes: readonly Lane[];
  events = 0;
  found: Differences | undefined;

  /** @param events how many there are */
  constructor(lanes: readonly Lane[], events: number) {
    this.lanes = lanes;
    this.pieceEvents = Math.max(1, Math.ceil(events / LEAST_SAMPLES));
    this.keyframes = new Keyframes<readonly Lane[]>(lanes, {
      capacity: MOST_KEYFRAMES,
      intervalEvents: Math.max(LEAST_INTERVAL, Math.ceil(events / MOST_KEYFRAMES)),
      bytes: { most: KEYFRAME_BYTES, of: ownBytes },
    });
    this.samples = new Samples(lanes, this.pieceEvents);
    this.failures = lanes.map(() => new Marks());
    this.found = lanes.length > 1 ? noDifferences(lanes.map(({ name }) => name)) : undefined;
  }

  /** Goes on with the events from where it stands, to their end or until it is told; emits after every batch. */
  over(source: BatchSource, until$: Observable<unknown>): Observable<'under way' | 'done'> {
    return pulled(breathing(pieces(source, this.pieceEvents)), this.work(), until$).pipe(
      map(({ kind }) => {
        if (kind === 'N') return 'under way';
        this.sample(); // the timeline ends where the trace does
        return 'done';
      }),
    );
  }

  private work(): OperatorFunction<Batch, unknown> {
    return (batch$) =>
      batch$.pipe(
        inLockstep(this.lanes, undefined, true),
        connect((step$) => zip(step$, step$.pipe(this.compared()))),
        map(([emission, found]) => this.keep(emission, found)),
      );
  }

  private compared(): OperatorFunction<LockstepEmission, Differences | undefined> {
    return scan<LockstepEmission, Differences | undefined>(
      (found, { batch, steps }) => found && addDifferences(found, batch, steps),
      this.found,
    );
  }

  private keep({ firstEvent, batch, steps }: LockstepEmission, found: Differences | undefined): void {
    this.found = found;
    this.events = firstEvent + batch.count;
    this.lanes = steps.map(({ lane }) => lane);
    this.markFailures(firstEvent, batch, steps);
    for (const event of found?.latest ?? []) this.differences.add(event);
    this.keyframes.offer(this.events, this.lanes);
    if (this.samples.wants(this.events)) this.sample();
  }

  private sample(): void {
    this.samples.take(this.events, this.lanes, this.anyFailure.count, this.differences.count);
  }

  /** By lane, and of all lanes together: ascending, and each once. */
  private markFailures(firstEvent: number, { count, kind }: Batch, steps: LockstepEmission['steps']): void {
    const failed = new Set<number>();
    steps.forEach(({ outcomes: { status } }, lane) => {
      for (let at = 0; at < count; at++) {
        if (status[at] === OK || isNote(kind[at]!)) continue;
        this.failures[lane]!.add(firstEvent + at);
        failed.add(at);
      }
    });
    for (const at of [...failed].sort((a, b) => a - b)) this.anyFailure.add(firstEvent + at);
  }
}

/** The same events in batches of so many at most; those that are smaller stay as they are. */
async function* pieces(source: BatchSource, most: number): AsyncGenerator<Batch> {
  for await (const batch of source)
    for (let at = 0; at < batch.count; at += most)
      yield sliceBatch(batch, at, Math.min(batch.count, at + most));
}
