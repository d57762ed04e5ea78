/** A thread that folds some lanes of a run, in rounds that another thread compares. */
import { type Batch, sliceBatch } from '../../../core/event/batch.ts';
import type { Outcomes } from '../../../core/outcome/outcome.ts';
import { madeBy, type Told } from '../../diff/difference.ts';
import { type Lane, newLane, stepLane } from '../../lane/lane.ts';
import { layoutResult } from '../../run/result.ts';
import { breath } from '../../source/breath.ts';
import { Slicer } from '../../source/slices.ts';
import { type BatchSource, recut } from '../../source/source.ts';
import { type Events, isWorkload, lanesOf, sourceOf } from '../../spec/index.ts';
import { passedError } from '../passed-error.ts';
import { nodeFiles } from '../run-files.ts';
import {
  type Answer,
  EVENTS_PER_ROUND,
  type LanesTask,
  type MadeColumns,
  MOST_ROUNDS_AHEAD,
  type Piece,
  type Question,
  type ToComparer,
  type ToThread,
} from './protocol.ts';

/** Until the comparer has what it wants, or has gone. */
export async function foldLanes(task: LanesTask): Promise<void> {
  const { run, lanes: wanted, port } = task;
  const send = (message: ToComparer): void => port.postMessage(message);
  try {
    const events = await sourceOf(run, nodeFiles, { reuseColumns: true });
    try {
      const prepared = (await lanesOf(run, nodeFiles, events)).filter((_, i) => wanted.includes(i));
      const lanes = prepared.map(({ name, layout, options }) => newLane(layout, { ...options, name }));
      const names = lanes.map(({ name }) => name);
      send({ kind: 'opened', name: events.name, total: events.total, lanes: names });
      await new LaneFolder(task, events, lanes, send).fold();
    } finally {
      await events.close();
    }
  } catch (error) {
    send({ kind: 'failed', error: passedError(error) });
  } finally {
    port.close();
    task.answers.close();
  }
}

/** A batch of a round that may still be asked for. */
interface KeptPiece {
  readonly first: number;
  readonly count: number;
  readonly before: readonly Lane[];
  /** Undefined: its columns are written over, and it is read again. */
  readonly batch: Batch | undefined;
}

interface KeptRound {
  readonly pieces: readonly KeptPiece[];
  readonly after: readonly Lane[];
}

class LaneFolder {
  private readonly task: LanesTask;
  private readonly events: Events;
  private readonly send: (message: ToComparer) => void;
  private lanes: readonly Lane[];
  private readonly columns = new SharedColumns();
  private readonly foldMs: number[];
  private readonly slicer = new Slicer();
  private readonly spares: (Outcomes | undefined)[] = [];
  private readonly rounds = new Map<number, KeptRound>();
  private nextRound = 0;
  private seen = -1;
  private withBatches = false;
  private finishAfter: number | undefined;
  private wake: () => void = () => {};

  constructor(task: LanesTask, events: Events, lanes: readonly Lane[], send: (message: ToComparer) => void) {
    this.task = task;
    this.events = events;
    this.lanes = lanes;
    this.send = send;
    this.foldMs = lanes.map(() => 0);
    this.rounds.set(-1, { pieces: [], after: lanes });
  }

  async fold(): Promise<void> {
    const { port } = this.task;
    port.on('message', (message: ToThread) => this.hear(message));
    port.on('close', () => this.hear({ kind: 'finish', after: -1 }));
    await this.foldRounds();
    while (this.finishAfter === undefined) await this.heard();
    const after = this.rounds.get(this.finishAfter)?.after ?? [];
    const layouts = after.map((lane, i) => {
      const ms = this.foldMs[i]!;
      return layoutResult(lane, ms === 0 ? 0 : Math.round((1000 * lane.events) / ms));
    });
    this.send({ kind: 'finished', layouts, lost: this.events.lost() ?? null });
  }

  private async foldRounds(): Promise<void> {
    const { batchSize } = this.task.run;
    const { batches } = this.events;
    let pieces: Piece[] = [];
    let kept: KeptPiece[] = [];
    let count = 0;
    for await (const batch of batchSize === undefined ? batches : recut(batches, batchSize)) {
      const before = this.lanes;
      const made = await this.foldBatch(batch);
      if (made === undefined) return;
      const first = before[0]!.events;
      kept.push({ first, count: batch.count, before, batch: this.isKept(batch) });
      pieces.push({ first, count: batch.count, made, batch: this.withBatches ? copyOf(batch) : undefined });
      count += batch.count;
      if (count < EVENTS_PER_ROUND) continue;
      await this.end(pieces, kept, false);
      if (this.finishAfter !== undefined) return;
      [pieces, kept, count] = [[], [], 0];
    }
    await this.end(pieces, kept, true);
  }

