/** Conversions between addresses: what booted kernels answered, and what holds of every layout. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GFP_HIGHUSER, GFP_KERNEL } from '../../../core/event/gfp.ts';
import {
  bootMachine,
  buildLayout,
  isVmallocAddress,
  kmapToPfn,
  type Layout,
  layoutNames,
  pa,
  pageAddressOf,
  slowVirtToPhys,
  va,
  virtAddrValid,
  virtToPfn,
} from '../../../core/index.ts';
import { kmapLocalVpn } from '../../../core/kmap/kmap-local.ts';
import { pageAddress, regionOf, regionOfKind } from '../../../core/layout/regions.ts';
import { bootedMachines } from '../../captures/booted-machines.ts';
import type { CapturedArea, CapturedMachine } from '../../captures/captured-machine.ts';
import { pages, sessionOf } from '../../support/rows.ts';

describe.each(bootedMachines())('$id', ({ oracle, layout }) => {
  test('every kind of address', () => {
    for (const { kind, va: address, ...row } of oracle.conversions) {
      const theirs = Object.fromEntries(Object.entries(row).filter(([key]) => !SYMBOLS.includes(key)));
      const ours = answersFor(layout, address === undefined ? addressOf(layout, kind) : BigInt(address));
      expect([kind, select(ours, theirs)]).toEqual([kind, theirs]);
    }
  });

  test('kmalloc gives logical addresses', () => {
    const rows = oracle.kmalloc.filter(({ ok, size }) => ok === 1 && size > 0);
    expect(rows.length).toBeGreaterThan(0);
    for (const { addr, virt_addr_valid } of rows) {
      expect(virtAddrValid(layout, BigInt(addr!))).toBe(virt_addr_valid === 1);
      expect(isVmallocAddress(layout, BigInt(addr!))).toBe(false);
      expect(va(layout, pa(layout, BigInt(addr!)))).toBe(BigInt(addr!));
    }
  });

  test('vmalloc, ioremap and module_alloc give others, for which __pa means nothing', () => {
    for (const { addr, is_vmalloc, virt_addr_valid, __pa } of areasOf(oracle)) {
      const theirs = { is_vmalloc, virt_addr_valid, ...(__pa !== undefined && { pa: __pa }) };
      expect([addr, select(answersFor(layout, BigInt(addr!)), theirs)]).toEqual([addr, theirs]);
    }
  });

  test('the address of a struct page, as far as its distance from the first tells', () => {
    const [first, ...others] = oracle.alloc_pages.filter(({ page }) => page !== undefined);
    for (const { page, pfn } of others) {
      const frames = BigInt(pfn!) - BigInt(first!.pfn!);
      expect(BigInt(page!) - BigInt(first!.page!)).toBe(frames * BigInt(layout.structPageBytes));
    }
    expect(others.some(({ pfn }) => pfn !== first!.pfn)).toBe(true);
  });

  test('page_address() of a page: a logical address, or none for a page of high memory that is not mapped', () => {
    const machine = bootMachine(layout);
    for (const { pfn, page_address } of oracle.alloc_pages.filter(({ ok }) => ok === 1)) {
      const address = pageAddressOf(machine, Number(pfn)) ?? 0n;
      // Boot may have kmapped it: then it has kept that slot.
      const isKmapped = address === 0n && regionOf(layout, BigInt(page_address!))?.kind === 'pkmap';
      if (!isKmapped) expect([pfn, hexOf(address)]).toEqual([pfn, page_address]);
    }
  });
});

/** Of the build, whose sections the layout is told. */
const SYMBOLS = ['_text_pa_symbol', 'swapper_pa_symbol'];

/** Areas that were given, each with what the kernel said of its address. */
function areasOf({ vmalloc, ioremap, module_alloc = [] }: CapturedMachine) {
  const rows: readonly CapturedArea[] = [...vmalloc, ...ioremap, ...module_alloc];
  return rows.filter(({ ok }) => ok === 1);
}

/** Everything that can be asked of an address, in the oracle's words. */
function answersFor(layout: Layout, address: bigint): Readonly<Record<string, unknown>> {
  const modules = regionOfKind(layout, 'modules');
  const isModule = modules !== undefined && modules.start <= address && address < modules.end;
  const isVmalloc = isVmallocAddress(layout, address);
  const physical = hexOf(pa(layout, address));
  return {
    ...{ virt_to_phys: physical, pa: physical },
    phys_to_virt: hexOf(va(layout, pa(layout, address))),
    is_vmalloc: Number(isVmalloc),
    is_vmalloc_or_module: Number(isVmalloc || isModule),
    virt_addr_valid: Number(virtAddrValid(layout, address)),
    // These are of no address in particular.
    pa_PAGE_OFFSET: hexOf(pa(layout, layout.pageOffset)),
    'pa_high_memory-1': hexOf(pa(layout, layout.highMemory - 1n)),
  };
}

/** Those that the kernel was asked for too. */
function select(ours: Readonly<Record<string, unknown>>, theirs: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.keys(theirs).map((key) => [key, ours[key]]));
}

/** Addresses that the probe names instead of printing them. */
function addressOf(layout: Layout, kind: string): bigint {
  const image = layout.regions.find((region) => region.kind === 'kernel_image')?.start ?? layout.pageOffset;
  const known: Record<string, bigint> = {
    high_memory: layout.highMemory,
    'high_memory-1': layout.highMemory - 1n,
    user_0x08048000: 0x08048000n,
    _text: image + layout.kernelImage.start,
    pa: 0n,
  };
  const found = known[kind];
  if (found === undefined) throw new Error(`conversion of ${kind}: no address for it`);
  return found;
}

