/** How far kswapd is: cells of the `kswapd` part, by name. It goes on in the next event where it was in the last one. */
import { MAX_ZONES } from '../phys/zones.ts';

const LISTS = 4;

export const KSWAPD = {
  /** 1 while it runs. */
  isAwake: 0,
  /** 1 + the highest zone that it was woken for since it began (kswapd_highest_zoneidx); 0: none. */
  pending: 1,
  /** Of this run: the highest zone, priority, pages freed (sc.nr_reclaimed), boost that is still to be worked off. */
  highestZone: 2,
  priority: 3,
  nrReclaimed: 4,
  boostLeft: 5,
  /** 1 within a round (shrink_node); then pages looked at, freed, and wanted in it. */
  isInRound: 6,
  nrScanned: 7,
  roundReclaimed: 8,
  nrToReclaim: 9,
  /** Boost of each zone when the run began. */
  boosts: 10,
  /** By list: pages that are left to be looked at, and that were to be. */
  left: 10 + MAX_ZONES,
  targets: 10 + MAX_ZONES + LISTS,
  /** Bits: whether active anonymous and file pages are made inactive in this round. */
  deactivates: 10 + MAX_ZONES + 2 * LISTS,
  /** When it looks again whether it may sleep on; 0: it does. */
  looksAtNs: 11 + MAX_ZONES + 2 * LISTS,
  /** How far it is, on the clock on the wall. */
  clockNs: 12 + MAX_ZONES + 2 * LISTS,
  /** Of a cpu that it shares; see turns.ts. */
  leadNs: 13 + MAX_ZONES + 2 * LISTS,
  leadAtNs: 14 + MAX_ZONES + 2 * LISTS,
  pickedNs: 15 + MAX_ZONES + 2 * LISTS,
  preempts: 16 + MAX_ZONES + 2 * LISTS,
  /** 1 from being woken to having the cpu for the first time. */
  isStarting: 17 + MAX_ZONES + 2 * LISTS,
  /** Until when it waits for the disk, in the middle of a batch. */
  sleepsUntilNs: 18 + MAX_ZONES + 2 * LISTS,
  /** Slabs of bios beyond the first one. */
  bioSlabs: 19 + MAX_ZONES + 2 * LISTS,
} as const;

export const KSWAPD_CELLS = 20 + MAX_ZONES + 2 * LISTS;
