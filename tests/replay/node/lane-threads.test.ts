/** Lanes in threads: the results, differences and errors of one thread. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { replayInThreads } from '../../../replay/node/lane-threads/threads.ts';
import { nodeFiles } from '../../../replay/node/run-files.ts';
import { carryOut } from '../../../replay/run/carry-out.ts';
import type { ReplayResult } from '../../../replay/run/result.ts';
import type { RunSpec } from '../../../replay/spec/index.ts';
import { temporaryFolder, vmsplit } from '../cli/vmsplit.ts';

const lanesOf = (...layouts: string[]): RunSpec['lanes'] => layouts.map((layout) => ({ layout }));
const run = (workload: string, events: number, ...layouts: string[]): RunSpec => ({
  events: { workload, events },
  machine: { ram: 2 ** 29 },
  lanes: lanesOf(...layouts),
});

function exact({ events, layouts, differences, complete }: ReplayResult): unknown {
  return JSON.parse(
    JSON.stringify({ events, layouts, differences, complete }, (key, value: unknown) =>
      key === 'eventsPerSecond' ? undefined : value,
    ),
  );
}

/** A thread takes a second before it does anything. */
const usual = process.env.VMSPLIT_SLOW ? Number.POSITIVE_INFINITY : 2;

describe('the same as in one thread', () => {
  const runs: [string, RunSpec, number][] = [
    ['differences that follow each other', run('drivers', 30_000, 'linux-3g1g', 'linux-x86_64'), 2],
    ['three lanes in two threads', run('prefork', 6000, 'linux-3g1g', '3g1g', 'ia64-4k'), 2],
    ['a thread for each', { ...run('netrx', 8000, '3g1g', '2g2g', 'linux-arm-3g1g'), batchSize: 700 }, 3],
    [
      'sorts that are not asked for',
      { ...run('drivers', 9000, 'linux-3g1g', '1g3g'), firstDifferences: 1 },
      2,
    ],
    [
      'kernel objects of two sizes',
      {
        ...run('netrx', 4000),
        lanes: [{ layout: 'linux-x86_64' }, { layout: 'linux-x86_64', scaleKernelObjects: 32 }],
      },
      2,
    ],
  ];
  it.each(runs.slice(0, usual))('%s', async (_, spec, threads) => {
    const { result, name, lost } = await replayInThreads(spec, threads);
    const own = await carryOut(spec, nodeFiles);
    expect(exact(result)).toEqual(exact(own));
    expect([name, lost]).toEqual([own.trace, own.lost]);
  });

  it('of a trace, whose bytes they share', async () => {
    const trace = join(temporaryFolder(), 'true.vmt');
    await vmsplit(`import tests/fixtures/lackey/true.lackey.gz -o ${trace}`);
    const spec: RunSpec = {
      events: { trace },
      machine: {},
      lanes: lanesOf('linux-3g1g', 'linux-2g2g', 'vax-vms'),
    };
    const progress: number[] = [];
    const { result } = await replayInThreads(spec, 2, { onProgress: ({ events }) => progress.push(events) });
    expect(exact(result)).toEqual(exact(await carryOut(spec, nodeFiles)));
    expect(progress.at(-1)).toBe(result.events);
  });
});

it('errors are those of one thread, the first lane’s first', async () => {
  const spec: RunSpec = {
    ...run('drivers', 100),
    lanes: [
      { layout: 'linux-3g1g', ram: 2 ** 20 },
      { layout: 'linux-2g2g', ram: 2 ** 21 },
    ],
  };
  const messages = await Promise.all(
    [replayInThreads(spec, 2), carryOut(spec, nodeFiles)].map((one) =>
      one.then(
        () => 'none',
        (error: Error) => `${error.name}: ${error.message}`,
      ),
    ),
  );
  expect(messages[0]).toBe(messages[1]);
  expect(messages[0]).not.toBe('none');
});

it('broken off, it tells how far all lanes came', async () => {
  const interruption = new AbortController();
  const spec = { ...run('drivers', 3_000_000, 'linux-3g1g', 'linux-2g2g'), batchSize: 2000 };
  const { result } = await replayInThreads(spec, 2, {
    signal: interruption.signal,
    onProgress: () => interruption.abort(),
  });
  expect(result).toMatchObject({ complete: false });
  expect(result.events).toBeLessThan(3_000_000);
  expect(result.layouts.map(({ events }) => events)).toEqual([result.events, result.events]);
});
