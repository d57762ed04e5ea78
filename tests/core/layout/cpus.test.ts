/** Cpus that are present, those that run, and those that may come: what a boot log tells of them, and what depends on which. */
import { describe, expect, test } from 'vitest';
import { bootMachine } from '../../../core/boot/boot.ts';
import { memoryAtBoot } from '../../../core/boot/platform.ts';
import {
  buildLayout,
  kernelMappings,
  type Layout,
  type LayoutOptions,
  readMemoryReport,
  reportOptions,
} from '../../../core/layout/catalog/index.ts';
import { slabPlatform } from '../../../core/slab/geometry.ts';
import { Session, vmalloc } from '../../support/rows.ts';

describe('from a boot log', () => {
  const log = (commandLine: string, ...said: string[]): string =>
    [
      'Linux version 6.1.0',
      'BIOS-e820: [mem 0x0000000000000000-0x000000003fffffff] usable',
      `Kernel command line: quiet ${commandLine}`,
      ...said,
    ].join('\n');
  const board = (commandLine: string, ...said: string[]): string =>
    [
      'Linux version 6.1.0',
      'CPU: ARMv7 Processor [412fc0f1] revision 1 (ARMv7), cr=10c5387d',
      `Kernel command line: quiet ${commandLine}`,
      'memory@40000000 System RAM',
      ...said,
    ].join('\n');
  test.each([
    ['all of them', log('', 'smpboot: Allowing 4 CPUs, 0 hotplug CPUs', 'Brought up 4 CPUs'), [4, 4, 4]],
    ['room for more', log('', 'smpboot: Allowing 8 CPUs, 4 hotplug CPUs', 'Brought up 4 CPUs'), [4, 4, 8]],
    ['as since 6.10', log('', 'CPU topo: Allowing 4 present CPUs plus 4 hotplug CPUs'), [4, 4, 8]],
    [
      'maxcpus=1',
      log('maxcpus=1', 'smpboot: Allowing 4 CPUs, 0 hotplug CPUs', 'Brought up 1 CPUs'),
      [4, 1, 4],
    ],
    ['maxcpus=1, no line of those that came up', log('maxcpus=1', 'nr_cpu_ids:4'), [4, 1, 4]],
    ['nosmp', log('nosmp', 'smpboot: Allowing 1 CPUs, 0 hotplug CPUs'), [1, 1, 1]],
    [
      'nr_cpus=2 of 4',
      log('nr_cpus=2', 'smpboot: 4 Processors exceeds NR_CPUS limit of 2', 'nr_cpu_ids:2'),
      [2, 2, 2],
    ],
    [
      'possible_cpus=6',
      log('possible_cpus=6', 'smpboot: Allowing 6 CPUs, 4 hotplug CPUs', 'Brought up 2 CPUs'),
      [2, 2, 6],
    ],
    ['a single one', log('maxcpus=1', 'nr_cpu_ids:4', 'smp: Brought up 1 node, 1 CPU'), [4, 1, 4]],
    ['nothing of them', log(''), [1, 1, 1]],
    [
      'a board with maxcpus=2: all that may come count as present',
      board('maxcpus=2', 'nr_cpu_ids=4', 'SMP: Total of 2 processors activated'),
      [4, 2, 4],
    ],
    [
      'a board of which one did not come up',
      board('', 'nr_cpu_ids=4', 'SMP: Total of 3 processors activated'),
      [4, 3, 4],
    ],
    ['a board with nosmp', board('nosmp', 'nr_cpu_ids=4'), [4, 1, 4]],
  ])('%s', (_, text, expected) => {
    const options = reportOptions(readMemoryReport(text));
    const { cpus, onlineCpus, possibleCpus } = buildLayout('linux-x86_64', {
      ramBytes: 1n << 30n,
      ...pick(options),
    });
    expect([cpus, onlineCpus, possibleCpus]).toEqual(expected);
  });
  const pick = ({ cpus, nrCpus, onlineCpus, possibleCpus }: LayoutOptions): LayoutOptions => ({
    ...(cpus && { cpus }),
    ...(nrCpus && { nrCpus }),
    ...(onlineCpus && { onlineCpus }),
    ...(possibleCpus && { possibleCpus }),
  });
});

test('what depends on which: lists of a cpu and the purge on those that run, slabs on those present, the rest on those that may come', () => {
  const options = { ramBytes: 1n << 30n, cpus: 4, nrCpus: 8 };
  const all = buildLayout('linux-x86_64', options);
  const one = buildLayout('linux-x86_64', { ...options, onlineCpus: 1 });
  const highs = (layout: Layout): number => bootMachine(layout).platform.zones.at(-1)!.pcpHigh;
  expect(Math.floor(highs(one) / highs(all))).toBe(4);
  expect(slabPlatform(one).cpus).toBe(4);
  // A purge waits for 32 MiB of freed areas for each bit of the number of cpus that run (lazy_max_pages).
  const waiting = (layout: Layout): number => {
    const session = new Session(bootMachine(layout));
    session.given(
      { kind: 'vm_area', object: 1, size: 48 << 20, align: 0 },
      { kind: 'free_vm_area', object: 1 },
      // Here the worker that purges gets the cpu.
      vmalloc(2, 4096),
    );
    return session.machine.vmallocLazy.total();
  };
  expect([waiting(one), waiting(all) > 0]).toEqual([0, true]);
  // A single one is not trusted: calculate_order() goes by those that may come.
  expect(slabPlatform(buildLayout('linux-x86_64', { ...options, cpus: 1, possibleCpus: 8 })).cpus).toBe(8);
  const more = buildLayout('linux-x86_64', { ...options, possibleCpus: 8 });
  const areas = (layout: Layout): number => memoryAtBoot(layout, { swiotlb: {} }).pool!.areas;
  expect([areas(all), areas(more)]).toEqual([4, 8]);
  const entryAreas = (layout: Layout): number => kernelMappings(layout).length;
  expect(entryAreas(more)).toBeGreaterThan(entryAreas(all));
});

test.each([
  [{ cpus: 2, onlineCpus: 3 }, /3 cpus online; expected 1 to 2, those present/],
  [{ cpus: 2, onlineCpus: 0 }, /0 cpus online/],
  [{ cpus: 2, possibleCpus: 1 }, /1 cpus possible; expected 2, those present, to 8/],
  [{ cpus: 2, possibleCpus: 9 }, /9 cpus possible/],
])('%j is refused', (options, message) => {
  expect(() => buildLayout('linux-x86_64', options)).toThrow(message);
});