function hexOf(value: bigint): string {
  return `0x${value.toString(16)}`;
}

test.each(layoutNames().map(({ name }) => name))('__va undoes __pa all over the direct map: %s', (name) => {
  const layout = buildLayout(name, { ramBytes: 2n ** 30n });
  const lowBytes = Number(layout.highMemory - layout.pageOffset);
  fc.assert(
    fc.property(
      fc.maxSafeNat().map((n) => layout.physicalBase + BigInt(n % lowBytes)),
      (physical) => {
        const address = va(layout, physical);
        expect(pa(layout, address)).toBe(physical);
        expect(virtToPfn(layout, address)).toBe(physical >> BigInt(layout.pageShift));
        expect(virtAddrValid(layout, address)).toBe(true);
        expect(isVmallocAddress(layout, address)).toBe(false);
      },
    ),
  );
});

describe('wrong answers of the real functions', () => {
  const { machine } = sessionOf('linux-3g1g', 1024).given(
    pages(1, 1, GFP_HIGHUSER),
    { kind: 'kmap', object: 1, page: 0 },
    { kind: 'kmap_local', object: 1, page: 0 },
    { kind: 'kmap_local', object: 1, page: 1 },
    pages(2, 0, GFP_KERNEL),
    { kind: 'vmalloc', object: 3, size: 4096 },
  );
  const { layout } = machine.platform;
  const slot = (n: number): bigint => pageAddress(layout, kmapLocalVpn(machine, 0, n));
  const pfn = BigInt(machine.objects.get(1, 4));

  test('virt_addr_valid takes the end of the direct map for a part of it, as long as there is a frame behind', () => {
    expect(virtAddrValid(layout, layout.highMemory)).toBe(true);
    expect(virtAddrValid(buildLayout('linux-3g1g', { ramBytes: 2n ** 29n }), 0xe0000000n)).toBe(false);
    // VMALLOC_OFFSET later it is a vmalloc address; from the fixmap on it is refused.
    expect(virtAddrValid(layout, layout.vmalloc.start)).toBe(false);
    expect(virtAddrValid(layout, layout.fixmap.start)).toBe(false);
  });

  test('virt_addr_valid of 64 bits: the image mapping ends where modules begin, whatever RAM there is', () => {
    const wide = buildLayout('linux-x86_64', { ramBytes: 2n ** 30n });
    const image = wide.regions.find(({ kind }) => kind === 'kernel_image')!;
    expect(virtAddrValid(wide, image.end - 1n)).toBe(true);
    expect(virtAddrValid(wide, image.end)).toBe(false);
  });

  test('__pa of a user address wraps around, as the subtraction of two unsigned numbers does', () => {
    expect(pa(layout, 0x08048000n)).toBe(0x48048000n);
    expect(pa(buildLayout('linux-x86_64', { ramBytes: 2n ** 30n }), 0x400000n)).toBe(0x7780_0040_0000n);
  });

  test('kmap_to_page does not know the first slot of kmap_local', () => {
    expect(kmapToPfn(machine, slot(1))).toBe(pfn + 1n);
    expect(kmapToPfn(machine, slot(0))).toBe(virtToPfn(layout, slot(0)));
    expect(kmapToPfn(machine, layout.pkmap!.base + 4096n)).toBe(pfn);
    expect(kmapToPfn(machine, layout.pkmap!.base)).toBeUndefined();
    expect(kmapToPfn(machine, layout.pkmap!.base + 1023n * 4096n)).toBeUndefined();
    expect(kmapToPfn(machine, layout.pkmap!.base + 1024n * 4096n)).toBeDefined();
  });

  test('is_vmalloc_addr leaves out the last byte on 64 bits', () => {
    const { vmalloc } = buildLayout('linux-x86_64', { ramBytes: 2n ** 30n });
    const wide = buildLayout('linux-x86_64', { ramBytes: 2n ** 30n });
    expect(isVmallocAddress(wide, vmalloc.end - 2n)).toBe(true);
    expect(isVmallocAddress(wide, vmalloc.end - 1n)).toBe(false);
    expect(isVmallocAddress(layout, layout.vmalloc.end - 1n)).toBe(true);
  });

  test('slow_virt_to_phys asks the tables, page_address the page', () => {
    expect(slowVirtToPhys(machine, slot(1) + 7n)).toBe(((pfn + 1n) << 12n) + 7n);
    // Small and large pages of the direct map.
    for (const physical of [0x9f123n, 0x1298123n, 0x3123456n])
      expect(slowVirtToPhys(machine, layout.pageOffset + physical)).toBe(physical);
    expect(slowVirtToPhys(machine, layout.vmalloc.start)).not.toBe(pa(layout, layout.vmalloc.start));
    expect(slowVirtToPhys(machine, layout.vmalloc.end - 1n)).toBeUndefined();
    expect(pageAddressOf(machine, Number(pfn))).toBe(layout.pkmap!.base + 4096n);
    expect(pageAddressOf(machine, Number(pfn) + 1)).toBeUndefined();
    expect(pageAddressOf(machine, 5)).toBe(layout.pageOffset + 0x5000n);
    expect(pageAddressOf(machine, layout.highstartPfn! - 1)).toBe(layout.highMemory - 4096n);
    expect(pageAddressOf(machine, layout.highstartPfn!)).toBeUndefined();
  });
});
