/** A fleet with a real Redis, and what one machine makes of the same sweep. */
import { afterAll, beforeEach, onTestFinished } from 'vitest';
import { type FleetPool, fleetPool } from '../../../../replay/node/fleet/fleet-pool.ts';
import { redisAddress } from '../../../../replay/node/fleet/redis.ts';
import { TraceCache } from '../../../../replay/node/fleet/trace-cache.ts';
import { traceStore } from '../../../../replay/node/fleet/trace-store.ts';
import { type WorkerOptions, workOnJobs } from '../../../../replay/node/fleet/worker.ts';
import { filesOf } from '../../../../replay/node/job-files.ts';
import { nodeFiles } from '../../../../replay/node/run-files.ts';
import { carryOut } from '../../../../replay/run/carry-out.ts';
import { carryOutPass } from '../../../../replay/run/carry-out-pass.ts';
import type { RunSpec } from '../../../../replay/spec/index.ts';
import {
  planSweep,
  runSweep,
  SWEEP_FIGURES,
  type SweepPlan,
  type SweepResult,
  sweepTable,
} from '../../../../replay/sweep/index.ts';
import { RedisServer, WITHOUT_REDIS } from '../../../support/redis-server.ts';
import { temporaryFolder } from '../../cli/vmsplit.ts';

export const VERSION = 'test/1';
export const LOCK_MS = 400;
export const BASE: RunSpec = {
  events: { workload: 'drivers', events: 300 },
  machine: { ram: 2 ** 29 },
  lanes: [{ layout: 'linux-3g1g' }],
};

export const plan = (...vary: string[]): Promise<SweepPlan> => planSweep(BASE, vary, nodeFiles);
export const rows = (result: SweepResult) => sweepTable(result, SWEEP_FIGURES).rows;

/** What one machine makes of it. */
export function local(planned: SweepPlan): Promise<SweepResult> {
  return runSweep(planned, {
    run: (run) => carryOut(run, nodeFiles),
    pass: (runs) => carryOutPass(runs, nodeFiles),
  });
}

export function asked(
  planned: SweepPlan,
  pool: FleetPool,
  more: Partial<Parameters<typeof runSweep>[1]> = {},
) {
  return runSweep(planned, {
    jobs: planned.points.length,
    run: (run, signal) => pool.run(run, signal),
    pass: (runs, signal) => pool.pass(runs, signal),
    ...more,
  });
}

/** A Redis for the tests of a describe, empty before each; a pool and workers of it. */
export async function fleetOnRedis() {
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

  return { server, address, fleet, worker };
}
