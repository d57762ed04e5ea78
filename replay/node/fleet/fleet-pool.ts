/**
 * The workers of a fleet as a pool: what is given to it becomes a job of the queue, and comes back when some worker has done
 * it. A job is called by its content, so that one asked for twice, before or after a restart of anything, is one; its first
 * results stand in Redis under its number, and whoever asks for it finds them.
 */
import type { Queue, QueueEvents } from 'bullmq';
import type { Redis } from 'ioredis';
import { UsageError } from '../../../core/base/errors.ts';
import type { RunResult } from '../../run/carry-out.ts';
import type { RunSpec } from '../../spec/index.ts';
import { readingOnce } from '../../spec/index.ts';
import type { SweepFiles } from '../../sweep/index.ts';
import { jobFor, jobNumber, jobToJson, outcomeFrom } from './job.ts';
import { type Done, PREFIX, QUEUE, REFUSALS, type Refusal, resultKey } from './keys.ts';
import { connected, type RedisAddress } from './redis.ts';
import type { TraceStore } from './trace-store.ts';

export interface FleetOptions {
  readonly redis: RedisAddress;
  /** `versionOf` this program. */
  readonly version: string;
  readonly files: SweepFiles;
  /** Where workers find traces; undefined: the runs have none. */
  readonly traces: TraceStore | undefined;
  /** How often results are looked for that nobody told of. */
  readonly pollMs?: number;
  /** What happens, for people. */
  readonly onEvent?: (line: string) => void;
}

export interface FleetFigures {
  readonly done: number;
  /** Times that a job failed, was lost by its worker or came to other results. */
  readonly failures: number;
  readonly workers: number;
  /** Of all jobs: how long their workers were at them, and what they fetched. */
  readonly workMs: number;
  readonly fetchedBytes: number;
}

/** As RunPool of run-pool.ts. */
export interface FleetPool {
  run(spec: RunSpec, signal?: AbortSignal): Promise<RunResult>;
  pass(runs: readonly RunSpec[], signal?: AbortSignal): Promise<(RunResult | undefined)[]>;
  figures(): FleetFigures;
  /** Whether all that was given so far is in the queue. */
  isOffered(): boolean;
  /** Leaves the queue as it is. */
  close(): Promise<void>;
}

const POLL_MS = 5000;
/** Every so many looks all jobs are offered again, which changes nothing unless Redis has lost them. */
const LOOKS_AN_OFFER = 12;
/** Jobs added, results fetched, with one question. */
const AT_ONCE = 500;
/** A worker that cannot have the trace just now may later, or another one may. */
const ATTEMPTS = 5;
const BACKOFF_MS = 1000;

export async function fleetPool(options: FleetOptions): Promise<FleetPool> {
  const redis = await connected(options.redis);
  const { Queue, QueueEvents } = await import('bullmq');
  const queue = new Queue(QUEUE, { connection: redis, prefix: PREFIX });
  const events = new QueueEvents(QUEUE, { connection: redis.duplicate(), prefix: PREFIX });
  // Of connections, which come back by themselves.
  queue.on('error', () => {});
  events.on('error', () => {});
  await events.waitUntilReady();
  const fleet = new Fleet(options, redis, queue, events);
  await fleet.begin();
  return fleet;
}

interface Waiting {
  readonly nrRuns: number;
  readonly job: object;
  resolve(results: (RunResult | undefined)[]): void;
  reject(error: unknown): void;
}

class Fleet implements FleetPool {
  private readonly options: FleetOptions;
  private readonly redis: Redis;
  private readonly queue: Queue;
  private readonly events: QueueEvents;
  /** By number. */
  private readonly waiting = new Map<string, Waiting>();
  private readonly offered: string[] = [];
  private readonly told = new Set<string>();
  private readonly signals = new WeakSet<AbortSignal>();
  private readonly files: Pick<SweepFiles, 'text' | 'digest'>;
  private looks = 0;
  private readonly startMs = performance.now();
  private isFlushing = false;
  private poll: NodeJS.Timeout | undefined;
  private readonly workers = new Set<string>();
  private done = 0;
  private failures = 0;
  private workMs = 0;
  private fetchedBytes = 0;
  /** Jobs that nobody could do: told when nothing else is under way, so that the others are finished first. */
  private readonly failed = new Map<string, Error>();

