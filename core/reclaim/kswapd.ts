/**
 * kswapd: reclaims in the background until some zone that helps is above its high mark again, and what a boosted mark
 * asks for has been freed (kswapd, balance_pgdat, kswapd_try_to_sleep and wakeup_kswapd of mm/vmscan.c, v6.1).
 *
 * It is a thread like others: with one cpu it takes turns with whoever runs there, a tick each, and with more it has one
 * of its own. So it may be in the middle of a round when an event is over, and goes on in the next one.
 *
 * Simplified: it is woken for single pages only (no order), never stalls on pages that are being written, and cgroups,
 * other nodes and compaction are left out.
 */

import type { Draft } from '../machine/draft.ts';
import { COUNTER } from '../outcome/counters.ts';
import { LRU_LISTS } from '../pages/lru.ts';
import { boostCell, freeCmaPagesOf, freePagesOf } from '../phys/free-lists.ts';
import { PHYS_VAR } from '../phys/state.ts';
import type { Zone } from '../phys/zones.ts';
import { wallNs } from '../state/cpus.ts';
import { KSWAPD } from './kswapd-state.ts';
import { KSWAPD_PLUG, Plug } from './plug.ts';
import { notePressure } from './pressure.ts';
import { ReverseMap } from './rmap.ts';
import {
  ageAnon,
  beginRound,
  DEF_PRIORITY,
  endRound,
  type Round,
  rememberRefaults,
  type ScanControl,
  SWAP_CLUSTER_MAX,
  stepRound,
} from './scan.ts';
import type { Shrinker } from './shrinkers.ts';
import { RECLAIM_VAR } from './state.ts';
import type { ReclaimWatch } from './watch.ts';

/** Runs without success after which kswapd is not woken any more (MAX_RECLAIM_RETRIES, mm/internal.h, v6.1). */
const MOST_FAILURES = 16;
/** Priority down to which a boost is worked off by scanning harder. */
const BOOST_PRIORITY = DEF_PRIORITY - 2;
/** How long it sleeps lightly before it sleeps well: HZ/10. */
const LIGHT_SLEEP_NS = 100_000_000;

/**
 * wakeup_kswapd(): somebody found a zone up to this one too low, or has boosted its marks. True when it wakes. For which zones
 * it is it asks when it has the cpu: then others may have woken it for more.
 */
export function wakeKswapd(draft: Draft, highestZone: number): boolean {
  const { kswapd } = draft;
  kswapd[KSWAPD.pending] = Math.max(kswapd[KSWAPD.pending]!, highestZone + 1);
  if (kswapd[KSWAPD.isAwake] === 1) return false;
  const isHopeless = draft.vars[RECLAIM_VAR.kswapdFailures]! >= MOST_FAILURES;
  if (isHopeless || (isBalanced(draft, highestZone) && !isBoosted(draft, highestZone))) return false;
  wake(draft);
  return true;
}

/** Whether it slept lightly, and has to go on after all. */
export function wakesItself(draft: Draft): boolean {
  const { kswapd } = draft;
  const looksAtNs = kswapd[KSWAPD.looksAtNs]!;
  if (looksAtNs === 0 || kswapd[KSWAPD.isAwake] === 1 || wallNs(draft) < looksAtNs) return false;
  kswapd[KSWAPD.looksAtNs] = 0;
  draft.vars[PHYS_VAR.kswapdBusy] = 0;
  if (maySleep(draft)) return false;
  wake(draft);
  return true;
}

function wake({ kswapd, vars }: Draft): void {
  kswapd[KSWAPD.isAwake] = 1;
  kswapd[KSWAPD.isStarting] = 1;
  kswapd[KSWAPD.looksAtNs] = 0;
  vars[PHYS_VAR.kswapdBusy] = 1;
}

export function isKswapdAwake({ kswapd }: Draft): boolean {
  return kswapd[KSWAPD.isAwake] === 1;
}

/** Who looks on, and who has objects that can go. */
export interface Outside {
  readonly watch: ReclaimWatch | undefined;
  readonly shrinkers: readonly Shrinker[];
}

/** kswapd for as long as it may run, and is awake. */
export class KswapdTurn {
  private readonly draft: Draft;
  private readonly sc: ScanControl;
  private readonly watch: ReclaimWatch | undefined;
  private round: Round | undefined;

