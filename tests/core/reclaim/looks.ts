/** One look of reclaim at a time: what a page becomes, on a machine that has room. */

import { WRITE } from '../../../core/event/access-mode.ts';
import { batchOf } from '../../../core/event/batch.ts';
import { fold } from '../../../core/fold/fold.ts';
import { Draft } from '../../../core/machine/draft.ts';
import type { Machine } from '../../../core/machine/machine.ts';
import { endVpn } from '../../../core/mm/vma.ts';
import { STATUSES } from '../../../core/outcome/outcome.ts';
import { lruListOf, PG_DIRTY, PG_REFERENCED } from '../../../core/pages/lru.ts';
import { LRU } from '../../../core/pages/lru-links.ts';
import { PAGES_VAR } from '../../../core/pages/state.ts';
import { endWriteback } from '../../../core/pages/writeback.ts';
import { PTE_ACCESSED, pteFrame } from '../../../core/paging/pte.ts';
import { findLeaf } from '../../../core/paging/table-walk.ts';
import {
  FREED,
  KEPT,
  type PageoutControl,
  QUEUED,
  reclaimPage,
  WRITTEN,
} from '../../../core/reclaim/pageout.ts';
import { ReverseMap } from '../../../core/reclaim/rmap.ts';
import type { ScanControl } from '../../../core/reclaim/scan.ts';
import { access, eventOf, MIB, machineOf, PAGE, Session, type Step } from '../../support/rows.ts';

/** A machine with 64 MiB and a swap area, which reclaims. */
export function reclaiming(swapMib = 64, layout = 'linux-x86_64', mib = 64): Session {
  return new Session(machineOf(layout, mib, { cpus: 2 }, { reclaim: { swapBytes: BigInt(swapMib) << 20n } }));
}

/** Many events as one batch; which statuses there were. */
export function run(session: Session, steps: readonly Step[]): Set<string> {
  const { machine, outcomes } = fold(session.machine, batchOf(steps.map(eventOf)));
  session.machine = machine;
  return new Set([...outcomes.status.subarray(0, steps.length)].map((status) => STATUSES[status]!.name));
}

/** A touch of pages [from, from + nrPages) of an object, one batch. */
export function touchAll(
  session: Session,
  object: number,
  nrPages: number,
  mode = WRITE,
  from = 0,
): Set<string> {
  return run(
    session,
    Array.from({ length: nrPages }, (_, page) => access(object, (from + page) * PAGE, 8, mode)),
  );
}

export const pagesOf = (mib: number): number => (mib * MIB) / PAGE;

/** Does something that no event does, as if within one. */
export function within<T>(session: Session, work: (draft: Draft) => T): T {
  const draft = new Draft(session.machine);
  draft.onCpu(0);
  const result = work(draft);
  session.machine = draft.seal(false).machine;
  return result;
}

/** The entry of page `page` of an object, in the address space of a process. */
export function entryOf(
  { records, platform, ptes }: Machine,
  pid: number,
  object: number,
  page: number,
): number {
  const mm = records.mms[records.processes[pid]!.mm]!;
  const vma = mm.vmas
    .toArray()
    .find(
      (v) => v.object === object && page >= v.objectPage && page < v.objectPage + endVpn(v) - v.startVpn,
    )!;
  return findLeaf({ platform, ptes }, mm.root, vma.startVpn + page - vma.objectPage).pte;
}

export const isAccessed = (pte: number): boolean => (pte & PTE_ACCESSED) !== 0;

export function frameOf(session: Session, pid: number, object: number, page = 0): number {
  return pteFrame(entryOf(session.machine, pid, object, page));
}

const LISTS = ['none', 'inactive anon', 'active anon', 'inactive file', 'active file'];
export const listOf = ({ machine }: Session, pfn: number): string => LISTS[lruListOf(machine, pfn) + 1]!;

/** The flags of a page on a list. */
export function flagsOf({ machine }: Session, pfn: number): { referenced: boolean; dirty: boolean } {
  const state = machine.lru.get(pfn, LRU.state);
  return { referenced: (state & PG_REFERENCED) !== 0, dirty: (state & PG_DIRTY) !== 0 };
}

const VERDICTS = { [KEPT]: 'kept', [FREED]: 'freed', [WRITTEN]: 'written', [QUEUED]: 'queued' } as const;
export type Verdict = (typeof VERDICTS)[keyof typeof VERDICTS];

/** All may be done, and the disk is done with what was handed to it before. */
export function controlOf(draft: Draft): PageoutControl {
  return {
    rmap: new ReverseMap(draft),
    mayEnterFs: true,
    mayDoIo: true,
    nowNs: () => draft.vars[PAGES_VAR.writebackDoneNs]! + 1,
  };
}

/** A round of direct reclaim for any zone; by default of all pages. */
export function scanOf(draft: Draft, options: Partial<ScanControl> = {}): ScanControl {
  return {
    ...controlOf(draft),
    isKswapd: false,
    highestZone: draft.platform.zones.length - 1,
    nrToReclaim: Number.POSITIVE_INFINITY,
    priority: 0,
    nrScanned: 0,
    nrReclaimed: 0,
    maySwap: true,
    forceDeactivate: false,
    skippedDeactivate: false,
    ...options,
  };
}

/** Reclaim looks at a page once. */
export function look(session: Session, pfn: number, may: Partial<PageoutControl> = {}): Verdict {
  return within(session, (draft) => {
    const control = { ...controlOf(draft), ...may };
    endWriteback(draft, control.nowNs());
    return VERDICTS[reclaimPage(draft, control, pfn) as keyof typeof VERDICTS];
  });
}

/** The same, and where the page is then. */
export function lookAt(session: Session, pfn: number, may: Partial<PageoutControl> = {}): string {
  const verdict = look(session, pfn, may);
  return verdict === 'kept' ? `kept, ${listOf(session, pfn)}` : verdict;
}
