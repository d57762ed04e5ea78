/** Memory for contiguous buffers (CMA): where it lies, who gets its pages, and in which order. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bootMachine } from '../../../core/boot/boot.ts';
import { memoryAtBoot } from '../../../core/boot/platform.ts';
import { checkMachine } from '../../../core/check/invariants.ts';
import { __GFP_MOVABLE, GFP_ATOMIC, GFP_KERNEL } from '../../../core/event/gfp.ts';
import { linuxKernel } from '../../../core/kernel/linux.ts';
import { parseVersion } from '../../../core/kernel/version.ts';
import { buildLayout } from '../../../core/layout/catalog/index.ts';
import { countFrames } from '../../../core/layout/page-frames.ts';
import { Draft } from '../../../core/machine/draft.ts';
import type { Machine } from '../../../core/machine/machine.ts';
import type { MachineOptions } from '../../../core/machine/options.ts';
import { COUNTER } from '../../../core/outcome/counters.ts';
import { STATUSES } from '../../../core/outcome/outcome.ts';
import { takeContiguous } from '../../../core/phys/contiguous.ts';
import { FRAME, USE_PAGES } from '../../../core/phys/frames.ts';
import { freeCmaPagesOf, freePagesOf, headOf } from '../../../core/phys/free-lists.ts';
import { MIGRATE_CMA, pageblockType } from '../../../core/phys/migrate.ts';
import { allocPages, freePages } from '../../../core/phys/page-alloc.ts';
import { pcpCount } from '../../../core/phys/pcp-lists.ts';
import { armLayoutName, armMachines, armOptions } from '../../captures/arm-machines.ts';
import { coherent, device, HIGH, machineOf, PAGE, pages, Session, type Step } from '../../support/rows.ts';

const bytesOf = (mib: number): bigint => BigInt(mib) << 20n;
const areasOf = ({ cma }: Pick<Machine['platform'], 'cma'>): string[] =>
  cma!.areas.map(({ start, end }) => `0x${start.toString(16)}..0x${end.toString(16)}`);
const freeCma = ({ machine }: Session): number =>
  machine.platform.zones.reduce((sum, { index }) => sum + freeCmaPagesOf(machine, index), 0);
const isCma = ({ machine }: Session, pfn: number): boolean =>
  machine.pageblocks.get(pfn >>> machine.platform.pageblockOrder, 0) === MIGRATE_CMA;
const listOf = (machine: Machine, zone: number, order: number): number[] => {
  const list: number[] = [];
  let at = headOf(machine, zone, order, MIGRATE_CMA);
  for (; at >= 0; at = machine.frames.get(at, FRAME.next) - 1) list.push(at);
  return list;
};

describe('where it lies', () => {
  test.each([
    // A board without high memory in use: the top of RAM, and the memory map below it.
    ['linux-arm-3g1g', 512, '6.1', { bytes: bytesOf(64) }, '0x5c000..0x60000'],
    // RAM that does not end with a pageblock: below its last one.
    ['linux-arm-3g1g', 511, '6.1', { bytes: bytesOf(16) }, '0x5ec00..0x5fc00'],
    // With high memory: the top of that.
    ['linux-arm-3g1g', 1024, '6.1', { bytes: bytesOf(64) }, '0x7c000..0x80000'],
    // Pages that phys_addr_t loses at 4 GiB are below no multiple of a pageblock.
    ['linux-arm-3g1g', 3072, '6.1', { bytes: bytesOf(16) }, '0xfec00..0xffc00'],
    // With RAM above 4 GiB 6.1 forgets the place in high memory, and takes another one in low memory; 6.3 does not.
    ['linux-arm-3g1g-lpae', 4096, '6.1', { bytes: bytesOf(16) }, '0x6f000..0x70000'],
    ['linux-arm-3g1g-lpae', 4096, '6.3', { bytes: bytesOf(16) }, '0xfec00..0xffc00'],
    ['linux-arm-3g1g-lpae', 4096, '5.10', { bytes: bytesOf(16) }, '0xfec00..0xffc00'],
    // Without room for high memory and with another split.
    ['linux-arm-3g1g-nohighmem', 1024, '6.1', { bytes: bytesOf(16) }, '0x6f000..0x70000'],
    ['linux-arm-2g2g', 1024, '6.1', { bytes: bytesOf(16) }, '0x7f000..0x80000'],
    // A base that fits, one that is not aligned, and a limit.
    ['linux-arm-3g1g', 512, '6.1', { bytes: bytesOf(16), base: 0x50000000n }, '0x50000..0x51000'],
    ['linux-arm-3g1g', 512, '6.1', { bytes: bytesOf(16), base: 0x50100000n }, '0x50400..0x51400'],
    ['linux-arm-3g1g', 512, '6.1', { bytes: bytesOf(16), limit: 0x48000000n }, '0x47000..0x48000'],
    // Sizes are whole pageblocks.
    ['linux-arm-3g1g', 512, '6.1', { bytes: bytesOf(17) }, '0x5ec00..0x60000'],
    // arm64: below the tables of the direct map and the memory map, in pageblocks of 2 MiB.
    ['linux-arm64-48', 1024, '6.1', { bytes: bytesOf(62) }, '0x7ae00..0x7ec00'],
    ['linux-arm64-48', 2048, '6.1', { bytes: bytesOf(64) }, '0xb9a00..0xbda00'],
    // Tables and map lie above 4 GiB then, and nothing at the top of the zone.
    ['linux-arm64-48', 4096, '6.1', { bytes: bytesOf(64) }, '0xfc000..0x100000'],
    // Before 5.19 in blocks of the largest order, from 7.0 on above the memory map, up to 5.10 above the tables too.
    ['linux-arm64-48', 1024, '5.15', { bytes: bytesOf(62) }, '0x7ac00..0x7ec00'],
    ['linux-arm64-48', 1024, '7.0', { bytes: bytesOf(62) }, '0x7be00..0x7fc00'],
    ['linux-arm64-48', 1024, '5.10', { bytes: bytesOf(62) }, '0x7c000..0x80000'],
    ['linux-x86_64', 1024, '6.1', { bytes: bytesOf(16) }, '0x3ee00..0x3fe00'],
  ] as const)('%s with %i MiB, Linux %s: %o', (name, mib, version, cma, area) => {
    const kernel = linuxKernel(parseVersion(version)!);
    const layout = buildLayout(name, { ramBytes: bytesOf(mib), kernel });
    expect(areasOf(memoryAtBoot(layout, { cma }))).toEqual([area]);
  });

  test('what 6.1 forgets nobody gets', () => {
    const layout = buildLayout('linux-arm-3g1g-lpae', { ramBytes: bytesOf(4096) });
    const high = (options: MachineOptions): number => {
      const { free, cma } = memoryAtBoot(layout, options);
      return countFrames([...free, ...(cma?.areas ?? [])], layout.highstartPfn!, layout.maxPfn);
    };
    expect(high({ cma: { bytes: bytesOf(16) } })).toBe(high({}) - 4096);
  });

  test('cma=0 is a kernel with CMA and without memory for it', () => {
    const { platform } = machineOf('linux-arm-3g1g', 128, {}, { cma: { bytes: 0n } });
    expect(platform.cma).toEqual({ areas: [], lost: [] });
  });

  test('more than there is room for, and a processor that has none', () => {
    const boot = (name: string, mib: number, cma: bigint) => () =>
      machineOf(name, mib, {}, { cma: { bytes: cma } });
    expect(boot('linux-arm-3g1g', 128, bytesOf(128))).toThrow(
      /cma=128 MiB finds no free memory of that size in a row below 0x48000000; expected less, or more RAM/,
    );
    expect(boot('ia64-4k', 128, bytesOf(16))).toThrow(
      /found cma=, which kernels for this processor do not have/,
    );
  });

  test('places that a kernel told of: whole pageblocks of RAM in one zone', () => {
    const layout = buildLayout('linux-arm-3g1g', { ramBytes: bytesOf(1024) });
    const at = (start: bigint, end: bigint): string[] =>
      areasOf(memoryAtBoot(layout, { cma: { areas: [{ start, end }] } }));
    expect(at(0x78000000n, 0x7c000000n)).toEqual(['0x78000..0x7c000']);
    expect(at(0x78100000n, 0x7c000000n)).toEqual(['0x78400..0x7c000']);
    expect(at(0x6f000000n, 0x71000000n)).toEqual([]);
    expect(at(0x90000000n, 0x94000000n)).toEqual([]);
  });
});

const bootOf = (cma: number, layout = 'linux-arm-3g1g', mib = 128): Machine =>
  machineOf(layout, mib, {}, { cma: { bytes: bytesOf(cma) } });
const small = (...machine: Parameters<typeof bootOf>): Session => new Session(bootOf(...machine));

/** The allocator itself, for tests that take all there is. */
function draftOf(machine: Machine): Draft {
  const draft = new Draft(machine);
  draft.onCpu(0);
  return draft;
}

