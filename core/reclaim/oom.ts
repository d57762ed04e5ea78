/**
 * The OOM killer: which process goes when nothing can be reclaimed (mm/oom_kill.c, v6.1: oom_badness,
 * select_bad_process, __oom_kill_process).
 *
 * Simplified: no process is exempt (a machine here need not have an init), and oom_score_adj is 0 for all.
 */

import type { Draft } from '../machine/draft.ts';
import type { Machine } from '../machine/machine.ts';
import { COUNTER } from '../outcome/counters.ts';
import { PTE_SPECIAL } from '../paging/pte.ts';
import { tablesOf } from '../paging/tables.ts';
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

/** The process with the most; of equals the last one. 0 when there is none to kill. */
export function selectBadProcess(draft: Draft): number {
  let chosen = 0;
  let most = 0;
  for (const pid of draft.records.pids()) {
    if (pid === draft.unborn) continue;
    const points = oomBadness(draft, draft.records.mm(draft.records.process(pid)!.mm).root);
    if (points < most) continue;
    chosen = pid;
    most = points;
  }
  return chosen;
}

/** Ends a process, and whoever shares its address space, as its exit would. */
export function killProcess(draft: Draft, pid: number): void {
  const { mm } = draft.records.process(pid)!;
  for (const other of draft.records.pids())
    if (draft.records.process(other)!.mm === mm) endProcess(draft, draft.cpu, other);
  draft.counters[COUNTER.oomKills]!++;
  draft.vars[RECLAIM_VAR.oomVictim] = pid;
}
