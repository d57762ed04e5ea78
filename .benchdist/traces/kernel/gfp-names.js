/**
 * gfp flags as tracepoints print them, `GFP_KERNEL|__GFP_ZERO|0x4000000`, to masks of core/event/gfp.ts.
 *
 * Names: include/trace/events/mmflags.h of Linux 6.1 to 6.18. A composite has the bits of 6.1 whichever kernel
 * printed it; the bits that differ between the versions (GFP_ATOMIC had __GFP_ATOMIC until 6.2, GFP_NOWAIT has
 * __GFP_NOWARN since 6.12) choose no page.
 */
import * as gfp from '../../core/event/gfp.js';
const RECLAIM = gfp.__GFP_DIRECT_RECLAIM | gfp.__GFP_KSWAPD_RECLAIM;
/** khugepaged's, less direct reclaim: fails at once rather than wait for memory. */
const TRANSHUGE_LIGHT = (gfp.GFP_HIGHUSER_MOVABLE | gfp.__GFP_COMP | gfp.__GFP_NOMEMALLOC | gfp.__GFP_NOWARN) & ~RECLAIM;
const COMPOSITES = {
    GFP_ATOMIC: gfp.GFP_ATOMIC,
    GFP_KERNEL: gfp.GFP_KERNEL,
    GFP_KERNEL_ACCOUNT: gfp.GFP_KERNEL | gfp.__GFP_ACCOUNT,
    GFP_NOWAIT: gfp.__GFP_KSWAPD_RECLAIM,
    GFP_NOIO: RECLAIM,
    GFP_NOFS: RECLAIM | gfp.__GFP_IO,
    GFP_USER: gfp.GFP_USER,
    // in the kernel these two are the zone alone, and are printed beside GFP_KERNEL
    GFP_DMA: gfp.__GFP_DMA,
    GFP_DMA32: gfp.__GFP_DMA32,
    GFP_HIGHUSER: gfp.GFP_HIGHUSER,
    GFP_HIGHUSER_MOVABLE: gfp.GFP_HIGHUSER_MOVABLE,
    GFP_TRANSHUGE_LIGHT: TRANSHUGE_LIGHT,
    GFP_TRANSHUGE: TRANSHUGE_LIGHT | gfp.__GFP_DIRECT_RECLAIM,
    __GFP_RECLAIM: RECLAIM,
};
/** Flags of later kernels that 6.1 has no bit for, or splits in two. None of them chooses a page. */
const LATER = {
    __GFP_SKIP_KASAN: gfp.__GFP_SKIP_KASAN_UNPOISON | gfp.__GFP_SKIP_KASAN_POISON,
    __GFP_NO_OBJ_EXT: 0,
};
const BITS = Object.entries(gfp).filter(([name]) => name.startsWith('__GFP_'));
const MASKS = new Map([
    ...BITS,
    ...Object.entries(COMPOSITES),
    ...Object.entries(LATER),
    ['none', 0],
]);
/** The mask, or the name in it that no kernel uses. */
export function parseGfpFlags(text) {
    let mask = 0;
    for (const name of text.split('|')) {
        // what has no name is printed as a number
        const bits = MASKS.get(name) ?? (/^0x[0-9a-f]{1,8}$/.test(name) ? Number(name) : undefined);
        if (bits === undefined)
            return name;
        mask |= bits;
    }
    return mask >>> 0;
}
//# sourceMappingURL=gfp-names.js.map