/**
 * gfp flags as tracepoints print them, `GFP_KERNEL|__GFP_ZERO|0x4000000`, to masks of core/event/gfp.ts.
 *
 * Names, by the file that prints them:
 *   include/trace/events/kmem.h (2.6.31 to 2.6.37), gfpflags.h (2.6.38 to 4.4): single bits without underscores
 *     until 4.3 (`GFP_ZERO`, `GFP_WAIT`), GFP_TEMPORARY, GFP_NO_KSWAPD; no flags at all are `GFP_NOWAIT`
 *   include/trace/events/gfpflags.h (4.4), mmflags.h (since 4.5): with underscores; no flags at all are `none`
 * A composite has the bits of 6.1 whichever kernel printed it; the bits that differ between the versions (GFP_ATOMIC
 * had __GFP_ATOMIC until 6.2, GFP_NOWAIT has __GFP_NOWARN since 6.12) choose no page.
 */
import * as gfp from '../../core/event/gfp.ts';
import { GFP_COMPOSITES } from '../../core/event/gfp-names.ts';

export interface GfpFlags {
  readonly mask: number;
  /** Names in it that no kernel from 2.6.31 to 7.0 prints: they are not in the mask. */
  readonly unknown: readonly string[];
  /** All of it is one number: its bits are taken as those of Linux 5.0 and later. */
  readonly isNumber: boolean;
}

const RECLAIM = gfp.__GFP_DIRECT_RECLAIM | gfp.__GFP_KSWAPD_RECLAIM;

/** Of kernels before 6.1. */
const FORMER: Readonly<Record<string, number>> = {
  // include/linux/gfp.h, v2.6.24 to v4.14: short-lived and reclaimable
  GFP_TEMPORARY: gfp.GFP_KERNEL | gfp.__GFP_RECLAIMABLE,
  // may sleep, until it was split in 4.4
  GFP_WAIT: RECLAIM,
  __GFP_WAIT: RECLAIM,
  // its name until 4.13
  __GFP_REPEAT: gfp.__GFP_RETRY_MAYFAIL,
  // hints and checks that are gone: cache-cold pages (4.15), kmemcheck (4.15), NUMA balancing of other nodes (4.10)
  __GFP_COLD: 0,
  __GFP_NOTRACK: 0,
  __GFP_NOTRACK_FALSE_POSITIVE: 0,
  __GFP_OTHER_NODE: 0,
  // a bit that takes another away: handled below
  __GFP_NO_KSWAPD: 0,
};

/** Of kernels after 6.1, which has no bit for them or splits them in two. None of them chooses a page. */
const LATER: Readonly<Record<string, number>> = {
  __GFP_SKIP_KASAN: gfp.__GFP_SKIP_KASAN_UNPOISON | gfp.__GFP_SKIP_KASAN_POISON,
  __GFP_NO_OBJ_EXT: 0,
};

const BITS = Object.entries(gfp).filter(([name]) => name.startsWith('__GFP_'));
const MASKS = new Map<string, number>([
  ...BITS,
  ...GFP_COMPOSITES,
  ['__GFP_RECLAIM', RECLAIM],
  ...Object.entries(FORMER),
  ...Object.entries(LATER),
  ['none', 0],
]);

/** More than 32 bits no kernel has. */
const NUMBER = /^(?:0x[0-9a-f]{1,8}|\d{1,10})$/;

export function parseGfpFlags(text: string): GfpFlags {
  const names = text.split('|');
  const unknown: string[] = [];
  let mask = 0;
  for (const name of names) {
    const bits = bitsOf(name);
    if (bits === undefined) unknown.push(name);
    else mask |= bits;
  }
  if (names.some((name) => /^(?:__)?GFP_NO_KSWAPD$/.test(name))) mask &= ~gfp.__GFP_KSWAPD_RECLAIM;
  return { mask: mask >>> 0, unknown, isNumber: names.length === 1 && NUMBER.test(text) && mask !== 0 };
}

function bitsOf(name: string): number | undefined {
  // what has no name is printed as a number; a single bit had no underscores before 4.4
  return MASKS.get(name) ?? MASKS.get(`__${name}`) ?? (NUMBER.test(name) ? Number(name) | 0 : undefined);
}
