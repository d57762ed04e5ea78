/**
 * gfp flags of a failure report as a mask of core/event/gfp.ts. Kernels since 4.6 print names behind the number, which are
 * taken. Until then there is only the number, whose bits depend on the version:
 *   include/linux/gfp.h, v2.6.0 to v4.3 (__GFP_WAIT is 0x10), v4.4 and v4.5 (__GFP_DIRECT_RECLAIM is 0x400000).
 * Flags that choose no page are left out.
 */
import * as gfp from '../../core/event/gfp.ts';
import { parseGfpFlags } from '../kernel/gfp-names.ts';

const RECLAIM = gfp.__GFP_DIRECT_RECLAIM | gfp.__GFP_KSWAPD_RECLAIM;

type Bits = readonly (readonly [bit: number, mask: number])[];

const ALWAYS: Bits = [
  [0x01, gfp.__GFP_DMA],
  [0x02, gfp.__GFP_HIGHMEM],
  [0x04, gfp.__GFP_DMA32],
  [0x08, gfp.__GFP_MOVABLE],
  [0x20, gfp.__GFP_HIGH],
  [0x40, gfp.__GFP_IO],
  [0x80, gfp.__GFP_FS],
];

const UNTIL_4_3: Bits = [
  ...ALWAYS,
  [0x10, RECLAIM],
  [0x200, gfp.__GFP_NOWARN],
  [0x1000, gfp.__GFP_NORETRY],
  [0x4000, gfp.__GFP_COMP],
  [0x8000, gfp.__GFP_ZERO],
  [0x20000, gfp.__GFP_HARDWALL],
  [0x80000, gfp.__GFP_RECLAIMABLE],
];

const OF_4_4: Bits = [
  ...ALWAYS,
  [0x10, gfp.__GFP_RECLAIMABLE],
  [0x200, gfp.__GFP_NOWARN],
  [0x1000, gfp.__GFP_NORETRY],
  [0x4000, gfp.__GFP_COMP],
  [0x8000, gfp.__GFP_ZERO],
  [0x20000, gfp.__GFP_HARDWALL],
  [0x80000, gfp.__GFP_ATOMIC],
  [0x400000, gfp.__GFP_DIRECT_RECLAIM],
  [0x2000000, gfp.__GFP_KSWAPD_RECLAIM],
];

/** Bits that only numbers of 4.4 and 4.5 have: no flag of earlier kernels is as high. */
const FIRST_OF_4_4 = 0x2000000;

/** @param text as printed: `0xcc0(GFP_KERNEL)`, `0x20` */
export function reportedGfp(text: string): number {
  const [, digits, names] = /^([0-9a-fx]{1,10})(?:\(([\w|]{1,400})\))?$/.exec(text) ?? [];
  if (names !== undefined) return parseGfpFlags(names).mask;
  const number = Number(digits ?? 0);
  const bits = number >= FIRST_OF_4_4 ? OF_4_4 : UNTIL_4_3;
  return bits.reduce((mask, [bit, flag]) => ((number & bit) === 0 ? mask : mask | flag), 0) >>> 0;
}
