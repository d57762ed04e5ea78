/**
 * gfp flags as tracepoints print them, `GFP_KERNEL|__GFP_ZERO|0x4000000`, to masks of core/event/gfp.ts.
 *
 * Names: include/trace/events/mmflags.h of Linux 6.1 to 6.18. A composite has the bits of 6.1 whichever kernel
 * printed it; the bits that differ between the versions (GFP_ATOMIC had __GFP_ATOMIC until 6.2, GFP_NOWAIT has
 * __GFP_NOWARN since 6.12) choose no page.
 */
import * as gfp from '../../core/event/gfp.ts';
import { GFP_COMPOSITES } from '../../core/event/gfp-names.ts';

/** Flags of later kernels that 6.1 has no bit for, or splits in two. None of them chooses a page. */
const LATER: Readonly<Record<string, number>> = {
  __GFP_SKIP_KASAN: gfp.__GFP_SKIP_KASAN_UNPOISON | gfp.__GFP_SKIP_KASAN_POISON,
  __GFP_NO_OBJ_EXT: 0,
};

const BITS = Object.entries(gfp).filter(([name]) => name.startsWith('__GFP_'));
const MASKS = new Map<string, number>([
  ...BITS,
  ...GFP_COMPOSITES,
  ['__GFP_RECLAIM', gfp.__GFP_DIRECT_RECLAIM | gfp.__GFP_KSWAPD_RECLAIM],
  ...Object.entries(LATER),
  ['none', 0],
]);

/** The mask, or the name in it that no kernel uses. */
export function parseGfpFlags(text: string): number | string {
  let mask = 0;
  for (const name of text.split('|')) {
    // what has no name is printed as a number
    const bits = MASKS.get(name) ?? (/^0x[0-9a-f]{1,8}$/.test(name) ? Number(name) : undefined);
    if (bits === undefined) return name;
    mask |= bits;
  }
  return mask >>> 0;
}
