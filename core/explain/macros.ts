/** What the macros __pa and __va compute of an address, and whether the result means anything. */
import { va as logicalOf, pa as physicalOf } from '../layout/convert.ts';
import type { Layout, Region } from '../layout/layout.ts';

export interface Conversion {
  readonly address: bigint;
  readonly legal: boolean;
  readonly reason: string;
}

/** __pa(): a subtraction, which means something in the direct map and the kernel image only. */
export function physicalByMacro(layout: Layout, address: bigint, region: Region | undefined): Conversion {
  const result = physicalOf(layout, address);
  const base = layout.physicalBase === 0n ? '' : ' + PHYS_OFFSET';
  if (region?.kind === 'direct')
    return { address: result, legal: true, reason: `address - PAGE_OFFSET${base}` };
  if (region?.kind === 'uncached')
    return { address: address - region.start, legal: true, reason: 'the address without its region' };
  if (region?.kind === 'kernel_image')
    return { address: result, legal: true, reason: 'address - __START_KERNEL_map, which __pa knows about' };
  const reason = `only kernel logical addresses lie at PAGE_OFFSET + physical, and this is no such address`;
  return { address: result, legal: false, reason };
}

/** __va(): an addition, which means something for what the direct map covers only. */
export function logicalByMacro(layout: Layout, physical: bigint): Conversion {
  const address = logicalOf(layout, physical);
  const { physicalBase } = layout;
  const mapped = physical >= physicalBase && physical < BigInt(layout.maxLowPfn) << BigInt(layout.pageShift);
  const base = physicalBase === 0n ? '' : ' - PHYS_OFFSET';
  if (mapped) return { address, legal: true, reason: `physical + PAGE_OFFSET${base}` };
  const inRam = physical >= physicalBase && physical < BigInt(layout.maxPfn) << BigInt(layout.pageShift);
  const reason = inRam
    ? 'high memory is not in the direct map: use kmap()'
    : `${physical < physicalBase ? 'below' : 'above'} the direct map: devices are mapped with ioremap()`;
  return { address, legal: false, reason };
}
