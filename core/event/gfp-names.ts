/**
 * gfp masks in the kernel's own words, `GFP_HIGHUSER_MOVABLE|__GFP_ZERO`, as %pGg and the tracepoints print them: the names
 * with most bits come first, each takes its bits away, and what has no name is a number (format_flags, lib/vsprintf.c;
 * __def_gfpflag_names, include/trace/events/mmflags.h; v6.1).
 */
import * as gfp from './gfp.ts';

const RECLAIM = gfp.__GFP_DIRECT_RECLAIM | gfp.__GFP_KSWAPD_RECLAIM;

/** In the order of __def_gfpflag_names. GFP_DMA and GFP_DMA32 are the zone alone there, and stand beside GFP_KERNEL. */
export const GFP_COMPOSITES: readonly (readonly [name: string, mask: number])[] = [
  ['GFP_TRANSHUGE', gfp.GFP_TRANSHUGE],
  ['GFP_TRANSHUGE_LIGHT', gfp.GFP_TRANSHUGE_LIGHT],
  ['GFP_HIGHUSER_MOVABLE', gfp.GFP_HIGHUSER_MOVABLE],
  ['GFP_HIGHUSER', gfp.GFP_HIGHUSER],
  ['GFP_USER', gfp.GFP_USER],
  ['GFP_KERNEL_ACCOUNT', gfp.GFP_KERNEL | gfp.__GFP_ACCOUNT],
  ['GFP_KERNEL', gfp.GFP_KERNEL],
  ['GFP_NOFS', RECLAIM | gfp.__GFP_IO],
  ['GFP_ATOMIC', gfp.GFP_ATOMIC],
  ['GFP_NOIO', RECLAIM],
  ['GFP_NOWAIT', gfp.__GFP_KSWAPD_RECLAIM],
  ['GFP_DMA', gfp.__GFP_DMA],
  ['GFP_DMA32', gfp.__GFP_DMA32],
];

/** Single bits, in the order in which the kernel prints them. */
const BITS = {
  __GFP_HIGHMEM: gfp.__GFP_HIGHMEM,
  __GFP_HIGH: gfp.__GFP_HIGH,
  __GFP_ATOMIC: gfp.__GFP_ATOMIC,
  __GFP_IO: gfp.__GFP_IO,
  __GFP_FS: gfp.__GFP_FS,
  __GFP_NOWARN: gfp.__GFP_NOWARN,
  __GFP_RETRY_MAYFAIL: gfp.__GFP_RETRY_MAYFAIL,
  __GFP_NOFAIL: gfp.__GFP_NOFAIL,
  __GFP_NORETRY: gfp.__GFP_NORETRY,
  __GFP_COMP: gfp.__GFP_COMP,
  __GFP_ZERO: gfp.__GFP_ZERO,
  __GFP_NOMEMALLOC: gfp.__GFP_NOMEMALLOC,
  __GFP_MEMALLOC: gfp.__GFP_MEMALLOC,
  __GFP_HARDWALL: gfp.__GFP_HARDWALL,
  __GFP_THISNODE: gfp.__GFP_THISNODE,
  __GFP_RECLAIMABLE: gfp.__GFP_RECLAIMABLE,
  __GFP_MOVABLE: gfp.__GFP_MOVABLE,
  __GFP_ACCOUNT: gfp.__GFP_ACCOUNT,
  __GFP_WRITE: gfp.__GFP_WRITE,
  __GFP_DIRECT_RECLAIM: gfp.__GFP_DIRECT_RECLAIM,
  __GFP_KSWAPD_RECLAIM: gfp.__GFP_KSWAPD_RECLAIM,
  __GFP_ZEROTAGS: gfp.__GFP_ZEROTAGS,
} as const;

const NAMES: readonly (readonly [string, number])[] = [...GFP_COMPOSITES, ...Object.entries(BITS)];

/** `none` for no flags, as tracepoints have it. */
export function gfpText(mask: number): string {
  if (mask === 0) return 'none';
  const words: string[] = [];
  let rest = mask;
  for (const [name, bits] of NAMES) {
    if ((rest & bits) !== bits) continue;
    words.push(name);
    rest &= ~bits;
  }
  if (rest !== 0) words.push(`0x${(rest >>> 0).toString(16)}`);
  return words.join('|');
}
