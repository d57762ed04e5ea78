/** A fleet with a real Redis: the results of one machine, whatever is killed, restarted, too old or too full. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { type FleetPool, fleetPool } from '../../../../replay/node/fleet/fleet-pool.ts';
import { jobFor, jobNumber, outcomeToText } from '../../../../replay/node/fleet/job.ts';
import { resultKey } from '../../../../replay/node/fleet/keys.ts';
import { connected, redisAddress } from '../../../../replay/node/fleet/redis.ts';
import { TraceCache } from '../../../../replay/node/fleet/trace-cache.ts';
import { traceStore } from '../../../../replay/node/fleet/trace-store.ts';
import { type WorkerOptions, workOnJobs } from '../../../../replay/node/fleet/worker.ts';
import { filesOf } from '../../../../replay/node/job-files.ts';
import { nodeFiles } from '../../../../replay/node/run-files.ts';
import { SweepFolder } from '../../../../replay/node/sweep-folder.ts';
import { carryOut } from '../../../../replay/run/carry-out.ts';
import { carryOutPass } from '../../../../replay/run/carry-out-pass.ts';
import type { RunSpec } from '../../../../replay/spec/index.ts';
import {
  donePoints,
  planSweep,
  runSweep,
  SWEEP_FIGURES,
  type SweepPlan,
  type SweepResult,
  sweepTable,
} from '../../../../replay/sweep/index.ts';
import { LONG } from '../../../support/depth.ts';
import { RedisServer, WITHOUT_REDIS } from '../../../support/redis-server.ts';
import { temporaryFolder } from '../../cli/vmsplit.ts';

const VERSION = 'test/1';
const LOCK_MS = 400;
const BASE: RunSpec = {
  events: { workload: 'drivers', events: 300 },
  machine: { ram: 2 ** 29 },
  lanes: [{ layout: 'linux-3g1g' }],
};

const plan = (...vary: string[]): Promise<SweepPlan> => planSweep(BASE, vary, nodeFiles);
const rows = (result: SweepResult) => sweepTable(result, SWEEP_FIGURES).rows;

/** What one machine makes of it. */
function local(planned: SweepPlan): Promise<SweepResult> {
  return runSweep(planned, {
    run: (run) => carryOut(run, nodeFiles),
    pass: (runs) => carryOutPass(runs, nodeFiles),
  });
}

