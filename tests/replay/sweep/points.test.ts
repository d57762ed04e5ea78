/** Keys and the points of their values: which runs they are, in which order, and what cannot be. */
import { describe, expect, it } from 'vitest';
import type { RunSpec } from '../../../replay/spec/index.ts';
import { axesOf, pointsOf } from '../../../replay/sweep/points.ts';
import { settingsText } from '../../../replay/sweep/table.ts';

const BASE: RunSpec = {
  events: { workload: 'drivers', seed: 1, events: 100 },
  machine: { ram: 2 ** 30 },
  lanes: [{ layout: 'linux-3g1g' }],
};
const TRACE: RunSpec = { ...BASE, events: { trace: 'a.vmt' } };

const points = (vary: string[], base = BASE) => pointsOf(base, axesOf(base, vary));

/** The runs, or why there is none. */
const runs = (vary: string[], base = BASE) =>
  points(vary, base).map((point) => ('run' in point ? point.run : point.reason));

const lanes = (vary: string[], base = BASE) =>
  runs(vary, base).map((run) => (typeof run === 'string' ? run : run.lanes[0]));

describe('points', () => {
  it('are the product, the last key varying fastest', () => {
    expect(points(['ram=1G,2G', 'seed=1..3']).map(settingsText)).toEqual([
      'ram=1G seed=1',
      'ram=1G seed=2',
      'ram=1G seed=3',
      'ram=2G seed=1',
      'ram=2G seed=2',
      'ram=2G seed=3',
    ]);
  });

  it.each<[string[], object[]]>([
    [
      ['ram=512M,1536M'],
      [
        { layout: 'linux-3g1g', ram: 2 ** 29 },
        { layout: 'linux-3g1g', ram: 3 * 2 ** 29 },
      ],
    ],
    [['layout=linux-2g2g:swap=1G'], [{ layout: 'linux-2g2g', swap: 2 ** 30 }]],
    // The layout comes first, wherever it stands.
    [['thp=always', 'layout=linux-2g2g'], [{ layout: 'linux-2g2g', thp: 'always' }]],
    [['stack-limit=unlimited'], [{ layout: 'linux-3g1g', stackLimit: 'unlimited' }]],
    [['reclaim=on,off'], [true, false].map((reclaim) => ({ layout: 'linux-3g1g', reclaim }))],
    [['mmu=skylake+kpti=on'], [{ layout: 'linux-3g1g', mmu: 'skylake,kpti=on' }]],
    [['mmu.replacement=fifo'], [{ layout: 'linux-3g1g', mmu: 'replacement=fifo' }]],
  ])('%s: lanes', (vary, expected) => {
    expect(lanes(vary)).toEqual(expected);
  });

  it('have seeds, numbers of events and options of a workload', () => {
    const events = (vary: string[]) => runs(vary).map((run) => (run as RunSpec).events);
    expect(events(['seed=7', 'events=50', 'devices=3'])).toEqual([
      { workload: 'drivers', seed: 7, events: 50, options: { devices: 3 } },
    ]);
    // A machine has cpus too; the workload's own has a longer name.
    expect(events(['set.cpus=2'])).toEqual([
      { workload: 'drivers', seed: 1, events: 100, options: { cpus: 2 } },
    ]);
    expect(lanes(['cpus=2'])).toEqual([{ layout: 'linux-3g1g', cpus: 2 }]);
  });

  it.each<[string, string]>([
    // The default: 128 sets of 12 ways; ways stay where the size is varied, the size where the ways are.
    ['mmu.l2.entries=768', 'l2=64x12'],
    ['mmu.l2.ways=6', 'l2=256x6'],
    ['mmu.l2.sets=32', 'l2=32x12'],
    ['l2tlb.entries=1536', 'l2=128x12'],
    ['mmu.l1dtlb.ways=1', 'l1d=64x1'],
    ['mmu.pdeCache.entries=64', 'pdeCache=2x32'],
  ])('%s: --mmu %s', (vary, mmu) => {
    expect(lanes([vary])).toEqual([{ layout: 'linux-3g1g', mmu }]);
  });

  it('say two of entries, ways and sets, in any order', () => {
    const mmu = (...vary: string[]) => (lanes(vary)[0] as { mmu: string }).mmu;
    expect(mmu('mmu.l2.entries=512', 'mmu.l2.ways=4')).toBe('l2=128x4');
    expect(mmu('mmu.l2.ways=4', 'mmu.l2.entries=512')).toBe('l2=128x4');
    expect(mmu('mmu.l2.sets=64', 'mmu.l2.ways=4')).toBe('l2=64x4');
    expect(mmu('mmu.l2.sets=64', 'mmu.l2.entries=512')).toBe('l2=64x8');
    expect(mmu('mmu.l2i.entries=512', 'mmu.l2i.ways=4')).toBe('l2i=128x4');
    expect(mmu('mmu.l1d.large.entries=32', 'mmu.l1d.large.ways=4')).toBe('l1d.large=8x4');
  });

  it('keep what the machine has else', () => {
    const base: RunSpec = { ...BASE, machine: { mmu: 'i486' } };
    expect(lanes(['mmu.l1d.ways=2'], base)).toEqual([{ layout: 'linux-3g1g', mmu: 'i486,l1d=16x2' }]);
    expect(lanes(['mmu=skylake', 'mmu.l2.ways=6'], base)).toEqual([
      { layout: 'linux-3g1g', mmu: expect.stringMatching(/^skylake,l2=256x6$/) },
    ]);
  });

  it.each<[string[], RegExp]>([
    [['mmu.l2.entries=100'], /100 entries with 12 ways, which gives no whole number of sets/],
    [['mmu.l2i.entries=64'], /found no such array/],
    [['mmu.l2.entries=64', 'mmu.l2.ways=4', 'mmu.l2.sets=16'], /expected two of them/],
    [['layout=linux-3g1g:ram=1G', 'ram=2G'], /found ram with this layout already/],
    [['mmu=board.json', 'mmu.kpti=on'], /found settings in a file/],
  ])('%s: impossible', (vary, reason) => {
    expect(runs(vary)).toEqual([expect.stringMatching(reason)]);
  });

  it.each<[string, RunSpec, RegExp]>([
    ['ram', BASE, /found no KEY=VALUES/],
    ['=1', BASE, /found no KEY=VALUES/],
    ['rom=1G', BASE, /did you mean ram\?/],
    ['mmu.l3.ways=4', BASE, /did you mean mmu\.l/],
    ['mmu.kpti=maybe', BASE, /expected on or off/],
    ['mmu.l2.ways=0', BASE, /expected a whole number from 1/],
    ['ram=0', BASE, /expected a size/],
    ['ram=1G,1024M', BASE, /found 1G twice/],
    ['seed=4294967296', BASE, /expected a whole number from 0 to 4294967295/],
    ['events=0', BASE, /expected a whole number from 1/],
    ['devices=0', BASE, /out of range/],
    ['layout=linux-3gg', BASE, /did you mean linux-3g1g/],
    ['seed=1', TRACE, /which a trace cannot follow/],
    ['devices=1', TRACE, /found devices, expected one of layout/],
  ])('%s: refused', (vary, base, message) => {
    expect(() => axesOf(base, [vary])).toThrow(message);
  });

  it('at both sides of an end', () => {
    expect(lanes(['cpus=1,512'])).toHaveLength(2);
    expect(() => lanes(['cpus=0'])).toThrow(/expected a whole number from 1 to 512/);
    expect(() => lanes(['cpus=513'])).toThrow(/expected a whole number from 1 to 512/);
    expect(runs(['seed=0,4294967295'])).toHaveLength(2);
  });

  it('name a key once, and are not too many', () => {
    expect(() => axesOf(BASE, ['seed=1', 'seed=2'])).toThrow(/found seed twice/);
    expect(points(['seed=1..1000', 'devices=1..10'])).toHaveLength(10_000);
    expect(() => axesOf(BASE, ['seed=1..100000', 'devices=1,2'])).toThrow(/200000 points, expected at most/);
  });
});