  /** @param untilNs when somebody else has its cpu */
  constructor(draft: Draft, nowNs: () => number, outside: Outside, untilNs: number) {
    const { kswapd } = draft;
    this.draft = draft;
    this.watch = outside.watch;
    if (kswapd[KSWAPD.isStarting] === 1) beginRun(draft, outside.watch);
    this.sc = savedControl(draft, nowNs, outside, untilNs);
    if (kswapd[KSWAPD.isInRound] === 1) this.round = savedRound(kswapd);
  }

  /** The least that can be done at a time. True when somebody else has the cpu for a moment after it. */
  step(): boolean {
    const { draft, sc, round } = this;
    if (round === undefined) this.beginRound();
    else if (!stepRound(draft, sc, round)) {
      this.endRound(round);
      return notePressure(draft, sc.nrScanned);
    }
    return false;
  }

  /** When it has to sleep for the disk: until when; else 0. */
  takeSleepNs(): number {
    const ns = this.sc.sleepsUntilNs ?? 0;
    this.sc.sleepsUntilNs = 0;
    return ns;
  }

  /** What the next turn goes on with. */
  save(): void {
    const { kswapd } = this.draft;
    const { sc, round } = this;
    kswapd[KSWAPD.priority] = sc.priority;
    kswapd[KSWAPD.nrReclaimed] = sc.nrReclaimed;
    kswapd[KSWAPD.nrScanned] = sc.nrScanned;
    kswapd[KSWAPD.nrToReclaim] = sc.nrToReclaim;
    kswapd[KSWAPD.isInRound] = round === undefined ? 0 : 1;
    kswapd[KSWAPD.roundReclaimed] = round?.nrReclaimed ?? 0;
    kswapd[KSWAPD.deactivates] = (round?.may.anon ? 1 : 0) | (round?.may.file ? 2 : 0);
    for (const list of LRU_LISTS) {
      kswapd[KSWAPD.left + list] = round?.left[list] ?? 0;
      kswapd[KSWAPD.targets + list] = round?.targets[list] ?? 0;
    }
  }

  private beginRound(): void {
    const { draft, sc } = this;
    const { kswapd } = draft;
    const balanced = isBalanced(draft, sc.highestZone);
    // Out of balance there is more to be done than a boost asks for.
    if (!balanced && kswapd[KSWAPD.boostLeft]! > 0) {
      kswapd[KSWAPD.boostLeft] = 0;
      sc.priority = DEF_PRIORITY;
    }
    if (balanced && kswapd[KSWAPD.boostLeft] === 0) {
      this.endRun();
      return;
    }
    sc.maySwap = kswapd[KSWAPD.boostLeft] === 0;
    ageAnon(draft, sc);
    sc.nrScanned = 0;
    sc.nrToReclaim = zonesUpTo(draft, sc.highestZone).reduce(
      (sum, zone) => sum + Math.max(highMark(draft, zone), SWAP_CLUSTER_MAX),
      0,
    );
    this.round = beginRound(draft, sc);
  }

  private endRound(round: Round): void {
    const { draft, sc } = this;
    const { kswapd } = draft;
    const before = sc.nrReclaimed;
    const boostLeft = kswapd[KSWAPD.boostLeft]!;
    const scansHarder = sc.nrScanned < sc.nrToReclaim && !(boostLeft > 0 && sc.priority === BOOST_PRIORITY);
    endRound(draft, sc, round);
    this.round = undefined;
    const freed = sc.nrReclaimed - before;
    kswapd[KSWAPD.boostLeft] = Math.max(0, boostLeft - freed);
    const givesUp = kswapd[KSWAPD.boostLeft]! > 0 && freed === 0;
    if (!givesUp && (scansHarder || freed === 0)) sc.priority--;
    if (!givesUp && sc.priority >= 1) return;
    if (sc.nrReclaimed === 0) draft.vars[RECLAIM_VAR.kswapdFailures]!++;
    this.endRun();
  }

  private endRun(): void {
    const { draft, sc } = this;
    const { kswapd, freeLists } = draft;
    for (const { index } of zonesUpTo(draft, sc.highestZone)) {
      const cell = boostCell(index);
      freeLists[cell]! -= Math.min(freeLists[cell]!, kswapd[KSWAPD.boosts + index]!);
    }
    rememberRefaults(draft);
    if (maySleep(draft)) {
      kswapd[KSWAPD.isAwake] = 0;
      draft.vars[PHYS_VAR.reclaimedZones] = 0;
      kswapd[KSWAPD.looksAtNs] = sc.nowNs() + LIGHT_SLEEP_NS;
      return;
    }
    beginRun(draft, this.watch);
    sc.priority = DEF_PRIORITY;
    sc.nrReclaimed = 0;
  }
}

