/**
 * Where the pool of bounce buffers lies (pci_swiotlb_detect, arch/x86/kernel/pci-dma.c, and swiotlb_init,
 * kernel/dma/swiotlb.c, v6.1): an x86-64 or PAE kernel has one when there is RAM above 4 GiB. It is the highest free
 * memory below 4 GiB that the direct map covers, as memblock gives it out.
 */
import { UsageError } from '../base/errors.ts';
import type { Layout } from '../layout/layout.ts';
import type { PfnRange } from '../layout/page-frames.ts';
import { type BouncePool, SEGMENT_SLOTS, SLOT_BYTES } from './swiotlb.ts';

export interface SwiotlbOptions {
  /** Size of the pool; 64 MiB (IO_TLB_DEFAULT_SIZE) if not given. Boot option swiotlb=, in bytes. */
  readonly bytes?: number;
  /** The pool lies below this address; 4 GiB if not given. Lower: for devices that reach no further. */
  readonly belowBytes?: number;
}

/** IO_TLB_DEFAULT_SIZE (include/linux/swiotlb.h, v6.1). */
const DEFAULT_BYTES = 64 * 2 ** 20;
/** ARCH_LOW_ADDRESS_LIMIT + 1 (include/linux/memblock.h, v6.1): what memblock_alloc_low stays below. */
const LOW_BYTES = 2 ** 32;

/** The pool of a machine with this memory free at boot. `given`: false for none, options for one in any case. */
export function bouncePool(
  layout: Layout,
  free: readonly PfnRange[],
  given: SwiotlbOptions | false | undefined,
): BouncePool | undefined {
  if (given === false || (given === undefined && !wantsPool(layout))) return undefined;
  const pageBytes = 2 ** layout.pageShift;
  const { bytes = DEFAULT_BYTES, belowBytes = LOW_BYTES } = given ?? {};
  const areas = 2 ** Math.ceil(Math.log2(layout.possibleCpus));
  const slots = poolSlots(bytes, areas);
  const nrPages = Math.ceil((slots * SLOT_BYTES) / pageBytes);
  const limitPfn = Math.min(Math.floor(belowBytes / pageBytes), layout.maxLowPfn);
  for (const { start, end } of free.slice().reverse()) {
    const startPfn = Math.min(end, limitPfn) - nrPages;
    if (startPfn >= start) return { startPfn, slots, areas };
  }
  if (given === undefined) return undefined;
  throw new UsageError(
    `swiotlb: found no ${slots * SLOT_BYTES} free bytes in a row below 0x${belowBytes.toString(16)}; ` +
      'expected a pool that fits: make it smaller, or its limit higher',
  );
}

/** There is RAM above 4 GiB, and the kernel is built for that. */
export function wantsPool({ arch, maxPfn, pageShift }: Layout): boolean {
  const { hasSwiotlb, swiotlbFromLimitOn } = arch.port;
  const end = maxPfn * 2 ** pageShift;
  return hasSwiotlb && (swiotlbFromLimitOn === true ? end >= LOW_BYTES : end > LOW_BYTES);
}

/** swiotlb_adjust_nareas(): at least a segment for each area, and a power of two. */
function poolSlots(bytes: number, areas: number): number {
  const slots = Math.max(Math.ceil(bytes / SLOT_BYTES), SEGMENT_SLOTS * areas);
  return 2 ** Math.ceil(Math.log2(slots));
}

/** Frames of the pool: nobody else gets them. */
export function poolFrames({ startPfn, slots }: BouncePool, pageShift: number): PfnRange {
  return { start: startPfn, end: startPfn + Math.ceil((slots * SLOT_BYTES) / 2 ** pageShift) };
}
