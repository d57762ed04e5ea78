/**
 * The huge zero page, which read faults of huge pages map (get_huge_zero_page of mm/huge_memory.c, v6.1): one for all,
 * allocated when it is first needed.
 *
 * Simplified: it is freed with its last mapping; the kernel keeps it until memory runs short.
 */

import {
  __GFP_COMP,
  __GFP_KSWAPD_RECLAIM,
  __GFP_NOMEMALLOC,
  __GFP_NOWARN,
  GFP_HIGHUSER,
} from '../event/gfp.ts';
import type { Draft } from '../machine/draft.ts';
import { COUNTER } from '../outcome/counters.ts';
import { PAGES_VAR } from '../pages/state.ts';
import { FRAME, USE_RESERVED } from '../phys/frames.ts';
import { allocPages } from '../phys/page-alloc.ts';

/** GFP_TRANSHUGE without __GFP_MOVABLE and __GFP_KSWAPD_RECLAIM (include/linux/gfp_types.h, v6.1). */
const GFP_HUGE_ZERO = (GFP_HIGHUSER & ~__GFP_KSWAPD_RECLAIM) | __GFP_COMP | __GFP_NOMEMALLOC | __GFP_NOWARN;

/** One more reference to it: its first frame, or a negated reason. */
export function getHugeZeroPage(draft: Draft): number {
  const { vars, platform, counters } = draft;
  const known = vars[PAGES_VAR.hugeZeroPfn]!;
  if (known !== 0) {
    draft.frames.add(known, FRAME.refs, 1);
    return known;
  }
  const { order, nrPages } = platform.thp!;
  const pfn = allocPages(draft, order, GFP_HUGE_ZERO, USE_RESERVED, 0);
  if (pfn < 0) return pfn;
  vars[PAGES_VAR.hugeZeroPfn] = pfn;
  counters[COUNTER.thpZeroPageAlloc]!++;
  draft.spend(platform.costs.clearPageNs * nrPages);
  return pfn;
}
