/**
 * A replay of several lanes in as many threads, compared here: the result is that of one thread. Each thread reads a trace
 * from its file, whose pages the operating system shares: to read it once into memory that all share takes longer, since
 * they would have to wait for it, and reading from such memory is slower.
 */
import { MessageChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import type { Piscina } from 'piscina';
import type { Batch } from '../../../core/event/batch.ts';
import type { Made } from '../../diff/difference.ts';
import { compareMade, type Differences, differencesResult, noDifferences } from '../../diff/lockstep.ts';
import type { RunResult } from '../../run/carry-out.ts';
import type { ReplayOptions } from '../../run/pipeline.ts';
import type { LayoutResult, ReplayResult } from '../../run/result.ts';
import type { RunSpec } from '../../spec/index.ts';
import { receivedError } from '../passed-error.ts';
import { inThread, openPool } from '../pool.ts';
import type { Answer, LanesTask, Piece, Question, ToComparer, ToThread } from './protocol.ts';
import { ThreadGone, waitForChange } from './wait.ts';

interface ThreadsOptions extends Pick<ReplayOptions, 'signal' | 'onProgress' | 'clock'> {
  /** Called once the events are open. */
  readonly onOpened?: (name: string, total: number | undefined) => void;
}

export interface ThreadsResult {
  readonly result: ReplayResult;
  /** Of the events. */
  readonly name: string;
  readonly lost: RunResult['lost'];
}

/**
 * As `replay` in one thread: the same results, differences, errors. The signal ends it after what is compared.
 * The run has two lanes or more, and events that can be opened more than once.
 */
export async function replayInThreads(
  run: RunSpec,
  threads: number,
  options: ThreadsOptions = {},
): Promise<ThreadsResult> {
  const pool = await openPool(threads);
  try {
    const groups = Array.from({ length: threads }, (_, thread) =>
      run.lanes.map((_, lane) => lane).filter((lane) => lane % threads === thread),
    );
    const lanes = groups.map((group) => new LaneThread(pool, run, group));
    return await new Comparison(run, lanes, options).toEnd().catch((error: unknown) => causeOf(error, lanes));
  } finally {
    await pool.destroy();
  }
}

/** How long the pool may take to tell what a thread has died of. */
const LAST_WORDS_MS = 5000;

/** Throws what a thread that is gone died of, if that is to be heard, or the error. */
async function causeOf(error: unknown, lanes: readonly LaneThread[]): Promise<never> {
  if (!(error instanceof ThreadGone)) throw error;
  const silence = new Promise<never>((_, reject) => setTimeout(reject, LAST_WORDS_MS, error));
  return Promise.race([silence, ...lanes.map(({ failing }) => failing)]);
}

type Kind = ToComparer['kind'];
type Heard<K extends Kind> = Extract<ToComparer, { kind: K }>;

/** What this thread knows of another. */
class LaneThread {
  /** Lanes of the run, by number. */
  readonly lanes: readonly number[];
  private readonly port: MessagePort;
  private readonly answers: MessagePort;
  private readonly answered = new Int32Array(new SharedArrayBuffer(4));
  private readonly heard: ToComparer[] = [];
  private readonly pool: Piscina;
  /** Never fulfilled: rejects with what the thread dies of. */
  readonly failing: Promise<never>;
  private failure: unknown;
  private wake: () => void = () => {};

  constructor(pool: Piscina, run: RunSpec, lanes: readonly number[]) {
    this.pool = pool;
    this.lanes = lanes;
    const messages = new MessageChannel();
    const answers = new MessageChannel();
    this.port = messages.port1;
    this.answers = answers.port1;
    this.port.on('message', (message: ToComparer) => {
      this.heard.push(message);
      this.wake();
    });
    const { answered } = this;
    const task: LanesTask = { run, lanes, port: messages.port2, answers: answers.port2, answered };
    const transferList = [messages.port2, answers.port2];
    const end = inThread(pool, task, { name: 'lanes', transferList });
    this.failing = end.then(() => new Promise<never>(() => {}));
    this.failing.catch((error: unknown) => {
      this.failure = error;
      this.wake();
    });
  }

  /** The next message; throws what the thread failed with. Undefined: the signal was first. */
  async next<K extends Kind>(kind: K, signal?: AbortSignal): Promise<Heard<K> | undefined> {
    for (;;) {
      const message = this.heard.shift();
      if (message?.kind === 'failed') throw receivedError(message.error);
      if (message?.kind === kind) return message as Heard<K>;
      if (message === undefined && this.failure !== undefined) throw this.failure;
      if (signal?.aborted) return undefined;
      if (message === undefined) await this.change(signal);
    }
  }

  send(message: ToThread): void {
    this.port.postMessage(message);
  }

  /** Waits for the answer, and lets nothing else happen. Throws what went wrong there; ThreadGone. */
  ask(question: Question): Answer {
    const before = Atomics.load(this.answered, 0);
    this.send(question);
    waitForChange(this.answered, before, this.pool.threads);
    const { message } = receiveMessageOnPort(this.answers) as { message: Answer };
    if ('error' in message) throw receivedError(message.error);
    return message;
  }

  private change(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        signal?.removeEventListener('abort', done);
        resolve();
      };
      this.wake = done;
      signal?.addEventListener('abort', done);
    });
  }
}

