#!/usr/bin/env node
/**
 * A fleet simulated: workers whose work is a wait, and a real Redis. What jobs cost beside their work, what Redis does for
 * them, what the coordinator holds, and how long it takes to go on with thousands of queued points (SCALE.md).
 *
 *     node dist/bench/fleet/run.js [--points 1000] [--workers 100] [--job-ms 2000]
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Redis } from 'ioredis';
import { type FleetPool, fleetPool } from '../../replay/node/fleet/fleet-pool.ts';
import { connected, type RedisAddress, redisAddress } from '../../replay/node/fleet/redis.ts';
import { TraceCache } from '../../replay/node/fleet/trace-cache.ts';
import { workOnJobs } from '../../replay/node/fleet/worker.ts';
import { nodeFiles } from '../../replay/node/run-files.ts';
import { SweepFolder } from '../../replay/node/sweep-folder.ts';
import { carryOut, type RunResult } from '../../replay/run/carry-out.ts';
import type { RunSpec } from '../../replay/spec/index.ts';
import { planSweep, runSweep, type SweepPlan } from '../../replay/sweep/index.ts';

const { values } = parseArgs({
  options: {
    points: { type: 'string', default: '1000' },
    workers: { type: 'string', default: '100' },
    'job-ms': { type: 'string', default: '2000' },
    port: { type: 'string', default: '7799' },
  },
});
const [points, workers, jobMs] = [values.points, values.workers, values['job-ms']].map(Number) as [
  number,
  number,
  number,
];
const BASE: RunSpec = {
  events: { workload: 'drivers', events: 1000 },
  machine: { ram: 2 ** 29 },
  lanes: [{ layout: 'linux-3g1g' }],
};

const folder = mkdtempSync(join(tmpdir(), 'vmsplit-fleet-'));
async function measure(redis: RedisAddress): Promise<void> {
  const result = await carryOut(BASE, nodeFiles);
  const planned = timed('plan', await clocked(() => planSweep(BASE, [`seed=1..${points}`], nodeFiles)));
  const store = await SweepFolder.made(join(folder, 'points'));
  const asking = await connected(redis);
  await queueAndLeave(planned, redis, store);
  const before = await figuresOf(asking);
  const stopping = new AbortController();
  const ended = Array.from({ length: workers }, () => work(redis, result, stopping.signal));
  const pool = await open(redis);
  const heap = new HeapWatch();
  const took = await clocked(() => sweepOf(planned, pool, store));
  await pool.close();
  const after = await figuresOf(asking);
  const ideal = (Math.ceil(points / workers) * jobMs) / 1000;
  console.log(
    `${points} jobs of ${jobMs} ms, ${workers} workers: ${took.seconds.toFixed(1)} s, at best ${ideal.toFixed(1)} s`,
  );
  console.log(`  over that: ${(100 * (took.seconds / ideal - 1)).toFixed(1)} %`);
  console.log(
    `  a job: ${((after.commands - before.commands) / points).toFixed(0)} commands, ${((after.bytes - before.bytes) / points / 1024).toFixed(1)} KiB`,
  );
  console.log(
    `  Redis: ${(((after.cpuSeconds - before.cpuSeconds) * 1e6) / points).toFixed(0)} us of its cpu a job, ${(after.memory / 2 ** 20).toFixed(0)} MiB at the end`,
  );
  console.log(`  coordinator: heap ${heap.text()}`);
  stopping.abort();
  await Promise.all(ended);
  timed(
    'finished sweep again',
    await clocked(async () => {
      const again = await open(redis);
      await sweepOf(planned, again, store);
      await again.close();
    }),
  );
  asking.disconnect();
}

/** Everything into the queue, and Ctrl-C; then how long the same takes until all is offered again. */
async function queueAndLeave(planned: SweepPlan, redis: RedisAddress, store: SweepFolder): Promise<void> {
  for (const what of ['queue all points', 'go on with all of them queued']) {
    const { seconds } = await clocked(async () => {
      const pool = await open(redis);
      const interruption = new AbortController();
      const asked = sweepOf(planned, pool, store, interruption.signal).catch(() => {});
      while (!pool.isOffered()) await new Promise((resolve) => setTimeout(resolve, 20));
      interruption.abort(new Error('Ctrl-C'));
      await asked;
      await pool.close();
    });
    console.log(`${what}: ${seconds.toFixed(2)} s`);
  }
}

function sweepOf(planned: SweepPlan, pool: FleetPool, store: SweepFolder, signal?: AbortSignal) {
  return runSweep(planned, {
    jobs: planned.points.length,
    run: (run, stop) => pool.run(run, stop),
    pass: (runs, stop) => pool.pass(runs, stop),
    store,
    ...(signal !== undefined && { signal }),
  });
}

function open(redis: RedisAddress): Promise<FleetPool> {
  return fleetPool({ redis, version: 'bench/1', files: nodeFiles, traces: undefined });
}

function work(redis: RedisAddress, result: RunResult, signal: AbortSignal): Promise<unknown> {
  return workOnJobs({
    redis,
    version: 'bench/1',
    jobs: 1,
    cache: new TraceCache(join(folder, 'cache'), 1, undefined),
    async carryOut(runs) {
      await new Promise((resolve) => setTimeout(resolve, jobMs));
      return runs.map(() => result);
    },
    lockMs: 30_000,
    signal,
  });
}

async function figuresOf(redis: Redis) {
  const info = await redis.info();
  const of = (name: string) => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)![1]);
  return {
    commands: of('total_commands_processed'),
    bytes: of('total_net_input_bytes') + of('total_net_output_bytes'),
    memory: of('used_memory'),
    cpuSeconds: of('used_cpu_user') + of('used_cpu_sys'),
  };
}

/** Of this process, workers included, which hold nothing. */
class HeapWatch {
  private readonly seen: number[] = [];
  private readonly timer = setInterval(() => this.seen.push(process.memoryUsage().heapUsed), 200);

  text(): string {
    clearInterval(this.timer);
    const quarters = [0, 1, 2, 3].map((i) => {
      const part = this.seen.slice((i * this.seen.length) / 4, ((i + 1) * this.seen.length) / 4);
      return `${(Math.min(...part) / 2 ** 20).toFixed(0)}`;
    });
    return `at least ${quarters.join(', ')} MiB in each quarter of the time`;
  }
}

async function clocked<T>(work: () => Promise<T>): Promise<{ readonly value: T; readonly seconds: number }> {
  const startMs = performance.now();
  const value = await work();
  return { value, seconds: (performance.now() - startMs) / 1000 };
}

function timed<T>(what: string, { value, seconds }: { readonly value: T; readonly seconds: number }): T {
  console.log(`${what}: ${seconds.toFixed(2)} s`);
  return value;
}

const own = ['--port', values.port, '--dir', folder, '--save', '', '--appendonly', 'yes'];
const server = spawn('redis-server', own, { stdio: ['ignore', 'pipe', 'inherit'] });
for await (const line of server.stdout) if (/Ready to accept/.test(String(line))) break;
server.stdout.resume();
try {
  await measure(await redisAddress({ url: `redis://127.0.0.1:${values.port}` }));
} finally {
  server.kill();
  rmSync(folder, { recursive: true });
}