  /** In slices, for whoever wants to end it; undefined: somebody does. */
  private async foldBatch(batch: Batch): Promise<MadeColumns[] | undefined> {
    const made = this.lanes.map(() => ({
      status: this.columns.next(batch.count),
      flags: this.columns.next(batch.count),
    }));
    for (let start = 0; start < batch.count; ) {
      const slice = this.slicer.next(batch, start);
      const startMs = performance.now();
      this.lanes = this.lanes.map((lane, i) => this.foldSlice(lane, i, slice, made[i]!, start));
      start += slice.count;
      if (this.slicer.took(slice.count, performance.now() - startMs)) await breath();
      if (this.finishAfter !== undefined) return undefined;
    }
    return made;
  }

  private foldSlice(lane: Lane, i: number, slice: Batch, made: MadeColumns, start: number): Lane {
    const startMs = performance.now();
    const { outcomes, lane: after } = stepLane(lane, slice, { spare: this.spares[i] });
    this.foldMs[i]! += performance.now() - startMs;
    this.spares[i] = outcomes;
    made.status.set(outcomes.status.subarray(0, slice.count), start);
    made.flags.set(outcomes.flags.subarray(0, slice.count), start);
    return after;
  }

  private async end(pieces: readonly Piece[], kept: readonly KeptPiece[], isLast: boolean): Promise<void> {
    this.rounds.set(this.nextRound++, { pieces: kept, after: this.lanes });
    this.send({ kind: 'round', pieces, isLast });
    this.columns.beginRound();
    await breath();
    while (this.finishAfter === undefined && this.nextRound - this.seen > MOST_ROUNDS_AHEAD && !isLast)
      await this.heard();
  }

  private heard(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }

  private hear(message: ToThread): void {
    if (message.kind === 'seen') {
      this.rounds.delete(this.seen);
      this.seen = message.round;
      this.withBatches = message.withBatches;
    } else if (message.kind === 'finish') this.finishAfter ??= message.after;
    else void this.answerTo(message);
    this.wake();
  }

  /** The comparer does nothing until it has an answer: what goes wrong is one too. */
  private async answerTo(question: Question): Promise<void> {
    this.answer(
      await this.answerOf(question).catch((error: unknown): Answer => ({ error: passedError(error) })),
    );
  }

  private async answerOf(question: Question): Promise<Answer> {
    const piece = this.rounds.get(question.round)!.pieces[question.piece]!;
    const batch = piece.batch ?? (await this.readAgain(piece));
    if (question.kind === 'batch') return { batch: copyOf(batch) };
    return { told: tellOf(piece.before[question.lane]!, batch, question.at) };
  }

  private answer(answer: Answer): void {
    this.task.answers.postMessage(answer);
    Atomics.add(this.task.answered, 0, 1);
    Atomics.notify(this.task.answered, 0);
  }

  /** A workload makes new columns for each batch, a trace writes over those of the last one. */
  private isKept(batch: Batch): Batch | undefined {
    return isWorkload(this.task.run.events) ? batch : undefined;
  }

  private async readAgain({ first, count }: KeptPiece): Promise<Batch> {
    const events = await sourceOf(this.task.run, nodeFiles);
    try {
      for await (const batch of recut(from(events, first), count)) return batch;
      throw new Error(`event ${first} is gone from the events`);
    } finally {
      await events.close();
    }
  }
}

/** Columns that the comparer reads where they are: as many rounds of them as there may be, then the first ones again. */
class SharedColumns {
  private readonly byRound: Uint8Array[][] = Array.from({ length: MOST_ROUNDS_AHEAD + 1 }, () => []);
  private round = 0;
  private used = 0;

  /** Zeros, in whole words. */
  next(count: number): Uint8Array {
    const columns = this.byRound[this.round]!;
    const length = (count + 3) & ~3;
    let column = columns[this.used];
    if (column === undefined || column.length < length) {
      column = new Uint8Array(new SharedArrayBuffer(length));
      columns[this.used] = column;
    }
    this.used++;
    return column.subarray(0, length).fill(0, count);
  }

  beginRound(): void {
    this.round = (this.round + 1) % this.byRound.length;
    this.used = 0;
  }
}

function from({ batches, from: later }: Events, first: number): BatchSource {
  return later === undefined ? batches : later(first);
}

function tellOf(before: Lane, recorded: Batch, at: number): Told {
  return madeBy(stepLane(before, recorded)).tell(at);
}

/** For another thread: only what it has of events. */
function copyOf(batch: Batch): Batch {
  const { count } = batch;
  const { kind, cpu, thinkNs, object, a, b, c } = sliceBatch(batch, 0, count);
  return {
    count,
    kind: kind.slice(0, (count + 3) & ~3),
    cpu: cpu.slice(0, count),
    thinkNs: thinkNs.slice(0, count),
    object: object.slice(0, count),
    a: a.slice(0, count),
    b: b.slice(0, count),
    c: c.slice(0, count),
  };
}
