/** References to kernel memory against naive TLBs: large pages of the direct map, base pages of vmalloc, flushes. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkMachine } from '../../../core/check/invariants.ts';
import { EXECUTE, KERNEL_MODE, READ, WRITE } from '../../../core/event/access-mode.ts';
import { batchOf } from '../../../core/event/batch.ts';
import { GFP_KERNEL } from '../../../core/event/gfp.ts';
import type { MemoryEvent } from '../../../core/event/kinds.ts';
import { fold } from '../../../core/fold/fold.ts';
import { pageNumber } from '../../../core/layout/regions.ts';
import type { Machine } from '../../../core/machine/machine.ts';
import { countersOf } from '../../../core/outcome/counters.ts';
import { OBJECT } from '../../../core/state/objects.ts';
import type { MmuOptions } from '../../../core/tlb/options.ts';
import { anyMmu, withMmu } from '../../generators/mmu-options.ts';
import { NaiveCpus } from '../../models/naive-cpus.ts';
import { NaiveAreas } from '../../models/naive-windows.ts';
import { atDepth } from '../../support/depth.ts';
import { eventOf, machineOf, PAGE, Session, type Step } from '../../support/rows.ts';

const SMALL_TLBS = {
  l1i: { sets: 1, ways: 2 },
  l1d: { sets: 2, ways: 2 },
  l2: { sets: 4, ways: 3 },
  pdeCache: { sets: 1, ways: 2 },
};

/** Objects 1 to 30 are logical, of many sizes and so all over low memory; 31 to 40 are vmalloc areas. */
const LOGICAL_BYTES = [64, 3000, 8192, 50_000, 2 ** 22, 100];
const allocate = (object: number): Step =>
  object <= 30
    ? { kind: 'kmalloc', object, size: LOGICAL_BYTES[object % LOGICAL_BYTES.length]!, gfp: GFP_KERNEL }
    : { kind: 'vmalloc', object, size: (object - 30) * 5 * PAGE };
const ALL = Array.from({ length: 40 }, (_, i) => i + 1);

const MACHINES = ['linux-3g1g', 'linux-3g1g-pae', 'linux-x86_64', 'linux-x86_64-la57'].map((layout) => {
  const machine = machineOf(layout, 1400, { cpus: 3 }, { mmu: SMALL_TLBS });
  return [layout, new Session(machine).given(...ALL.map(allocate)).machine] as const;
});

const choice = fc.record({
  cpu: fc.nat(2),
  object: fc.integer({ min: 1, max: 40 }),
  at: fc.nat(2 ** 23),
  size: fc.constantFrom(1, 8, 4096),
  operation: fc.constantFrom(READ, READ, WRITE, EXECUTE),
  free: fc.nat(30),
});

describe.each(MACHINES)('%s', (_layout, booted) => {
  test('the tuned TLBs', () =>
    expectAgreement(booted, fc.constant({ ...SMALL_TLBS }), atDepth({ quick: 5, full: 15 })));
  test('any others', () => expectAgreement(booted, anyMmu(), atDepth({ quick: 8, full: 25 })));
});

