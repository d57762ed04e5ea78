/** Lanes in threads: the results, differences and errors of one thread. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { replayInThreads } from '../../../replay/node/lane-threads/threads.ts';
import { ThreadGone, waitForChange } from '../../../replay/node/lane-threads/wait.ts';
import { nodeFiles } from '../../../replay/node/run-files.ts';
import { carryOut } from '../../../replay/run/carry-out.ts';
import type { ReplayResult } from '../../../replay/run/result.ts';
import type { RunSpec } from '../../../replay/spec/index.ts';
import { atDepth, FULL } from '../../support/depth.ts';
import { LACKEY, recordedDrivers, temporaryFolder, vmsplit } from '../cli/vmsplit.ts';

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

async function importedTrue(): Promise<string> {
  const trace = join(temporaryFolder(), 'true.vmt');
  await vmsplit(`import ${LACKEY} -o ${trace}`);
  return trace;
}

/** A thread takes a second before it does anything. */
const usual = atDepth({ quick: 1, full: 2, long: Number.POSITIVE_INFINITY });

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

  it('of a trace, which each reads', async () => {
    const trace = await atDepth({ quick: () => recordedDrivers('--events 20000'), full: importedTrue })();
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

it.runIf(FULL)('an answer that a thread cannot give is an error, not silence', async () => {
  const trace = join(temporaryFolder(), 'drivers.vmt.gz');
  writeFileSync(trace, gzipSync(readFileSync(await recordedDrivers('--events 3000'))));
  const lanes = [{ layout: 'linux-3g1g' }, { layout: 'linux-3g1g', vmalloc: 2 ** 23 }];
  const spec: RunSpec = { events: { trace }, machine: {}, lanes };
  // Packed, it is not shared but read again by whoever is asked for a batch of it.
  const replayed = replayInThreads(spec, 2, { onOpened: () => rmSync(trace) });
  await expect(replayed).rejects.toThrow(`${trace}: cannot be read: no such file`);
});

describe('who waits for a thread', () => {
  const cell = () => new Int32Array(new SharedArrayBuffer(4));
  async function thread(program: string, answered: Int32Array): Promise<Worker> {
    const begin = `const { parentPort } = require('node:worker_threads');
      parentPort.once('message', (cell) => { parentPort.postMessage('begun'); setImmediate(() => { ${program} }); });`;
    const worker = new Worker(begin, { eval: true });
    onTestFinished(() => void worker.terminate());
    worker.on('error', () => {});
    worker.postMessage(answered);
    // `once` of events would fail if the error were heard of first.
    await new Promise((resolve) => worker.once('message', resolve));
    return worker;
  }

  const ends = ['process.exit(0)', 'throw new Error()'];
  it.each(ends.slice(0, usual))('hears of its end by %s', async (program) => {
    const answered = cell();
    const gone = await thread(program, answered);
    expect(() => waitForChange(answered, 0, [gone])).toThrow(ThreadGone);
  });

  it('waits for one that takes its time', async () => {
    const answered = cell();
    const busy = 'Atomics.wait(cell, 0, 0, 700); Atomics.add(cell, 0, 1); Atomics.notify(cell, 0)';
    waitForChange(answered, 0, [await thread(busy, answered)]);
    expect(answered[0]).toBe(1);
  });
});

it.runIf(FULL)('broken off, it tells how far all lanes came', async () => {
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