/** Takes blocks until there are none; those that came from CMA, and why there are no more. */
function exhaust(draft: Draft, order: number, gfp: number) {
  const taken: number[] = [];
  for (;;) {
    const pfn = allocPages(draft, order, gfp, USE_PAGES, 1);
    if (pfn < 0)
      return { taken, cma: taken.filter((one) => inCma(draft, one)).length, status: STATUSES[-pfn]!.name };
    taken.push(pfn);
  }
}

const inCma = (draft: Draft, pfn: number): boolean => pageblockType(draft, pfn) === MIGRATE_CMA;

const MOVABLE = GFP_KERNEL | __GFP_MOVABLE;

describe('who gets it', () => {
  test.each([
    ['GFP_KERNEL', GFP_KERNEL],
    ['GFP_ATOMIC', GFP_ATOMIC],
    ['with high memory', HIGH],
  ])('%s: nobody, and all of it is free when the request is refused', (_, gfp) => {
    const draft = draftOf(bootOf(32));
    const before = freeCmaPagesOf(draft, 0);
    expect(before).toBe(32 * 256 - 64);
    expect(exhaust(draft, 0, gfp)).toMatchObject({ cma: 0, status: 'cma-only' });
    expect(freeCmaPagesOf(draft, 0)).toBe(before);
  });

  test('down to the mark that a zone without CMA is left with', () => {
    const above = (draft: Draft): number => {
      exhaust(draft, 0, GFP_KERNEL);
      return freePagesOf(draft, 0) - freeCmaPagesOf(draft, 0) - draft.platform.zones[0]!.min;
    };
    expect(above(draftOf(bootOf(32)))).toBe(above(draftOf(machineOf('linux-arm-3g1g', 128))));
  });

  test('what can be moved gets all of it', () => {
    const draft = draftOf(bootOf(32));
    const { cma, status } = exhaust(draft, 0, MOVABLE);
    expect(status).toBe('out-of-memory');
    expect(freeCmaPagesOf(draft, 0)).toBeLessThan(draft.platform.zones[0]!.pcpBatch);
    expect(cma).toBe(32 * 256 - 64 - freeCmaPagesOf(draft, 0));
    expect(checkMachine(draft.seal(false).machine)).toEqual([]);
  });

  test('freed pages come back as CMA', () => {
    const session = small(96, 'linux-arm-3g1g', 192);
    const all = freeCma(session);
    const taken = session.do(pages(1, 4, MOVABLE));
    expect([isCma(session, taken.pfn), freeCma(session)]).toEqual([true, all - 16]);
    session.given({ kind: 'page_free', object: 1 });
    expect(freeCma(session)).toBe(all);
  });
});

