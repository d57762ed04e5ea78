/** Runs in threads: the same results and errors as in this one, and an end in the middle. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { UsageError } from '../../../core/index.ts';
import { nodeFiles } from '../../../replay/node/run-files.ts';
import { runPool } from '../../../replay/node/run-pool.ts';
import { carryOut, type RunResult } from '../../../replay/run/carry-out.ts';
import type { RunSpec } from '../../../replay/spec/index.ts';
import { atDepth } from '../../support/depth.ts';
import { recordedDrivers, temporaryFolder } from '../cli/vmsplit.ts';

const pool = await runPool(2);
afterAll(() => pool.close());

const LANES = [{ layout: 'linux-3g1g' }, { layout: 'linux-2g2g' }];

function drivers(events: number, seed = 1): RunSpec {
  return { events: { workload: 'drivers', seed, events }, machine: { ram: 2 ** 30 }, lanes: LANES };
}

/** Without what a clock has measured. */
function untimed({ elapsedMs: _, layouts, ...others }: RunResult) {
  return { ...others, layouts: layouts.map(({ eventsPerSecond: _, ...layout }) => layout) };
}

describe('a run in a thread', () => {
  it('comes to the same as in this one, differences and all', async () => {
    const runs = atDepth({ quick: [1, 2], full: [1, 2, 3] }).map((seed) => drivers(5_000, seed));
    const inThreads = await Promise.all(runs.map((run) => pool.run(run)));
    const here = await Promise.all(runs.map((run) => carryOut(run, nodeFiles)));
    expect(inThreads.map(untimed)).toEqual(here.map(untimed));
    expect(new Set(here.map(({ layouts }) => layouts[0]!.digest)).size).toBe(runs.length);
  });

  it('reads traces, packed ones too', async () => {
    const trace = await recordedDrivers('--events 5000');
    const packed = join(temporaryFolder(), 'drivers.vmt.gz');
    writeFileSync(packed, gzipSync(readFileSync(trace)));
    const digests = await Promise.all(
      [trace, packed].map(async (name) => {
        const { layouts, events } = await pool.run({ ...drivers(0), events: { trace: name } });
        return [events, layouts[0]!.digest];
      }),
    );
    const made = await carryOut(drivers(5000), nodeFiles);
    expect(digests).toEqual([1, 2].map(() => [5000, made.layouts[0]!.digest]));
  });

  it('tells what a trace lacks', async () => {
    const trace = await recordedDrivers('--events 40000');
    writeFileSync(trace, readFileSync(trace).subarray(0, 100_000));
    const run: RunSpec = { ...drivers(0), events: { trace } };
    const { lost, complete } = await pool.run(run);
    expect(complete).toBe(false);
    expect(lost).toEqual((await carryOut(run, nodeFiles)).lost);
    expect(lost!.message).toMatch(/\d/);
  });

  const refused = (run: RunSpec, by: (run: RunSpec) => Promise<unknown>): Promise<unknown> =>
    by(run).then(
      () => 'nothing',
      (error: unknown) => error,
    );

  it.each<[string, Partial<RunSpec>]>([
    ['a file that is not there', { events: { trace: 'nothing.vmt' } }],
    ['a file that is no trace', { events: { trace: 'package.json' } }],
    ['an unknown workload', { events: { workload: 'driver' } }],
    ['an unknown layout', { lanes: [{ layout: 'linux-3g2g' }] }],
    ['an option without effect', { lanes: [{ layout: 'linux-x86_64', vmalloc: 2 ** 28 }] }],
    ['an MMU that cannot be', { lanes: [{ layout: 'linux-3g1g', mmu: 'l2=3x4' }] }],
  ])('%s: the same words', async (_, part) => {
    const run = { ...drivers(1000), ...part };
    const [here, there] = [
      await refused(run, (one) => carryOut(one, nodeFiles)),
      await refused(run, (one) => pool.run(one)),
    ];
    expect(here).toBeInstanceOf(UsageError);
    expect(there).toBeInstanceOf(UsageError);
    expect((there as Error).message).toBe((here as Error).message);
    expect((there as Error).name).toBe((here as Error).name);
  });

  it('keeps what the system said of a file', async () => {
    const run: RunSpec = { ...drivers(10), lanes: [{ layout: 'nothing.json' }] };
    await expect(pool.run(run)).rejects.toMatchObject({ code: 'ENOENT', path: 'nothing.json' });
  });
});

describe('a signal', () => {
  it('ends a run in the middle; the next one finds a thread', async () => {
    const interruption = new AbortController();
    const run = pool.run(drivers(1e9), interruption.signal);
    const reason = new Error('enough');
    setTimeout(() => interruption.abort(reason), 300);
    await expect(run).rejects.toBe(reason);
    await expect(pool.run(drivers(10), interruption.signal)).rejects.toBe(reason);
    expect((await pool.run(drivers(1000))).events).toBe(1000);
  });
});
