/** Rows of the `cpus` table: one cpu each; and what time it is. */
import type { Draft } from '../machine/draft.ts';
import { COUNTER } from '../outcome/counters.ts';
import type { TableEdit } from './table.ts';

/** The most asids that a row has room for; how many of them a machine uses, its MMU says (`nrAsids`). */
export const MOST_ASIDS = 6;

/** Fields of a row. */
export const CPU = {
  clockNs: 0,
  pid: 1,
  mm: 2,
  /** 1-based slot of `asidMm` in use; 0 when the cpu runs no user process. */
  asid: 3,
  /** Slot that the next unknown address space takes. */
  nextAsid: 4,
  /** The address space of asid i is in field asidMm + i - 1; 0 = none. */
  asidMm: 5,
  /** With page-table isolation: 1 while the cpu is in user mode (paging/kpti.ts). */
  userMode: 11,
  /** What the counters of these names say of all cpus. */
  translations: 12,
  l2Hits: 13,
  walks: 14,
} as const;

/**
 * Simulated time goes by on a cpu: what it did since its last event, then what the event took, which began between the
 * two. Of the events of a batch `replay/figures/event-times.ts` tells when that was.
 */
export function passTime(cpus: TableEdit, cpu: number, thinkNs: number, spentNs: number): void {
  cpus.add(cpu, CPU.clockNs, thinkNs + spentNs);
}

/** Whether kswapd has to share the only cpu. */
export function sharesCpu({ platform }: Pick<Draft, 'platform'>): boolean {
  return platform.layout.onlineCpus === 1;
}

/** The time on the wall, which the disk goes by. A cpu's clock stands still while kswapd is on it. */
export function wallNs(draft: Draft): number {
  const ownNs = draft.cpus.get(draft.cpu, CPU.clockNs) + draft.extraNs;
  return sharesCpu(draft) ? ownNs + draft.counters[COUNTER.kswapdNs]! : ownNs;
}

/** Its single numbers: indexes of `vars`. */
export const CPUS_VAR = {
  /** cpus that ever ran a process: the highest number + 1. */
  cpus: 6,
  /** cpus that ever did anything: the highest number + 1. Only they have pages on their lists. */
  busyCpus: 7,
} as const;