  constructor(options: FleetOptions, redis: Redis, queue: Queue, events: QueueEvents) {
    this.options = options;
    this.files = { ...readingOnce(options.files), digest: once(options.files.digest) };
    this.redis = redis;
    this.queue = queue;
    this.events = events;
  }

  async begin(): Promise<void> {
    const { events, options } = this;
    events.on('completed', ({ jobId, returnvalue }) => this.hearDone(jobId, returnvalue as unknown as Done));
    events.on('failed', ({ jobId, failedReason }) => this.hearFailed(jobId, failedReason));
    events.on('stalled', ({ jobId }) => {
      if (!this.waiting.has(jobId)) return;
      this.failures++;
      options.onEvent?.(`job ${jobId.slice(0, 12)}: its worker is gone; another one takes it`);
    });
    // What failed before is tried again.
    for (const job of await this.queue.getFailed(0, -1)) await job.remove().catch(() => {});
    this.poll = setInterval(() => void this.look().catch(() => {}), options.pollMs ?? POLL_MS);
    await this.hearRefusals();
  }

  async run(spec: RunSpec, signal?: AbortSignal): Promise<RunResult> {
    return (await this.pass([spec], signal))[0]!;
  }

  async pass(runs: readonly RunSpec[], signal?: AbortSignal): Promise<(RunResult | undefined)[]> {
    signal?.throwIfAborted();
    const { traces, version } = this.options;
    const job = await jobFor(version, runs, this.files);
    for (const [path, digest] of Object.entries(job.traces)) {
      if (traces === undefined)
        throw new UsageError(
          'sweep --redis: found a trace and no --traces, expected where the workers find it',
        );
      await this.put(digest, path, traces);
    }
    const number = jobNumber(job);
    return new Promise((resolve, reject) => {
      this.waiting.set(number, { nrRuns: runs.length, job: jobToJson(job), resolve, reject });
      if (signal !== undefined) this.endWith(signal);
      this.offered.push(number);
      void this.flush();
    });
  }

  figures(): FleetFigures {
    const { done, failures, workMs, fetchedBytes, workers } = this;
    return { done, failures, workMs, fetchedBytes, workers: workers.size };
  }

  isOffered(): boolean {
    if (this.isFlushing || this.offered.length > 0) return false;
    return this.waiting.size > 0;
  }

  async close(): Promise<void> {
    clearInterval(this.poll);
    await this.events.close().catch(() => {});
    await this.queue.close().catch(() => {});
    this.redis.disconnect();
  }

  /** Whoever waits is told of the end; jobs stay in the queue, for the same command to go on with. */
  private endWith(signal: AbortSignal): void {
    if (this.signals.has(signal)) return;
    this.signals.add(signal);
    signal.addEventListener('abort', () => this.rejectAll(signal.reason), { once: true });
  }

  private rejectAll(reason: unknown): void {
    for (const { reject } of this.waiting.values()) reject(reason);
    this.waiting.clear();
  }

  private readonly putting = new Map<string, Promise<void>>();

  private put(digest: string, path: string, traces: TraceStore): Promise<void> {
    const known = this.putting.get(digest) ?? traces.put(digest, path);
    this.putting.set(digest, known);
    return known;
  }

  /** Offers what waits to be offered: results that are there already are taken instead. */
  private async flush(): Promise<void> {
    if (this.isFlushing) return;
    this.isFlushing = true;
    try {
      while (this.offered.length > 0) {
        const numbers = this.offered.splice(0, AT_ONCE);
        await this.fetch(numbers);
        await this.add(numbers.filter((number) => this.waiting.has(number)));
      }
    } catch (error) {
      this.rejectAll(error);
    } finally {
      this.isFlushing = false;
    }
  }

  private async add(numbers: readonly string[]): Promise<void> {
    const opts = {
      attempts: ATTEMPTS,
      backoff: { type: 'exponential', delay: BACKOFF_MS },
      removeOnComplete: true,
    } as const;
    await this.queue.addBulk(
      numbers.map((number) => ({
        name: 'pass',
        data: this.waiting.get(number)!.job,
        opts: { ...opts, jobId: number },
      })),
    );
  }