describe('in which order', () => {
  /** Blocks of order 4 go straight to the buddy allocator: at each, whether CMA was more than half of what was free. */
  const balance = (draft: Draft, blocks: number) =>
    Array.from({ length: blocks }, () => {
      const [free, cma] = [freePagesOf(draft, 0), freeCmaPagesOf(draft, 0)];
      const pfn = allocPages(draft, 4, MOVABLE, USE_PAGES, 1);
      return { fromCma: inCma(draft, pfn), isMoreThanHalf: cma > free / 2 };
    });

  test('a movable block is from CMA exactly while more than half of what is free is CMA: then one and one', () => {
    const steps = balance(draftOf(bootOf(40)), 1200);
    expect(steps.every(({ fromCma, isMoreThanHalf }) => fromCma === isMoreThanHalf)).toBe(true);
    const first = steps.findIndex(({ fromCma }) => fromCma);
    expect(first).toBeGreaterThan(100);
    const after = steps.slice(first, first + 100).map(({ fromCma }) => fromCma);
    expect(after).toEqual(after.map((_, i) => i % 2 === 0));
  });

  test('before 5.8 it is the last resort', () => {
    const kernel = linuxKernel(parseVersion('5.4')!);
    const machine = machineOf('linux-arm-3g1g', 128, { kernel }, { cma: { bytes: bytesOf(40) } });
    const steps = balance(draftOf(machine), 1300);
    const first = steps.findIndex(({ fromCma }) => fromCma);
    expect(first).toBeGreaterThan(steps.findIndex(({ isMoreThanHalf }) => isMoreThanHalf) + 100);
  });

  test('where the movable lists are empty CMA comes before blocks of other types', () => {
    const draft = draftOf(bootOf(16));
    const { taken } = exhaust(draft, 10, GFP_KERNEL);
    // Their pageblocks are unmovable from now on.
    for (const pfn of taken) freePages(draft, pfn);
    const before = draft.counters[COUNTER.migrateTypeFallbacks]!;
    while (freeCmaPagesOf(draft, 0) >= 32) allocPages(draft, 0, MOVABLE, USE_PAGES, 1);
    expect(draft.counters[COUNTER.migrateTypeFallbacks]).toBe(before);
  });

  test('a batch for a cpu’s lists takes CMA until that is half of what was free when it began', () => {
    const draft = draftOf(bootOf(64));
    const share = (): number => freeCmaPagesOf(draft, 0) - Math.floor(freePagesOf(draft, 0) / 2);
    const batch = draft.platform.zones[0]!.pcpBatch;
    let pieces = 0;
    // As long as there are movable blocks beside CMA.
    for (let before = share(); freeCmaPagesOf(draft, 0) > 8192; before = share()) {
      const cma = freeCmaPagesOf(draft, 0);
      allocPages(draft, 0, MOVABLE, USE_PAGES, 1);
      drainless(draft);
      const taken = cma - freeCmaPagesOf(draft, 0);
      expect(taken).toBe(Math.min(Math.max(before, 0), batch));
      if (taken > 0 && taken < batch) pieces++;
    }
    expect(pieces).toBeGreaterThan(0);
  });

  /** Uses up what a refill put on the cpu's lists, so that the next page is a batch of its own. */
  function drainless(draft: Draft): void {
    while (pcpCount(draft, 0, 0) > 0) allocPages(draft, 0, MOVABLE, USE_PAGES, 1);
  }
});

