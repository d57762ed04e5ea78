/**
 * The OOM killer: which process goes when nothing can be reclaimed (mm/oom_kill.c, v6.1: oom_badness,
 * select_bad_process, __oom_kill_process).
 *
 * Simplified: of processes only those with an oom_score_adj of -1000 are exempt (a machine here need not have an init).
 */

import type { Draft } from '../machine/draft.ts';
import type { Machine } from '../machine/machine.ts';
import { COUNTER } from '../outcome/counters.ts';
import { PTE_SPECIAL } from '../paging/pte.ts';
import { tablesOf } from '../paging/table-walk.ts';
import { forEachUserPage } from '../paging/user-pages.ts';
import { endProcess } from '../vm/process-events.ts';
import { RECLAIM_VAR } from './state.ts';

/** Pages that go with an address space: in memory, in the swap area, and of page tables. */
export function oomBadness(of: Draft | Machine, root: number): number {
  let pages = 0;
  forEachUserPage(of, root, (_vpn, pte) => {
    // The entry of a page in the swap area has no flags.
    if ((pte & PTE_SPECIAL) === 0) pages++;
  });
  return pages + tablesOf(of, root);
}

const OOM_SCORE_ADJ_MIN = -1000;

/**
 * The process with the most points, of which oom_score_adj gives or takes so many thousandths of all memory and swap; of
 * equals the last one. 0 when there is none to kill.
 */
export function selectBadProcess(draft: Draft): number {
  const { zones, reclaim } = draft.platform;
  const totalPages = zones.reduce((sum, { managedPages }) => sum + managedPages, reclaim?.swapSlots ?? 0);
  const perThousand = Math.floor(totalPages / 1000);
  let chosen = 0;
  let most = Number.NEGATIVE_INFINITY;
  for (const pid of draft.records.pids()) {
    const { mm, oomScoreAdj = 0 } = draft.records.process(pid)!;
    if (pid === draft.unborn || oomScoreAdj === OOM_SCORE_ADJ_MIN) continue;
    const points = oomBadness(draft, draft.records.mm(mm).root) + oomScoreAdj * perThousand;
    if (points < most) continue;
    chosen = pid;
    most = points;
  }
  return chosen;
}

/** Ends a process, and whoever shares its address space, as its exit would. */
export function killProcess(draft: Draft, pid: number): void {
  markVictim(draft, pid);
  endVictim(draft, draft.records.process(pid)!.mm);
}

/** mark_oom_victim(). */
export function markVictim(draft: Draft, pid: number): void {
  draft.counters[COUNTER.oomKills]!++;
  draft.vars[RECLAIM_VAR.oomVictim] = pid;
}

/** Whoever has this address space goes, and with the last of them what is left of it. */
export function endVictim(draft: Draft, mm: number): void {
  for (const other of draft.records.pids())
    if (draft.records.process(other)!.mm === mm) endProcess(draft, draft.cpu, other);
}
