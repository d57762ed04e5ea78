/**
 * A worker of a fleet: takes jobs from the queue, has them carried out by threads, and keeps the lock of each meanwhile
 * (BullMQ renews it in this thread, which is never busy). A worker that is killed loses its locks, and others take its jobs.
 */
import { hostname } from 'node:os';
import type { Job as QueuedJob } from 'bullmq';
import type { Redis } from 'ioredis';
import { UsageError } from '../../../core/base/errors.ts';
import type { RunResult } from '../../run/carry-out.ts';
import type { RunSpec } from '../../spec/index.ts';
import type { JobFiles } from '../job-files.ts';
import { ThreadMemoryError } from '../pool.ts';
import { exactDigest, type Job, jobFrom, type Outcome, outcomeToText } from './job.ts';
import { type Done, PREFIX, QUEUE, REFUSALS, RESULT_SECONDS, type Refusal, resultKey } from './keys.ts';
import { connected, type RedisAddress } from './redis.ts';
import type { TraceCache } from './trace-cache.ts';

export interface WorkerOptions {
  readonly redis: RedisAddress;
  /** Of this program (`versionOf`): jobs of another one are not touched. */
  readonly version: string;
  /** Jobs at a time. */
  readonly jobs: number;
  readonly cache: TraceCache;
  /** `carryOutPass`, in a thread. */
  readonly carryOut: (
    runs: readonly RunSpec[],
    signal: AbortSignal,
    files: JobFiles,
  ) => Promise<(RunResult | undefined)[]>;
  /** After so long without a sign of life of its worker a job is given to another one. */
  readonly lockMs: number;
  /** Ends the worker; what it was at goes back to the queue. */
  readonly signal: AbortSignal;
  /** What it does, in a line. */
  readonly onEvent?: (line: string) => void;
}

/** A job may be begun so often before it counts as one that kills its workers. */
const MOST_STALLED = 8;

/** Until the signal. UsageError when it may not work here: another version, or other results for a job than another worker. */
export async function workOnJobs(options: WorkerOptions): Promise<void> {
  const redis = await connected(options.redis);
  const own = new AbortController();
  const signal = AbortSignal.any([options.signal, own.signal]);
  const work = new JobWork(options, redis, signal, (refusal) => own.abort(refusal));
  const { Worker } = await import('bullmq');
  const worker = new Worker<object, Done>(QUEUE, (job, token) => work.process(job, token), {
    connection: redis,
    prefix: PREFIX,
    name: work.name,
    concurrency: options.jobs,
    lockDuration: options.lockMs,
    stalledInterval: options.lockMs,
    maxStalledCount: MOST_STALLED,
    removeOnComplete: { count: 0 },
  });
  worker.on('error', () => {}); // of the connection, which comes back by itself
  worker.on('failed', (_, error) => options.onEvent?.(`failed: ${error.message}`));
  try {
    await aborted(signal);
    await worker.close();
  } finally {
    redis.disconnect();
  }
  if (!options.signal.aborted) throw own.signal.reason;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

class JobWork {
  readonly name = `${hostname()}:${process.pid}`;
  private readonly options: WorkerOptions;
  private readonly redis: Redis;
  private readonly signal: AbortSignal;
  private readonly leave: (refusal: UsageError) => void;

  constructor(
    options: WorkerOptions,
    redis: Redis,
    signal: AbortSignal,
    leave: (refusal: UsageError) => void,
  ) {
    this.options = options;
    this.redis = redis;
    this.signal = signal;
    this.leave = leave;
  }

  async process(queued: QueuedJob<object, Done>, token: string | undefined): Promise<Done> {
    const { UnrecoverableError } = await import('bullmq');
    const { version } = queued.data as Partial<Job>;
    if (version !== this.options.version)
      return this.refuse(queued, token, `found jobs of vmsplit ${version}, this is ${this.options.version}`);
    const job = readJob(queued.data, UnrecoverableError);
    const startMs = performance.now();
    const fetchedBefore = this.options.cache.fetchedBytes;
    const outcome = await this.carriedOut(job).catch((error: unknown) => {
      if (this.signal.aborted) return undefined;
      throw error;
    });
    if (outcome === undefined) return this.giveBack(queued, token);
    if (!(await this.publish(queued.id!, outcome)))
      return this.refuse(queued, token, `found other results for job ${queued.id} than another worker had`);
    const tookMs = Math.round(performance.now() - startMs);
    this.options.onEvent?.(`done: ${queued.id!.slice(0, 12)}, ${job.runs.length} points in ${tookMs} ms`);
    return {
      worker: this.name,
      workMs: tookMs,
      fetchedBytes: this.options.cache.fetchedBytes - fetchedBefore,
    };
  }

  private async carriedOut({ runs, texts, traces }: Job): Promise<Outcome> {
    const names = Object.keys(traces);
    const digests = names.map((name) => traces[name]!);
    return this.options.cache.using(digests, async (paths) => {
      const files = { texts, traces: Object.fromEntries(names.map((name, i) => [name, paths[i]!])) };
      try {
        this.signal.throwIfAborted();
        const results = await this.options.carryOut(runs, this.signal, files);
        this.signal.throwIfAborted();
        return { results };
      } catch (error) {
        if (!(error instanceof UsageError) || error instanceof ThreadMemoryError || this.signal.aborted)
          throw error;
        return { refused: error.message };
      }
    });
  }

  /** The first results of a job stand. False: these are others. */
  private async publish(number: string, outcome: Outcome): Promise<boolean> {
    const text = await outcomeToText(outcome);
    const key = resultKey(number);
    if ((await this.redis.set(key, text, 'EX', RESULT_SECONDS, 'NX')) === 'OK') return true;
    const there = await this.redis.get(key);
    return there === null || there.startsWith(exactDigest(outcome));
  }

  /** The job waits for another worker; this one tells, and goes. */
  private async refuse(
    queued: QueuedJob<object, Done>,
    token: string | undefined,
    reason: string,
  ): Promise<never> {
    const refusal: Refusal = { worker: this.name, reason };
    await this.redis.rpush(REFUSALS, JSON.stringify(refusal));
    await this.redis.expire(REFUSALS, RESULT_SECONDS);
    this.leave(
      new UsageError(`worker: ${reason}; expected the same on all machines: install the same vmsplit`),
    );
    return this.giveBack(queued, token);
  }

  /** To the queue, as if it had never been taken. */
  private async giveBack(queued: QueuedJob<object, Done>, token: string | undefined): Promise<never> {
    const { DelayedError } = await import('bullmq');
    const nowMs = performance.timeOrigin + performance.now();
    await queued.moveToDelayed(Math.ceil(nowMs) + GIVEN_BACK_MS, token);
    throw new DelayedError();
  }
}

/** Until a job that was given back is offered again: its worker is gone then. */
const GIVEN_BACK_MS = 200;

function readJob(data: object, Unrecoverable: new (message: string) => Error): Job {
  try {
    return jobFrom(data);
  } catch (error) {
    throw new Unrecoverable((error as Error).message);
  }
}