describe('buffers', () => {
  const ring = (object: number, nrPages: number, gfp = GFP_KERNEL): Step =>
    coherent(object, 1, nrPages * PAGE, gfp);
  const ready = (session: Session): Session => session.given(device(1, 32));

  test('the first free range that is aligned to its order, to 8 at most', () => {
    const session = ready(small(64, 'linux-arm-3g1g', 1024));
    const found = [1, 1, 16, 256, 3, 1024, 1].map(
      (nrPages, i) => session.do(ring(i + 1, nrPages)).pfn - 0x7c000,
    );
    expect(found).toEqual([0x40, 0x41, 0x50, 0x100, 0x44, 0x200, 0x42]);
    const free = freeCma(session);
    expect(free).toBe(64 * 256 - 64 - 1302);
    for (let object = 1; object <= 7; object++) session.given({ kind: 'dma_free_coherent', object });
    expect(session.do(ring(8, 16128)).pfn).toBe(0x7c100);
    expect(checkMachine(session.machine)).toEqual([]);
  });

  test('larger than any block of the buddy allocator; more than is left is refused on ARM', () => {
    const session = ready(small(64, 'linux-arm-3g1g', 256));
    expect(session.status(ring(1, 8192))).toBe('ok');
    expect(session.status(ring(2, 8192))).toBe('cma-space');
    // Who may not wait has it from elsewhere.
    expect(isCma(session, session.do(ring(3, 2, GFP_ATOMIC)).pfn)).toBe(false);
  });

  test('arm64: single pages do not come from it, and what it has no room for comes from elsewhere', () => {
    const session = ready(small(16, 'linux-arm64-48', 128));
    const from = (object: number, nrPages: number): boolean =>
      isCma(session, session.do(ring(object, nrPages)).pfn);
    expect([from(1, 1), from(2, 2), from(3, 3000), from(4, 1024)]).toEqual([false, true, true, false]);
    for (const object of [1, 2, 3, 4]) session.given({ kind: 'dma_free_coherent', object });
    expect(checkMachine(session.machine)).toEqual([]);
  });

  test('a device that does not reach it has memory from elsewhere', () => {
    const session = small(16, 'linux-x86_64', 128).given(device(1, 24));
    const { pfn } = session.do(ring(1, 4));
    expect([isCma(session, pfn), pfn < 4096]).toEqual([false, true]);
  });

  test('pages that were lent are in the way', () => {
    const session = ready(small(64, 'linux-arm-3g1g', 128));
    for (let object = 100; !isCma(session, session.do(pages(object, 8, MOVABLE)).pfn); object++);
    expect(session.status(ring(1, 16128))).toBe('cma-space');
    expect(session.status(ring(2, 8192))).toBe('ok');
  });
});

