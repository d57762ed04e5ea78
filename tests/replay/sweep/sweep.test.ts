/** Sweeps carried out: the same results however they are run, kept, broken off and gone on with. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../core/index.ts';
import { nodeFiles } from '../../../replay/node/run-files.ts';
import { runPool } from '../../../replay/node/run-pool.ts';
import { SweepFolder } from '../../../replay/node/sweep-folder.ts';
import { carryOut } from '../../../replay/run/carry-out.ts';
import { carryOutPass } from '../../../replay/run/carry-out-pass.ts';
import type { RunSpec } from '../../../replay/spec/index.ts';
import {
  DEFAULT_FIGURES,
  donePoints,
  type PlannedPoint,
  passesOf,
  planSweep,
  runSweep,
  SWEEP_FIGURES,
  type SweepPlan,
  type SweepResult,
  sweepTable,
} from '../../../replay/sweep/index.ts';
import { atDepth } from '../../support/depth.ts';
import { temporaryFolder } from '../cli/vmsplit.ts';

const BASE: RunSpec = {
  events: { workload: 'drivers', seed: 1, events: 3000 },
  machine: { ram: 2 ** 30 },
  lanes: [{ layout: 'linux-3g1g' }],
};
const VARY = ['layout=linux-3g1g,linux-x86_64', 'vmalloc=128M,256M', 'seed=1,2'];

const plan = (vary = VARY): Promise<SweepPlan> => planSweep(BASE, vary, nodeFiles);
const here = (run: RunSpec, signal?: AbortSignal) => carryOut(run, nodeFiles, signal && { signal });
const rows = (result: SweepResult) => sweepTable(result, SWEEP_FIGURES);

describe('a plan', () => {
  it('knows what cannot be, and why, before anything is run', async () => {
    const { keys, points } = await plan();
    expect(keys).toEqual(['layout', 'vmalloc', 'seed']);
    expect(points.map((point) => ('reason' in point ? point.reason : point.events))).toEqual([
      ...Array(4).fill(3000),
      ...Array(4).fill(expect.stringMatching(/vmalloc=(128|256)M has no effect/)),
    ]);
  });

  it.each<[string[], RegExp]>([
    [['mmu.l2=3x4'], /none of 1 points can be: TLB l2: 3 sets/],
    [['layout=linux-x86_64', 'vmalloc=128M,256M'], /none of 2 points can be: linux-x86_64: vmalloc=128M/],
  ])('%s: of which no point can be is refused', async (vary, message) => {
    await expect(plan(vary)).rejects.toThrow(message);
  });

  it('needs events that can be read again and again, and one machine to begin with', async () => {
    const of = (part: Partial<RunSpec>) => planSweep({ ...BASE, ...part }, ['ram=1G'], nodeFiles);
    await expect(of({ events: { trace: '-' } })).rejects.toThrow(/found - \(standard input\)/);
    await expect(of({ events: { trace: 'nothing.vmt' } })).rejects.toThrow(/no such file/);
    await expect(of({ lanes: [...BASE.lanes, { layout: 'linux-2g2g' }] })).rejects.toThrow(/found 2 layouts/);
  });
});

describe('a sweep', () => {
  it('comes to the same in this thread and in others, in the order of the plan', async () => {
    const pool = await runPool(2);
    const run = (spec: RunSpec, signal?: AbortSignal) => pool.run(spec, signal);
    try {
      const planned = await plan();
      const inThread = await runSweep(planned, { run: here });
      expect(rows(inThread).rows.map((row) => row.slice(0, 3))).toEqual([
        ['linux-3g1g', 2 ** 27, 1],
        ['linux-3g1g', 2 ** 27, 2],
        ['linux-3g1g', 2 ** 28, 1],
        ['linux-3g1g', 2 ** 28, 2],
      ]);
      for (const jobs of atDepth({ quick: [2], full: [1, 2] })) {
        const result = await runSweep(planned, { run, jobs });
        expect(rows(result)).toEqual(rows(inThread));
      }
    } finally {
      await pool.close();
    }
  });

  it('is in the order of the plan, whatever is finished first', async () => {
    const planned = await plan(['seed=1..5']);
    const delays = [50, 5, 30, 0, 10];
    const run = async (spec: RunSpec) => {
      await new Promise((resolve) => setTimeout(resolve, delays.shift()));
      return here(spec);
    };
    const { points } = await runSweep(planned, { run, jobs: 5 });
    expect(points.map(({ settings }) => settings[0]!.value)).toEqual([1, 2, 3, 4, 5]);
  });

  it('is of the same figures as a replay of each point', async () => {
    const { points } = await runSweep(await plan(['seed=3']), { run: here });
    const result = await here({ ...BASE, events: { workload: 'drivers', seed: 3, events: 3000 } });
    const [layout] = result.layouts;
    expect(rows({ keys: ['seed'], points, kept: 0 }).rows).toEqual([
      [3, ...SWEEP_FIGURES.map((figure) => figure.of(layout!)), 'exact'],
    ]);
    expect(DEFAULT_FIGURES.map((figure) => figure.of(layout!))).toEqual([
      layout!.failures,
      Object.values(layout!.faults).reduce((sum, count) => sum + count),
      layout!.tlb.walks,
      layout!.tlb.all.l1MissesPerThousand,
      layout!.tlb.all.walksPerThousand,
      layout!.pageTableBytesPeak,
      layout!.counters.lowFreeLowest * 4096,
      layout!.vmalloc.largestHoleBytes,
    ]);
  });

  it('tells machines that turn out not to boot, unless none does', async () => {
    const planned = await plan(['seed=1,2']);
    const run = (spec: RunSpec) =>
      'seed' in spec.events && spec.events.seed === 1
        ? Promise.reject(new UsageError('too small to boot'))
        : here(spec);
    const { points } = await runSweep(planned, { run });
    expect(points.map((point) => ('reason' in point ? point.reason : 'there'))).toEqual([
      'too small to boot',
      'there',
    ]);
    const none = () => Promise.reject(new UsageError('too small to boot'));
    await expect(runSweep(planned, { run: none })).rejects.toThrow(/none of 2 points can be: too small/);
  });

  it('ends with what is no fault of a point', async () => {
    const planned = await plan(['seed=1..50']);
    let asked = 0;
    const run = () => {
      asked++;
      return Promise.reject(new Error('disk on fire'));
    };
    await expect(runSweep(planned, { run, jobs: 2 })).rejects.toThrow('disk on fire');
    expect(asked).toBe(2);
  });
});

describe('what is kept', () => {
  it('has to be: a full disk ends the sweep', async () => {
    const store = {
      load: async () => undefined,
      keep: () => Promise.reject(new UsageError('no space left')),
    };
    await expect(runSweep(await plan(['seed=1,2']), { run: here, store })).rejects.toThrow('no space left');
  });

  it('is not run again, by this sweep or another one with the same points', async () => {
    const store = await SweepFolder.made(join(temporaryFolder(), 'a', 'b'));
    const first = await runSweep(await plan(['seed=1..3']), { run: here, store });
    let asked = 0;
    const run = (spec: RunSpec) => {
      asked++;
      return here(spec);
    };
    const again = await runSweep(await plan(['seed=2..4']), { run, store });
    expect([asked, again.kept, first.kept]).toEqual([1, 2, 0]);
    expect(rows(again).rows.slice(0, 2)).toEqual(rows(first).rows.slice(1));
  });

  it('survives a sweep that is broken off; the same one goes on to the same end', async () => {
    const folder = temporaryFolder();
    const store = new SweepFolder(folder);
    const planned = await plan(['seed=1..6']);
    const interruption = new AbortController();
    const reason = new Error('Ctrl-C');
    let finished = 0;
    const broken = runSweep(planned, {
      run: here,
      store,
      signal: interruption.signal,
      onPoint() {
        if (++finished === 3) interruption.abort(reason);
      },
    });
    await expect(broken).rejects.toBe(reason);
    expect(readdirSync(folder)).toHaveLength(3);
    const resumed = await runSweep(planned, { run: here, store });
    expect(resumed.kept).toBe(3);
    expect(rows(resumed)).toEqual(rows(await runSweep(planned, { run: here })));
  });

  it('of a run that was stopped in the middle is nothing', async () => {
    const folder = temporaryFolder();
    const interruption = new AbortController();
    const run = (spec: RunSpec, signal?: AbortSignal) => {
      interruption.abort(new Error('Ctrl-C'));
      return here(spec, signal);
    };
    const { signal } = interruption;
    const stopped = runSweep(await plan(['seed=1,2']), { run, store: new SweepFolder(folder), signal });
    await expect(stopped).rejects.toThrow('Ctrl-C');
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each([
    ['cut', (text: string) => text.slice(0, 100)],
    ['of another point', (text: string) => text.replace(/"hash":"..../, '"hash":"0000')],
    ['of another version', (text: string) => text.replace('"version":1', '"version":2')],
  ])('but is %s is made anew', async (_, spoil) => {
    const folder = temporaryFolder();
    const store = new SweepFolder(folder);
    const planned = await plan(['seed=1']);
    await runSweep(planned, { run: here, store });
    const file = join(folder, readdirSync(folder)[0]!);
    const whole = readFileSync(file, 'utf8');
    writeFileSync(file, spoil(whole));
    expect((await runSweep(planned, { run: here, store })).kept).toBe(0);
    expect((await runSweep(planned, { run: here, store })).kept).toBe(1);
  });

  it('of points that are the same run is one', async () => {
    let asked = 0;
    const run = (spec: RunSpec) => {
      asked++;
      return here(spec);
    };
    // The default has 12 ways.
    const planned = await plan(['mmu.l2.entries=1536', 'mmu.l2.ways=12']);
    const twice: SweepPlan = { ...planned, points: [planned.points[0]!, planned.points[0]!] };
    const result = await runSweep(twice, { run, jobs: 2 });
    expect([asked, rows(result).rows.length]).toEqual([1, 2]);
  });
});

describe('points that differ in their TLBs alone', () => {
  const VARIED = ['mmu.l2.entries=256..1024:x2', 'mmu.l2.ways=2,4', 'mmu.pcid=on,off', 'seed=1,2'];
  const pass = (runs: readonly RunSpec[], signal?: AbortSignal) =>
    carryOutPass(runs, nodeFiles, signal && { signal });

  it('share a replay, and come to the same as without', async () => {
    const planned = await plan(VARIED);
    const passes: number[] = [];
    const together = await runSweep(planned, {
      run: here,
      pass(runs) {
        passes.push(runs.length);
        return pass(runs);
      },
    });
    expect(passes).toEqual([6, 6, 6, 6]);
    expect(donePoints(together).filter(({ how }) => how === 'pass')).toHaveLength(20);
    expect(rows(together)).toEqual(rows(await runSweep(planned, { run: here })));
  });

  it('are replayed one by one where a pass cannot tell, or cannot be', async () => {
    const planned = await plan(['mmu.l2.ways=3,6,12']);
    const alone = rows(await runSweep(planned, { run: here }));
    const second = async (runs: readonly RunSpec[]) => (await pass(runs)).with(1, undefined);
    const cannot = () => Promise.reject(new UsageError('too small to boot'));
    for (const [own, replayed] of [[second, 2] as const, [cannot, 3] as const]) {
      const result = await runSweep(planned, { run: here, pass: own });
      expect(rows(result)).toEqual(alone);
      expect(donePoints(result).filter(({ how }) => how === 'replay')).toHaveLength(replayed);
    }
  });

  it('are kept one by one, with how they were found', async () => {
    const store = new SweepFolder(temporaryFolder());
    const planned = await plan(['mmu.l2.ways=3,6,12']);
    const first = await runSweep(planned, { run: here, pass, store });
    const again = await runSweep(planned, { run: here, pass, store });
    expect([again.kept, donePoints(again).map(({ how }) => how)]).toEqual([3, ['replay', 'pass', 'pass']]);
    expect(await donePoints(again)[2]!.result()).toEqual(await donePoints(first)[2]!.result());
  });

  it('of a machine that reclaims have a replay each', async () => {
    const planned = await planSweep({ ...BASE, machine: { reclaim: true } }, ['mmu.l2.ways=3,6'], nodeFiles);
    expect(passesOf(planned.points as PlannedPoint[]).map(({ length }) => length)).toEqual([1, 1]);
  });
});
