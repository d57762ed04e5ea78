/** A virtual address cut into the fields that the hardware reads of it: indexes into page tables, and what is around them. */
import type { Layout, PageWindow, Region } from '../layout/layout.ts';
import { pageNumber } from '../layout/regions.ts';

export interface AddressField {
  /** A level of the page tables, or `offset`, `sign`, `root`, `region`, `unused`, `physical`. */
  readonly name: string;
  /** As many as it takes in the address. */
  readonly bits: number;
  /** Of a level: the index into its table. What does not fit in a number is a bigint. */
  readonly value: number | bigint;
}

/** From the highest bit to the lowest; the bits add up to those of a word. */
export function splitOf(layout: Layout, address: bigint, region: Region | undefined): AddressField[] {
  const { wordBits, virtualBits, pageShift, pageWindows } = layout.arch;
  const window = pageWindows?.findLast(({ start }) => start <= address);
  if (window !== undefined && isLinear(layout, region))
    return [regionField(layout, address), field('physical', address, 0, regionShift(layout))];
  const mapped = window === undefined ? virtualBits : widthOf(window);
  const treeBits = layout.arch.translation.levels.reduce((sum, { bits }) => sum + bits, pageShift);
  // Where one half of the addresses has a root of its own, a bit above those of the tree says which.
  const isRootChosen = window === undefined && mapped > treeBits;
  const above =
    window === undefined
      ? field('sign', address, mapped, wordBits)
      : field('unused', address, mapped, regionShift(layout));
  const fields = [
    ...(window === undefined ? [] : [regionField(layout, address)]),
    above,
    ...(isRootChosen ? [field('root', address, treeBits, mapped)] : []),
    ...levelFields(layout, pageNumber(layout, address), mapped - pageShift),
    field('offset', address, 0, pageShift),
  ];
  return fields.filter(({ bits }) => bits > 0);
}

/** Whether a TLB miss there is served by arithmetic, without tables. */
function isLinear({ arch }: Layout, region: Region | undefined): boolean {
  return (
    arch.translation.linearPageBytes !== undefined &&
    (region?.kind === 'direct' || region?.kind === 'uncached')
  );
}

/** Indexes from the root down. Where a top-level table is shared by several regions, fewer bits of the address are in its index. */
function levelFields({ arch }: Layout, vpn: number, pageBits: number): AddressField[] {
  const fields: AddressField[] = [];
  let below = 0;
  for (const { name, bits } of arch.translation.levels.toReversed()) {
    const inAddress = Math.max(0, Math.min(bits, pageBits - below));
    fields.unshift({ name, bits: inAddress, value: Math.floor(vpn / 2 ** below) % 2 ** bits });
    below += bits;
  }
  return fields;
}

/** The highest bits, by which windows differ. */
function regionField(layout: Layout, address: bigint): AddressField {
  return field('region', address, regionShift(layout), layout.arch.wordBits);
}

/** The lowest bit in which the windows of an address space begin at different places. */
function regionShift({ arch: { pageWindows = [] } }: Layout): number {
  const starts = pageWindows.reduce((bits, { start }) => bits | start, 0n);
  return (starts & -starts).toString(2).length - 1;
}

function widthOf({ start, end }: PageWindow): number {
  return (end - start).toString(2).length - 1;
}

/** Bits [low, high). */
function field(name: string, address: bigint, low: number, high: number): AddressField {
  const value = (address >> BigInt(low)) & ((1n << BigInt(high - low)) - 1n);
  return { name, bits: high - low, value: high - low > 52 ? value : Number(value) };
}