test('pageblocks of CMA and of others never merge, though a block may be larger than a pageblock', () => {
  const areas = [{ start: 0x44200000n, end: 0x44600000n }];
  const machine = bootMachine(buildLayout('linux-arm64-48', { ramBytes: bytesOf(128) }), { cma: { areas } });
  expect(machine.platform.cma!.areas).toEqual([{ start: 0x44200, end: 0x44600 }]);
  const draft = draftOf(machine);
  for (const pfn of exhaust(draft, 9, MOVABLE).taken) freePages(draft, pfn);
  const after = draft.seal(false).machine;
  expect(checkMachine(after)).toEqual([]);
  expect([listOf(after, 0, 10), listOf(after, 0, 9)]).toEqual([[], [0x44400]]);
});

test('whatever is taken and given back, CMA keeps its pages for what can be moved', () => {
  const gfps = [GFP_KERNEL, GFP_ATOMIC, HIGH, MOVABLE, HIGH | __GFP_MOVABLE, GFP_KERNEL | 0x10];
  const step = fc.tuple(fc.nat(5), fc.constantFrom(...gfps), fc.integer({ min: 1, max: 40 }));
  const booted = bootOf(24, 'linux-arm-3g1g', 64);
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300, size: 'max' }), (steps) => {
      const session = new Session(booted);
      const alive = new Set<number>();
      for (const [order, gfp, object] of steps) {
        if (alive.delete(object)) session.given({ kind: 'page_free', object });
        const { status, pfn } = session.do(pages(object, order, gfp));
        if (status !== 'ok') continue;
        alive.add(object);
        if ((gfp & 0x18) !== __GFP_MOVABLE) expect(isCma(session, pfn)).toBe(false);
      }
      expect(checkMachine(session.machine)).toEqual([]);
    }),
    { numRuns: 8 },
  );
});

const MACHINES = armMachines().filter(({ meminfo_kb }) => (meminfo_kb.CmaTotal ?? 0) > 0);
describe.each(MACHINES.map((machine) => [machine.id, machine] as const))('%s', (_, oracle) => {
  const layout = buildLayout(armLayoutName(oracle), armOptions(oracle));
  const captured = oracle.freelists.filter(({ tag, mt }) => tag === 'initcall' && mt === 't4');
  const { CmaTotal, CmaFree } = oracle.meminfo_kb as Record<string, number>;
  const first = Math.min(...captured.flatMap(({ head_pfns }) => head_pfns.map(Number)));
  // The pools and whatever drivers have taken lie at its beginning.
  const start = first - (first % 2 ** Number(oracle.consts.pageblock_order!));
  // A device tree may have a pool in place of the default area (rmem_cma_setup).
  const given = oracle.dmesg_memory_lines.some((line) => /created CMA memory pool/.test(line));
  const area = { start: BigInt(start) << 12n, end: (BigInt(start) << 12n) + (BigInt(CmaTotal!) << 10n) };
  const cma = given ? { areas: [area] } : { bytes: BigInt(CmaTotal!) << 10n };
  const machine = bootMachine(layout, { cma });

  test('lies where it lay, as large', () => {
    expect(areasOf(machine.platform)).toEqual([
      `0x${start.toString(16)}..0x${(start + CmaTotal! / 4).toString(16)}`,
    ]);
  });

  // Drivers of some boards have pages for good: imx-sdma keeps its channels' control blocks and a ring of descriptors.
  const taken = freeCma(new Session(machine)) - CmaFree! / 4;

  test(`is as free as it was, but for the ${taken} pages that drivers had taken`, () => {
    expect(taken).toBeGreaterThanOrEqual(0);
    expect(taken).toBeLessThan(64);
  });

  test('with those from the first free page on its free lists are the same', () => {
    const draft = draftOf(machine);
    for (let i = 0; i < taken; i++) takeContiguous(draft, 1, USE_PAGES, 1);
    const after = draft.seal(false).machine;
    for (const { zone, order, count, head_pfns } of captured) {
      const { index } = after.platform.zones.find(({ name }) => name === zone)!;
      const list = listOf(after, index, order);
      expect([list.length, ...list.slice(0, head_pfns.length)]).toEqual([count, ...head_pfns.map(Number)]);
    }
  });

  test('the zones have their pages', () => {
    for (const { name, managed } of oracle.zones) {
      const zone = machine.platform.zones.find((one) => one.name === name)!;
      if (zone.name === 'HighMem') expect(zone.managedPages).toBe(Number(managed));
    }
  });
});