/** What KswapdTurn.save() has left for this turn. */
function savedControl(
  draft: Draft,
  nowNs: () => number,
  { watch, shrinkers }: Outside,
  untilNs: number,
): ScanControl {
  const { kswapd } = draft;
  return {
    rmap: new ReverseMap(draft),
    mayEnterFs: true,
    mayDoIo: true,
    isKswapd: true,
    nowNs,
    watch,
    shrinkers,
    plug: new Plug(draft, KSWAPD_PLUG, nowNs),
    isTurnOver: () => nowNs() >= untilNs,
    get highestZone() {
      return kswapd[KSWAPD.highestZone]!;
    },
    priority: kswapd[KSWAPD.priority]!,
    nrReclaimed: kswapd[KSWAPD.nrReclaimed]!,
    nrScanned: kswapd[KSWAPD.nrScanned]!,
    nrToReclaim: kswapd[KSWAPD.nrToReclaim]!,
    maySwap: kswapd[KSWAPD.boostLeft] === 0,
    forceDeactivate: false,
    skippedDeactivate: false,
  };
}

function savedRound(kswapd: Draft['kswapd']): Round {
  const may = kswapd[KSWAPD.deactivates]!;
  return {
    targets: LRU_LISTS.map((list) => kswapd[KSWAPD.targets + list]!),
    left: LRU_LISTS.map((list) => kswapd[KSWAPD.left + list]!),
    may: { anon: (may & 1) !== 0, file: (may & 2) !== 0 },
    nrReclaimed: kswapd[KSWAPD.roundReclaimed]!,
  };
}

/** prepare_kswapd_sleep(), for the highest zone that it was, or has been woken for. */
function maySleep(draft: Draft): boolean {
  const { kswapd, vars } = draft;
  return vars[RECLAIM_VAR.kswapdFailures]! >= MOST_FAILURES || isBalanced(draft, nextZone(kswapd));
}

function nextZone(kswapd: Draft['kswapd']): number {
  const pending = kswapd[KSWAPD.pending]!;
  return pending > 0 ? pending - 1 : kswapd[KSWAPD.highestZone]!;
}

function beginRun(draft: Draft, watch: ReclaimWatch | undefined): void {
  const { kswapd, counters, freeLists } = draft;
  const highestZone = nextZone(kswapd);
  kswapd[KSWAPD.isStarting] = 0;
  kswapd[KSWAPD.highestZone] = highestZone;
  kswapd[KSWAPD.pending] = 0;
  kswapd[KSWAPD.priority] = DEF_PRIORITY;
  kswapd[KSWAPD.nrReclaimed] = 0;
  kswapd[KSWAPD.isInRound] = 0;
  kswapd[KSWAPD.boostLeft] = 0;
  for (const { index } of zonesUpTo(draft, highestZone)) {
    const boost = freeLists[boostCell(index)]!;
    kswapd[KSWAPD.boosts + index] = boost;
    kswapd[KSWAPD.boostLeft]! += boost;
  }
  draft.vars[PHYS_VAR.reclaimedZones] = highestZone + 1;
  counters[COUNTER.kswapdRuns]!++;
  watch?.kswapd?.(draft, highestZone);
}

function zonesUpTo({ platform }: Draft, highestZone: number): readonly Zone[] {
  return platform.zones.slice(0, highestZone + 1);
}

function highMark({ freeLists }: Draft, zone: Zone): number {
  return zone.high + freeLists[boostCell(zone.index)]!;
}

/** pgdat_balanced(): one zone is enough. */
function isBalanced(draft: Draft, highestZone: number): boolean {
  return zonesUpTo(draft, highestZone).some((zone) => {
    const usable = freePagesOf(draft, zone.index) - freeCmaPagesOf(draft, zone.index);
    return usable > highMark(draft, zone) + zone.lowmemReserve[highestZone]!;
  });
}

/** pgdat_watermark_boosted(). */
function isBoosted(draft: Draft, highestZone: number): boolean {
  return zonesUpTo(draft, highestZone).some(({ index }) => draft.freeLists[boostCell(index)]! > 0);
}
