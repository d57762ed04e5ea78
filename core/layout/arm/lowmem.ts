/**
 * Low memory of 32-bit ARM: how much of RAM the kernel has addresses for, and what becomes of the rest.
 *
 * Sources, v6.1: arch/arm/mm/mmu.c (adjust_lowmem_bounds, early_vmalloc, vmalloc_size), arch/arm/include/asm/{memory,
 * pgtable}.h, drivers/of/fdt.c (early_init_dt_add_memory_arch: what phys_addr_t cannot hold is cut off).
 */
import { alignDown, alignUp, MIB } from '../../base/units.ts';
import type { RamRange } from '../layout.ts';

/** VMALLOC_OFFSET: what lies unused above low memory, at most. */
export const VMALLOC_HOLE = 8n * MIB;
/** vmalloc_size, unless vmalloc= says otherwise. */
const VMALLOC_BYTES = 240n * MIB;
const LEAST_VMALLOC_BYTES = 16n * MIB;
/** What a pair of entries covers, or one of LPAE's second level. */
export const PMD_BYTES = 2n * MIB;

/** What the bounds follow from. */
export interface LowmemGround {
  readonly pageOffset: bigint;
  readonly physicalBase: bigint;
  readonly vmallocBytes: bigint;
  readonly vmallocEnd: bigint;
}

/** vmalloc_size with a boot option vmalloc= (early_vmalloc): between 16 MiB and what leaves 32 MiB of low memory. */
export function vmallocSize(
  { pageOffset, vmallocEnd }: Pick<LowmemGround, 'pageOffset' | 'vmallocEnd'>,
  option: bigint | undefined,
): bigint {
  if (option === undefined) return VMALLOC_BYTES;
  const most = vmallocEnd - (pageOffset + 32n * MIB + VMALLOC_HOLE);
  if (option < LEAST_VMALLOC_BYTES) return LEAST_VMALLOC_BYTES;
  return option > most ? most : option;
}

/** Where physical memory begins for the kernel (PHYS_OFFSET): the first RAM, at a multiple of 2 MiB. */
export function physOffset(ram: readonly RamRange[]): bigint {
  return alignUp(ram[0]?.start ?? 0n, PMD_BYTES);
}

/** Ranges cut to [from, to); what is left of none is none. */
export function clip(ram: readonly RamRange[], from: bigint, to: bigint): RamRange[] {
  return ram
    .map(({ start, end }) => ({ start: start < from ? from : start, end: end > to ? to : end }))
    .filter(({ start, end }) => start < end);
}

export interface LowmemBounds {
  /** First physical address that low memory cannot reach whatever RAM there is. */
  readonly vmallocLimit: bigint;
  /** Where low memory ends (arm_lowmem_limit). */
  readonly lowmemLimit: bigint;
  /** What boot allocates lies below this (memblock_limit), a multiple of 2 MiB. */
  readonly memblockLimit: bigint;
}

/** adjust_lowmem_bounds(); `ram`: from PHYS_OFFSET on. */
export function lowmemBounds(
  ram: readonly RamRange[],
  { pageOffset, physicalBase, vmallocBytes, vmallocEnd }: LowmemGround,
): LowmemBounds {
  const vmallocLimit = vmallocEnd - vmallocBytes - VMALLOC_HOLE - pageOffset + physicalBase;
  let lowmemLimit = 0n;
  let memblockLimit = 0n;
  for (const { start, end } of ram) {
    if (start >= vmallocLimit) continue;
    if (end > lowmemLimit) lowmemLimit = end < vmallocLimit ? end : vmallocLimit;
    if (memblockLimit !== 0n) continue;
    if (start % PMD_BYTES !== 0n) memblockLimit = start;
    else if (end % PMD_BYTES !== 0n) memblockLimit = lowmemLimit;
  }
  const limit = memblockLimit === 0n ? lowmemLimit : memblockLimit;
  return { vmallocLimit, lowmemLimit, memblockLimit: alignDown(limit, PMD_BYTES) };
}