class Comparison {
  private readonly run: RunSpec;
  private readonly threads: readonly LaneThread[];
  private readonly options: ThreadsOptions;
  private readonly clock: () => number;
  private readonly startMs: number;
  /** Rounds that are compared. */
  private rounds = 0;

  constructor(run: RunSpec, threads: readonly LaneThread[], options: ThreadsOptions) {
    this.run = run;
    this.threads = threads;
    this.options = options;
    this.clock = options.clock ?? (() => performance.now());
    this.startMs = this.clock();
  }

  async toEnd(): Promise<ThreadsResult> {
    const opened = await this.each('opened');
    const { name, total } = opened[0]!;
    this.options.onOpened?.(name, total);
    const names = this.inOrder(opened.map(({ lanes }) => lanes));
    const { firstDifferences } = this.run;
    let found = noDifferences(names, firstDifferences === undefined ? {} : { first: firstDifferences });
    let isComplete = false;
    while (!isComplete) {
      const rounds = await this.round();
      if (rounds === undefined) break;
      isComplete = rounds[0]!.isLast;
      found = this.compared(found, rounds);
      this.options.onProgress?.({ events: found.events, elapsedMs: this.clock() - this.startMs });
    }
    const finished = await this.finish();
    return {
      name,
      lost: finished[0]!.lost,
      result: {
        events: found.events,
        complete: isComplete,
        elapsedMs: this.clock() - this.startMs,
        layouts: this.inOrder<LayoutResult>(finished.map(({ layouts }) => layouts)),
        differences: differencesResult(found),
      },
    };
  }

  /** Undefined: somebody wants it to end. */
  private async round(): Promise<Heard<'round'>[] | undefined> {
    const { signal } = this.options;
    const rounds: Heard<'round'>[] = [];
    for (const thread of this.threads) {
      const round = await thread.next('round', signal);
      if (round === undefined || signal?.aborted) return undefined;
      rounds.push(round);
    }
    return rounds;
  }

  private compared(before: Differences, rounds: readonly Heard<'round'>[]): Differences {
    let found = before;
    rounds[0]!.pieces.forEach((piece, i) => {
      const made = this.inOrder(rounds.map(({ pieces }, thread) => this.madeBy(thread, i, pieces[i]!)));
      found = compareMade(found, piece.count, () => this.batchOf(piece, i), made);
    });
    const round = this.rounds++;
    // Where something is uneven every batch is looked at from then on.
    const withBatches = found.nrUneven > 0;
    this.threads.forEach((thread, i) => {
      thread.send({ kind: 'seen', round, withBatches: withBatches && i === 0 });
    });
    return found;
  }

  private batchOf({ batch }: Piece, piece: number): Batch {
    if (batch !== undefined) return batch;
    const answer = this.threads[0]!.ask({ kind: 'batch', round: this.rounds, piece });
    return (answer as Extract<Answer, { batch: unknown }>).batch;
  }

  private madeBy(thread: number, piece: number, { made }: Piece): Made[] {
    return made.map((outcomes, lane) => ({
      outcomes,
      tell: (at) => {
        const answer = this.threads[thread]!.ask({ kind: 'tell', round: this.rounds, piece, lane, at });
        return (answer as Extract<Answer, { told: unknown }>).told;
      },
    }));
  }

  private async finish(): Promise<Heard<'finished'>[]> {
    for (const thread of this.threads) thread.send({ kind: 'finish', after: this.rounds - 1 });
    return this.each('finished');
  }

  private async each<K extends Kind>(kind: K): Promise<Heard<K>[]> {
    const messages: Heard<K>[] = [];
    for (const thread of this.threads) messages.push((await thread.next(kind))!);
    return messages;
  }

  /** By lane of the run. */
  private inOrder<T>(byThread: readonly (readonly T[])[]): T[] {
    const ordered: T[] = [];
    this.threads.forEach(({ lanes }, thread) => {
      lanes.forEach((lane, i) => {
        ordered[lane] = byThread[thread]![i]!;
      });
    });
    return ordered;
  }
}