/** Whatever is referenced, the counters of the machine are those of the naive TLBs. */
function expectAgreement(booted: Machine, options: fc.Arbitrary<Partial<MmuOptions>>, numRuns: number): void {
  fc.assert(
    fc.property(options, fc.array(choice, { maxLength: 500, size: 'max' }), (chosen, choices) => {
      const start = withMmu(booted, chosen);
      const { mmu } = start.platform;
      const naive = new NaiveCpus<never>(mmu, 3);
      let cpuNow = naive.cpu(0);
      const areas = areasOf(start, (first, end) => naive.flushKernel(cpuNow, first, end - first));
      const vpns = new Map(ALL.map((object) => [object, vpnOf(start, object)]));
      const spaces = { kernelLogicalReferences: 0, kernelVirtualReferences: 0 };
      const events: MemoryEvent[] = [];
      for (const { cpu, object, at, size, operation, free } of choices) {
        cpuNow = naive.cpu(cpu);
        if (free === 0 && object > 30) {
          // Every third time so much else was freed that all of it is purged.
          if (at % 3 === 0) {
            events.push(
              eventOf({ ...MUCH, cpu }),
              eventOf({ kind: 'free_vm_area', object: MUCH.object, cpu }),
            );
            areas.drop(areas.take(MUCH_PAGES, 1)!);
          }
          events.push(eventOf({ kind: 'vfree', object, cpu }), eventOf({ ...allocate(object), cpu }));
          areas.vfree(vpns.get(object)!);
          vpns.set(object, areas.vmalloc((object - 30) * 5)!);
          continue;
        }
        const bytes = Math.min(size, sizeOf(start, object));
        const offset = at % (sizeOf(start, object) - bytes + 1);
        const fetch = operation === EXECUTE && !mmu.nx;
        const mode = KERNEL_MODE | (operation === EXECUTE && mmu.nx ? READ : operation);
        events.push(eventOf({ kind: 'access', cpu, object, offset, size: bytes, mode }));
        spaces[object <= 30 ? 'kernelLogicalReferences' : 'kernelVirtualReferences']++;
        const first = start.objects.get(object, OBJECT.start) + offset;
        const pages = [Math.floor(first / PAGE), Math.floor((first + bytes - 1) / PAGE)];
        for (const page of pages.slice(0, pages[0] === pages[1] ? 1 : 2)) {
          const { number, sizeClass } = mapped(start, vpns.get(object)! + page, object <= 30);
          naive.translateKernel(naive.cpu(cpu), number, sizeClass, fetch ? 'fetch' : 'load');
        }
      }
      const { machine } = fold(start, batchOf(events));
      expect(countersOf(machine.counters)).toMatchObject({
        ...naive.totals,
        ...spaces,
        tlbFlushes: naive.tlbFlushes,
        shootdowns: naive.shootdowns,
        failures: 0,
      });
      expect(checkMachine(machine)).toEqual([]);
    }),
    { numRuns },
  );
}

/** More than two cpus' worth of lazy pages (a third cpu adds nothing: the logarithm counts). */
const MUCH_PAGES = 2 * 8192;
const MUCH = { kind: 'vm_area', object: 99, size: MUCH_PAGES * PAGE, align: 0 } as const;

/** The window with the areas that the machine begins with. */
function areasOf(machine: Machine, onPurge: (first: number, end: number) => void): NaiveAreas {
  const { layout } = machine.platform;
  const areas = new NaiveAreas({
    start: pageNumber(layout, layout.vmalloc.start),
    end: pageNumber(layout, layout.vmalloc.end - 1n) + 1,
    lazyMax: MUCH_PAGES,
    pointersPerPage: Number.POSITIVE_INFINITY,
    onPurge,
  });
  for (const object of ALL) if (object > 30) areas.vmalloc((object - 30) * 5);
  return areas;
}

function vpnOf({ objects }: Machine, object: number): number {
  return objects.get(object, OBJECT.vpn);
}

function sizeOf({ objects }: Machine, object: number): number {
  return objects.get(object, OBJECT.sizeBytes);
}

/** The page that maps `vpn`, in units of its own size: the largest that fits, in the direct map. */
function mapped(
  { platform }: Machine,
  vpn: number,
  isDirect: boolean,
): { number: number; sizeClass: number } {
  const { layout, mmu, directMapVpn } = platform;
  if (!isDirect) return { number: vpn, sizeClass: 0 };
  // RAM above the first MiB, as far as it is low memory, and no page in which rights change.
  const ranges = layout.ram.map(({ start, end }) => ({
    start: Math.max(256, Number(start >> 12n)),
    end: Math.min(layout.maxLowPfn, Number(end >> 12n)),
  }));
  const { code, rodata, idtTable } = layout.kernelImage;
  const sections = [code, rodata, { start: idtTable, end: idtTable + 1n }];
  const edges = sections.flatMap(({ start, end }) => [Number(start >> 12n), Number((end + 4095n) >> 12n)]);
  for (const [level, { span, mayBeLarge }] of mmu.levels.entries()) {
    const pfn = Math.floor((vpn - directMapVpn) / span) * span;
    const isWhole = edges.every((edge) => edge <= pfn || edge >= pfn + span);
    const fits = isWhole && ranges.some(({ start, end }) => start <= pfn && pfn + span <= end);
    if (mayBeLarge && fits)
      return { number: Math.floor(vpn / span), sizeClass: mmu.levels.length - 1 - level };
  }
  return { number: vpn, sizeClass: 0 };
}
