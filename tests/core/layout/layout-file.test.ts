/** Layouts from JSON files: what comes out goes in again, and what follows from a file. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bootMachine } from '../../../core/boot/boot.ts';
import { checkMachine } from '../../../core/check/invariants.ts';
import { kernelNamed } from '../../../core/kernel/linux.ts';
import {
  buildCustomLayout,
  buildLayout,
  exportLayout,
  type Layout,
  type LayoutOptions,
  layoutNames,
  parseLayoutFile,
} from '../../../core/layout/catalog/index.ts';
import { WORKLOADS } from '../../../workloads/index.ts';
import { anyLayout } from '../../generators/any-layout.ts';
import { atDepth, FULL } from '../../support/depth.ts';
import { DISTINCT_LAYOUTS } from '../../support/distinct-layouts.ts';
import { replay } from '../../support/laws.ts';
import { BOARD, SEGMENTS } from './board.ts';

const MIB = 1n << 20n;

const board = (options: LayoutOptions = {}) =>
  buildCustomLayout(parseLayoutFile(BOARD, 'board.json'), options);

function again(layout: Layout): Layout {
  const { cpus, nrCpus } = layout;
  const text = JSON.stringify(exportLayout(layout));
  return buildCustomLayout(parseLayoutFile(text, 'exported.json'), { cpus, nrCpus });
}

test('how a kernel was built goes into a file and comes out of it', () => {
  const build = { thp: true, memcg: true, maxOrder: 12, structPageBytes: 36, dmaZoneBytes: 256n * MIB };
  const layout = buildLayout('linux-arm-3g1g-lpae', { build });
  expect(again(layout).build).toEqual({ ...layout.build });
});

test('the example: what it says, and what follows from the RAM', () => {
  const layout = board({ ramBytes: 1024n * MIB });
  expect(layout.name).toBe('board');
  expect(
    layout.regions.map(({ kind, start, end }) => `${kind} ${start.toString(16)} ${end.toString(16)}`),
  ).toEqual([
    'user 0 a0000000',
    'direct a0000000 e0000000',
    'vmalloc e0800000 fdffe000',
    'pkmap fe000000 fe400000',
    'fixmap fff00000 ffffe000',
  ]);
  expect(layout.zones.map(({ name }) => name)).toEqual(['DMA', 'Normal']);
  const large = board({ ramBytes: 2048n * MIB });
  expect(large.zones.map(({ name }) => name)).toEqual(['DMA', 'Normal', 'HighMem']);
  expect(large.highMemory).toBe(0xe0800000n);
});

describe('RAM that a file has no place for is not used', () => {
  const pagesOf = (
    changes: (file: Record<string, Record<string, unknown>>) => void,
    options: LayoutOptions,
  ) => {
    const file = JSON.parse(BOARD);
    changes(file);
    const { maxLowPfn, maxPfn, zones } = buildCustomLayout(
      parseLayoutFile(JSON.stringify(file), 'f'),
      options,
    );
    const mib = (pfn: number): number => pfn / 256;
    return { low: mib(maxLowPfn), all: mib(maxPfn), zones: zones.map(({ name }) => name) };
  };

  test('without a kmap window: what the direct map has no room for', () => {
    const changes = (file: Record<string, Record<string, unknown>>): void => {
      delete file.kernel!.pkmap;
      file.kernel!.directMapBytes = '512M';
    };
    expect(pagesOf(changes, { ramBytes: 1024n * MIB })).toEqual({
      low: 512,
      all: 512,
      zones: ['DMA', 'Normal'],
    });
  });

  test('the direct map is no larger than it says, wherever low memory may end', () => {
    const changes = ({ kernel }: Record<string, Record<string, unknown>>): void => {
      kernel!.directMapBytes = '256M';
      kernel!.lowMemoryEnd = '512M';
    };
    expect(pagesOf(changes, { ramBytes: 1024n * MIB })).toMatchObject({ low: 256, all: 1024 });
  });

  test('entries of 4 bytes: what lies above 4 GiB', () => {
    const memoryMap = [
      { start: 0n, end: 512n * MIB },
      { start: 4096n * MIB, end: 5120n * MIB },
    ];
    expect(pagesOf(() => {}, { memoryMap })).toMatchObject({ low: 512, all: 512 });
  });
});

test('what a file need not say', () => {
  const file = JSON.parse(BOARD);
  delete file.user.mmapBase;
  const { mmapBase, stackTop, segments } = buildCustomLayout(
    parseLayoutFile(JSON.stringify({ ...file, segments: SEGMENTS }), 'board.json'),
  );
  expect(mmapBase).toBe((stackTop / 8n) * 7n);
  expect(segments!.map(({ name, privilege }) => [name, privilege])).toEqual([
    ['user code', 3],
    ['user data', 3],
    ['kernel code', 0],
    ['kernel data', 0],
  ]);
});

test.each(WORKLOADS)('the example runs $name, and the machine stays whole', (workload) => {
  const boot = bootMachine(board({ ramBytes: 128n * MIB, cpus: 2 }));
  expect(checkMachine(boot)).toEqual([]);
  expect(
    checkMachine(
      replay(boot, [...workload.generate(1, {}, atDepth({ quick: 2000, full: 5000 }))], 1000).machine,
    ),
  ).toEqual([]);
});

describe('import undoes export', () => {
  test('the same layout again, with any RAM and options', () => {
    fc.assert(
      fc.property(anyLayout, (layout) => void expect(again(layout)).toEqual(layout)),
      { numRuns: atDepth({ quick: 67, full: 200 }) },
    );
  });

  test.each(FULL ? layoutNames() : DISTINCT_LAYOUTS)('and the same outcomes: $name', ({ name }) => {
    const layout = buildLayout(name, { ramBytes: 256n * MIB, cpus: 2 });
    const batches = [...WORKLOADS[0]!.generate(7, {}, atDepth({ quick: 1000, full: 4000 }))];
    const digest = (layout: Layout) => replay(bootMachine(layout), batches, 1000).outcomes;
    expect(digest(again(layout))).toBe(digest(layout));
  });
});

describe('a file can do what the layout that it was made of can', () => {
  const MIB = 1n << 20n;
  const NAMES = [
    'linux-3g1g',
    'linux-3g1g-pae',
    'linux-2g2g',
    'linux-2g2g-opt',
    'linux-1g3g',
    'linux-3g1g-nohighmem',
  ];
  const OPTIONS: readonly LayoutOptions[] = [
    {},
    { ramBytes: 64n * MIB },
    { ramBytes: 4096n * MIB },
    { ramBytes: 2048n * MIB, vmallocBytes: 256n * MIB },
    { ramBytes: 1024n * MIB, highmemBytes: 512n * MIB },
    { ramBytes: 3072n * MIB, vmallocBytes: 64n * MIB, highmemBytes: 256n * MIB },
    {
      memoryMap: [
        { start: 0n, end: 0x9f000n },
        { start: MIB, end: 300n * MIB },
        { start: 512n * MIB, end: 900n * MIB },
      ],
    },
    { ramBytes: 2048n * MIB, kernel: kernelNamed('2.6.34') },
  ];

  test.each(NAMES)(
    '%s: any RAM, vmalloc=, highmem=, banks, kernels that put their windows there too',
    (name) => {
      const text = JSON.stringify(exportLayout(buildLayout(name)));
      for (const options of OPTIONS) {
        const ours = buildCustomLayout(parseLayoutFile(text, 'exported.json'), options);
        const theirs = buildLayout(name, options);
        const { kernel } = options;
        const windows = ({ maxMem, maxLowPfn, maxPfn, vmalloc, zones, ram, highMemory }: Layout) => ({
          ...{ maxLowPfn, maxPfn, zones, ram, highMemory, vmalloc: vmalloc.start, maxMem },
        });
        if (kernel === undefined) expect({ ...ours, title: '' }).toEqual({ ...theirs, title: '' });
        // The windows at the top are those of the kernel that the file was made of.
        else expect(windows(ours).ram).toEqual(windows(theirs).ram);
      }
    },
  );

  test('RAM: what is asked for wins over the file, and there a map over an amount', () => {
    const file = { ...JSON.parse(BOARD), ram: '256M' };
    const ramOfFile = (fields: object, options: LayoutOptions = {}): bigint =>
      buildCustomLayout(parseLayoutFile(JSON.stringify(fields), 'board.json'), options).ramBytes;
    const map = { memoryMap: [{ start: 0, end: '300M' }] };
    expect(ramOfFile(file)).toBe(256n * MIB);
    expect(ramOfFile({ ...file, ...map })).toBe(300n * MIB);
    expect(ramOfFile({ ...file, ...map }, { ramBytes: 400n * MIB })).toBe(400n * MIB);
    expect(ramOfFile(file, { ramBytes: 1n, memoryMap: [{ start: 0n, end: 500n * MIB }] })).toBe(500n * MIB);
  });

  test('a reserve without a start: vmalloc begins above low memory, and vmalloc= moves it', () => {
    const fields = JSON.parse(BOARD);
    fields.kernel.vmalloc = { end: '0xfdffe000', reserve: '128M' };
    const built = (options: LayoutOptions) =>
      buildCustomLayout(parseLayoutFile(JSON.stringify(fields), 'board.json'), options);
    const usual = built({ ramBytes: 2048n * MIB });
    const larger = built({ ramBytes: 2048n * MIB, vmallocBytes: 256n * MIB });
    expect(usual.maxMem - larger.maxMem).toBe(128n * MIB);
    expect(larger.vmalloc.start).toBeLessThan(usual.vmalloc.start);
    expect(() => built({ vmallocBytes: 4096n * MIB })).toThrow(/leaves no room for the direct map/);
  });
});

test('a version of Linux by name, out and in again', () => {
  const layout = buildLayout('linux-3g1g', { kernel: kernelNamed('5.15') });
  const file = JSON.stringify(exportLayout(layout));
  expect(JSON.parse(file)).toMatchObject({ kernelVersion: '5.15', arch: 'x86-32' });
  expect(buildCustomLayout(parseLayoutFile(file, 'f.json')).kernel).toBe(layout.kernel);
  expect(() => parseLayoutFile(file.replace('5.15"', '9.9"'), 'f.json')).toThrow(
    /kernelVersion: found "9.9", expected a version of Linux/,
  );
});
