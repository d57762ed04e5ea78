/**
 * A process between SIGKILL and its end: it has to come to its turn, and then gives up its address space page by page.
 * Until that is done nobody else is killed, and who wants memory goes on reclaiming (mm/oom_kill.c, v6.1: mark_oom_victim,
 * and oom_evaluate_task, which lets select_bad_process abort; exit_mmap of mm/mmap.c).
 *
 * Simplified: where it shares the cpu, the task that asks is the only other one there, whoever else may want to run; and what
 * is not done when the event is over is done then, in one go. No reserves are open to it, and oom_reaper, which waits for two
 * seconds first (OOM_REAPER_DELAY), comes too late.
 */

import type { Draft } from '../machine/draft.ts';
import { forEachUserPage } from '../paging/user-pages.ts';
import { zapPages } from '../vm/mapping.ts';
import { KSWAPD, KSWAPD_CELLS } from './kswapd-state.ts';
import { endVictim, markVictim } from './oom.ts';
import { wakeBesideTask } from './turns.ts';

/**
 * Pages that go at a time. A kernel frees what it has unmapped as soon as it gets no page to note more of it in
 * (tlb_next_batch of mm/mmu_gather.c), which is soon where there is no memory.
 */
const PAGES_AT_A_TIME = 32;

export class Dying {
  /** How long it and the task had the cpu that they share; see turns.ts. */
  readonly turns = { kswapd: new Float64Array(KSWAPD_CELLS) };
  /** How far it is, on the clock on the wall. */
  clockNs: number;
  /** When somebody else was to be killed last; -1: never. */
  askedAtNs = -1;
  isGone = false;
  private readonly mm: number;
  private readonly root: number;
  /** Where pages are, a number of them at a time; the next ones are last. */
  private readonly pieces: number[];
  private readonly pieceShift: number;

  constructor(draft: Draft, pid: number, nowNs: number) {
    markVictim(draft, pid);
    this.clockNs = nowNs;
    this.mm = draft.records.process(pid)!.mm;
    this.root = draft.records.mm(this.mm).root;
    this.pieceShift = Math.log2(draft.platform.thp?.nrPages ?? PAGES_AT_A_TIME);
    const pieces = new Set<number>();
    forEachUserPage(draft, this.root, (vpn) => pieces.add(Math.floor(vpn / 2 ** this.pieceShift)));
    this.pieces = [...pieces].reverse();
    // It has slept, or waited, for longer than it is given credit for.
    this.turns.kswapd[KSWAPD.leadAtNs] = nowNs;
    this.turns.kswapd[KSWAPD.leadNs] = Number.POSITIVE_INFINITY;
    wakeBesideTask(this.turns, nowNs);
  }

  /** It goes on from `clockNs` on. Its time is nobody's, unless the caller charges it. */
  run(draft: Draft, untilNs: number): void {
    const eventNs = draft.extraNs;
    while (!this.isGone && this.clockNs < untilNs) {
      draft.extraNs = 0;
      this.step(draft);
      this.clockNs += Math.max(1, draft.extraNs);
    }
    draft.extraNs = eventNs;
  }

  private step(draft: Draft): void {
    const piece = this.pieces.pop();
    if (piece === undefined) {
      endVictim(draft, this.mm);
      this.isGone = true;
    } else zapPages(draft, this.root, piece * 2 ** this.pieceShift, (piece + 1) * 2 ** this.pieceShift);
  }
}