describe.skipIf(WITHOUT_REDIS)('a fleet (needs redis-server)', async () => {
  const server = WITHOUT_REDIS
    ? undefined!
    : await RedisServer.started('--appendonly', 'yes', '--appendfsync', 'always');
  const address = WITHOUT_REDIS ? undefined! : await redisAddress({ url: server.url });
  beforeEach(() => server.flush());
  afterAll(() => server?.end());

  async function fleet(events: string[] = [], store?: string): Promise<FleetPool> {
    const traces = store === undefined ? undefined : await traceStore(store, {});
    const pool = await fleetPool({
      redis: address,
      version: VERSION,
      files: nodeFiles,
      traces,
      pollMs: 300,
      onEvent: (line) => events.push(line),
    });
    onTestFinished(() => pool.close());
    return pool;
  }

  function asked(planned: SweepPlan, pool: FleetPool, more: Partial<Parameters<typeof runSweep>[1]> = {}) {
    return runSweep(planned, {
      jobs: planned.points.length,
      run: (run, signal) => pool.run(run, signal),
      pass: (runs, signal) => pool.pass(runs, signal),
      ...more,
    });
  }

  /** A worker in this process, until the test is over; what it ended with. */
  function worker(more: Partial<WorkerOptions> = {}): {
    readonly end: Promise<unknown>;
    stop(): Promise<unknown>;
  } {
    const stopping = new AbortController();
    const end = workOnJobs({
      redis: address,
      version: VERSION,
      jobs: 2,
      cache: new TraceCache(temporaryFolder(), 2 ** 20, undefined),
      carryOut: (runs, signal, files) => carryOutPass(runs, filesOf(files), { signal }),
      lockMs: LOCK_MS,
      signal: stopping.signal,
      ...more,
    }).catch((error: unknown) => error);
    const stop = () => {
      stopping.abort();
      return end;
    };
    onTestFinished(() => void stop());
    return { end, stop };
  }

  /** One that can be killed. */
  function workerProcess(cache = temporaryFolder(), store?: string): ChildProcess {
    const loader = `--import=${new URL('../../../support/loader/register.mjs', import.meta.url)}`;
    const program = new URL('../../../support/fleet-worker.ts', import.meta.url).pathname;
    const words = [
      loader,
      program,
      server.url,
      String(LOCK_MS),
      cache,
      ...(store === undefined ? [] : [store]),
    ];
    const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    return child;
  }

  /** When it has done a job it is at the next one. */
  function killAtWork(child: ChildProcess): void {
    child.stdout!.once('data', () => setTimeout(() => child.kill('SIGKILL'), 40));
  }

  /** Every so often, with another one in its place. */
  function keepKilling(child: ChildProcess): void {
    setTimeout(
      () => {
        child.kill('SIGKILL');
        keepKilling(workerProcess());
      },
      2000 + 100 * (child.pid! % 30),
    ).unref();
  }

  it('has the results of one machine, passes and points that cannot be among them', async () => {
    const planned = await plan('mmu.l2.ways=3,6,12', 'seed=1,2', 'ram=1M,512M');
    worker();
    const result = await asked(planned, await fleet());
    expect(rows(result)).toEqual(rows(await local(planned)));
    expect(result.points.filter((point) => 'reason' in point)).toHaveLength(6);
    expect(donePoints(result).map(({ how }) => how)).toEqual([
      'replay',
      'replay',
      'pass',
      'pass',
      'pass',
      'pass',
    ]);
  });

  it('tells who waits that there is no worker', async () => {
    const events: string[] = [];
    const interruption = new AbortController();
    const asking = asked(await plan('seed=1'), await fleet(events), { signal: interruption.signal });
    await expect
      .poll(() => events.join())
      .toMatch(/^no worker yet: run `vmsplit worker --redis redis:\/\/127/);
    interruption.abort(new Error('enough'));
    await expect(asking).rejects.toThrow('enough');
  });

  it('brings traces and texts by their content, and finds them again in the cache', async () => {
    const [folder, cacheFolder] = [temporaryFolder(), temporaryFolder()];
    const base: RunSpec = {
      events: { trace: 'tests/fixtures/packed/drivers-600.vmt.zst' },
      machine: {},
      lanes: [{ layout: 'tests/fixtures/layouts/board.json' }],
    };
    const planned = await planSweep(base, ['ram=64M,128M,256M'], nodeFiles);
    const cache = new TraceCache(cacheFolder, 2 ** 20, await traceStore(folder, {}));
    worker({ cache });
    const result = await asked(planned, await fleet([], folder));
    expect(rows(result)).toEqual(rows(await local(planned)));
    expect(cache.fetchedBytes).toBe(2308);
    const without = await fleet();
    await expect(asked(planned, without)).rejects.toThrow(/found a trace and no --traces/);
  });

  it('is left by Ctrl-C as it is, and the same sweep goes on', async () => {
    const planned = await plan('seed=1..6');
    const store = new SweepFolder(temporaryFolder());
    const interruption = new AbortController();
    const reason = new Error('Ctrl-C');
    const pool = await fleet();
    const first = worker({ jobs: 1 });
    let found = 0;
    const broken = asked(planned, pool, {
      store,
      signal: interruption.signal,
      onPoint() {
        if (++found === 2) interruption.abort(reason);
      },
    });
    await expect(broken).rejects.toBe(reason);
    await first.stop();
    worker();
    const resumed = await asked(planned, await fleet(), { store });
    expect(resumed.kept).toBeGreaterThanOrEqual(2);
    expect(rows(resumed)).toEqual(rows(await local(planned)));
  });

  it('gives back what a worker was at when it was stopped', async () => {
    const planned = await plan('seed=1..3');
    let begun = () => {};
    const isAtWork = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const slow = worker({
      carryOut(_, signal) {
        begun();
        return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      },
    });
    const result = asked(planned, await fleet());
    await isAtWork;
    await slow.stop();
    worker();
    expect(rows(await result)).toEqual(rows(await local(planned)));
  });

  it('sends a worker of another version away, and tells who asked', async () => {
    const planned = await plan('seed=1,2');
    const events: string[] = [];
    const old = worker({ version: 'test/0' });
    const pool = await fleet(events);
    const result = asked(planned, pool);
    expect(await old.end).toMatchObject({
      message: expect.stringMatching(/found jobs of vmsplit test\/1, this is test\/0; expected the same/),
    });
    worker();
    expect(rows(await result)).toEqual(rows(await local(planned)));
    await expect.poll(() => events.join()).toMatch(/worker \S+ was refused: found jobs of vmsplit test\/1/);
  });

  it('lets the first results of a job stand; who comes to others is sent away', async () => {
    const run: RunSpec = { ...BASE, events: { workload: 'drivers', events: 200 } };
    const number = jobNumber(await jobFor(VERSION, [run], nodeFiles));
    const own = await carryOut(run, nodeFiles);
    const redis = await connected(address);
    onTestFinished(() => redis.disconnect());
    const events: string[] = [];
    const other = worker({
      async carryOut(runs, _, files) {
        // Meanwhile somebody else was given the job, and was faster.
        await redis.set(resultKey(number), await outcomeToText({ results: [own] }));
        const [result] = await carryOutPass(runs, filesOf(files));
        const [layout] = result!.layouts;
        return [{ ...result!, layouts: [{ ...layout!, digest: '0'.repeat(16) }] }];
      },
    });
    const pool = await fleet(events);
    const result = await pool.run(run);
    expect(result.layouts[0]!.digest).toBe(own.layouts[0]!.digest);
    expect(await other.end).toMatchObject({ message: expect.stringMatching(/other results for job/) });
    await expect.poll(() => events.join()).toMatch(/was refused: found other results/);
  });

  it('a job that is none, or names what it does not bring, harms nobody', async () => {
    const { Queue } = await import('bullmq');
    const redis = await connected(address);
    const queue = new Queue('jobs', { connection: redis, prefix: 'vmsplit' });
    onTestFinished(async () => {
      await queue.close();
      redis.disconnect();
    });
    const evil = { ...BASE, events: { trace: '/etc/passwd' } };
    await queue.add('pass', { version: VERSION, runs: 'rm -rf' });
    await queue.add('pass', {
      version: VERSION,
      runs: [evil],
      texts: {},
      traces: { '/etc/passwd': '../../etc' },
    });
    worker();
    await expect.poll(() => queue.getFailedCount()).toBe(2);
    expect((await queue.getFailed()).map(({ failedReason }) => failedReason).sort()).toEqual([
      expect.stringMatching(/^a job of the queue: found "..\/..\/etc" for \/etc\/passwd, expected 64/),
      expect.stringMatching(/^a job of the queue: found no run specifications/),
    ]);
    expect((await asked(await plan('seed=1'), await fleet())).points).toHaveLength(1);
  });

  it('goes on when Redis was killed in between: its append-only file has everything', async () => {
    const planned = await plan('seed=1..8');
    worker({
      async carryOut(runs, signal, files) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        return carryOutPass(runs, filesOf(files), { signal });
      },
    });
    let found = 0;
    let restarted: Promise<void> | undefined;
    const result = await asked(planned, await fleet(), {
      onPoint() {
        if (++found === 2) restarted = server.kill().then(() => server.start());
      },
    });
    await restarted;
    expect(rows(result)).toEqual(rows(await local(planned)));
  });

  const nrPoints = LONG ? 1000 : 12;
  it(`loses nothing when workers are killed: ${nrPoints} points`, async () => {
    const planned = await plan(`seed=1..${nrPoints}`);
    const first = workerProcess();
    const killed = once(first, 'exit');
    killAtWork(first);
    if (LONG) for (const child of [workerProcess(), workerProcess()]) keepKilling(child);
    const events: string[] = [];
    const result = asked(planned, await fleet(events));
    await killed;
    worker();
    expect(rows(await result)).toEqual(rows(await local(planned)));
    expect(events.join('\n')).toMatch(/its worker is gone; another one takes it/);
  }, 600_000);
});

it('an address is one, and a server has to be there', async () => {
  for (const url of ['localhost:6379', 'http://a', 'redis://'])
    await expect(redisAddress({ url })).rejects.toThrow(/--redis: found no address/);
  await expect(redisAddress({ url: 'redis://a/x' })).rejects.toThrow(/found database x/);
  await expect(redisAddress({ url: 'redis://a', caFile: 'ca.pem' })).rejects.toThrow(/expected rediss/);
  const { shown, options } = await redisAddress({ url: 'rediss://me:secret@host:7000/2' });
  expect(shown).toBe('rediss://me@host:7000/2');
  expect(options).toMatchObject({
    host: 'host',
    port: 7000,
    db: 2,
    username: 'me',
    password: 'secret',
    tls: {},
  });
  const nobody = redisAddress({ url: 'redis://:secret@127.0.0.1:1' });
  await expect(nobody.then(connected)).rejects.toThrow(/redis:\/\/127\.0\.0\.1:1: cannot be reached/);
});