  private async fetch(numbers: readonly string[]): Promise<void> {
    if (numbers.length === 0) return;
    const texts = await this.redis.mget(numbers.map(resultKey));
    for (const [i, text] of texts.entries()) if (text !== null) await this.settle(numbers[i]!, text);
  }

  private async settle(number: string, text: string): Promise<void> {
    const waiting = this.waiting.get(number);
    if (waiting === undefined) return;
    this.waiting.delete(number);
    this.done++;
    try {
      const outcome = await outcomeFrom(text, waiting.nrRuns);
      if ('refused' in outcome) waiting.reject(new UsageError(outcome.refused));
      else waiting.resolve([...outcome.results]);
    } catch (error) {
      waiting.reject(error);
    }
    this.tellFailed();
  }

  private hearDone(number: string, { worker, workMs, fetchedBytes }: Done): void {
    if (!this.waiting.has(number)) return;
    this.workers.add(worker);
    this.workMs += workMs;
    this.fetchedBytes += fetchedBytes;
    this.told.add(number);
    if (this.told.size === 1) setImmediate(() => void this.fetchTold().catch(() => {}));
  }

  private async fetchTold(): Promise<void> {
    const numbers = [...this.told].slice(0, AT_ONCE);
    await this.fetch(numbers);
    for (const number of numbers) this.told.delete(number);
    if (this.told.size > 0) await this.fetchTold();
  }

  private hearFailed(number: string, reason: string): void {
    if (!this.waiting.has(number)) return;
    this.failures++;
    this.options.onEvent?.(`job ${number.slice(0, 12)} failed: ${reason}`);
    this.failed.set(number, new UsageError(`a job failed ${ATTEMPTS} times: ${reason}`));
    this.tellFailed();
  }

  private tellFailed(): void {
    if (this.failed.size === 0 || this.waiting.size > this.failed.size) return;
    for (const [number, error] of this.failed) this.waiting.get(number)?.reject(error);
  }

  /** What nobody told of: results that came while the connection was gone, jobs that Redis has lost. */
  private async look(): Promise<void> {
    await this.hearRefusals();
    const isToOffer = ++this.looks % LOOKS_AN_OFFER === 0;
    if (this.looks === 1 || isToOffer) await this.tellHow();
    const numbers = [...this.waiting.keys()].filter((number) => !this.failed.has(number));
    for (let at = 0; at < numbers.length; at += AT_ONCE) {
      const part = numbers.slice(at, at + AT_ONCE);
      await this.fetch(part);
      if (isToOffer) await this.add(part.filter((number) => this.waiting.has(number)));
    }
  }

  /** From time to time, for who waits. */
  private async tellHow(): Promise<void> {
    const { done, failures, options, waiting, workMs } = this;
    if (waiting.size === 0) return;
    const nrWorkers = await this.queue.getWorkersCount();
    if (nrWorkers === 0)
      options.onEvent?.(
        `no worker yet: run \`vmsplit worker --redis ${options.redis.shown}\` wherever there is time for it`,
      );
    else if (done > 0) {
      const rate = (1000 * done) / (performance.now() - this.startMs);
      options.onEvent?.(
        `${done} of ${done + waiting.size} jobs done, ${rate.toPrecision(2)} a second by ${nrWorkers} workers, ` +
          `${failures} failures, ${Math.round(workMs / 1000)} s of work`,
      );
    }
  }

  private async hearRefusals(): Promise<void> {
    const texts = (await this.redis.lpop(REFUSALS, AT_ONCE)) ?? [];
    for (const text of texts) {
      const { worker, reason } = JSON.parse(text) as Refusal;
      this.failures++;
      this.options.onEvent?.(`worker ${worker} was refused: ${reason}`);
    }
  }
}

/** A file is looked at once. */
function once(digest: SweepFiles['digest']): SweepFiles['digest'] {
  const known = new Map<string, Promise<string>>();
  return (path) => {
    const found = known.get(path) ?? digest(path);
    known.set(path, found);
    return found;
  };
}
