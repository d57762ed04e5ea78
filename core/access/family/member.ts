/**
 * One make of a family below its first level: its second level, its walk caches, and what came of them. What is equal for
 * all members of a first level is in that one's account.
 */
import type { Costs } from '../../base/cost.ts';
import { Digest } from '../../base/digest.ts';
import { COUNTER } from '../../outcome/counters.ts';
import { TLB_L2, TLB_WALK } from '../../outcome/outcome.ts';
import type { MmuGeometry } from '../../paging/geometry.ts';
import { SIZE_CLASSES } from '../../tlb/keys.ts';
import { REF_LACKING } from '../../tlb/reference-log.ts';
import { REF_EXECUTE, REF_KERNEL, REF_SHIFT, REF_STORE } from '../../tlb/run.ts';
import { CACHE_COUNTERS, countKind, countReads, entriesRead, L2_HITS, WALKS } from '../walk-counts.ts';
import { Account } from './account.ts';
import type { Below } from './below.ts';
import type { Moment } from './moment.ts';
import { NR_SORTS } from './references.ts';
import type { Roles } from './roles.ts';
import type { WalkCaches } from './walk-caches.ts';

/** Of what is translated now: what each reference takes, and 0 for a hit, else 1 and the entries that were left to read. */
let ns = new Float64Array(0);
let codes = new Uint8Array(0);
/** By code and reference: what an event that is this reference alone adds to the digest, and in which run that was. */
const MOST_CODES = 8;
let walkLow = new Int32Array(0);
let walkHigh = new Int32Array(0);
let hashedIn = new Int32Array(0);
let hashings = 0;

/** Makes room for so many references, and forgets what they add to digests. */
export function beginHashing(count: number): void {
  hashings++;
  if (ns.length >= count) return;
  ns = new Float64Array(2 * count);
  codes = new Uint8Array(2 * count);
  walkLow = new Int32Array(2 * count * MOST_CODES);
  walkHigh = new Int32Array(2 * count * MOST_CODES);
  hashedIn = new Int32Array(2 * count * MOST_CODES);
}

export class Member {
  readonly account = new Account();
  /** Of all events that this make translates otherwise than by its first level alone. */
  readonly digest = new Digest();
  /** Whether a machine with it would have taken another course. */
  isOut = false;
  private readonly roles: Roles;
  private readonly caches: WalkCaches;
  private readonly mmu: MmuGeometry;
  private readonly costs: Costs;

  constructor(roles: Roles, caches: WalkCaches, mmu: MmuGeometry, costs: Costs) {
    this.roles = roles;
    this.caches = caches;
    this.mmu = mmu;
    this.costs = costs;
  }

  /**
   * Translates what came down to it. `walked`: of references to kernel pages whose entry is lacking (REF_LACKING), those
   * for which the machine walked, and so faulted; who does otherwise is out. Undefined: this is the machine's own make.
   */
  translate(below: Below, { cpu, drops }: Moment, walked: ReadonlySet<number> | undefined): void {
    this.lookUp(below);
    const { account, caches, mmu } = this;
    const { counters } = account;
    const { walkReferenceNs } = this.costs;
    const { count, keys, refs, sorts, hitNs } = below;
    let walks = 0;
    let spentNs = 0;
    for (let j = 0; j < count; j++) {
      const ref = refs[j]!;
      if (codes[j] === 0) {
        ns[j] = hitNs[j]!;
        spentNs += ns[j]!;
        if ((ref & SPECIAL) !== 0) this.countHit(ref, sorts[j]!, walked);
        continue;
      }
      const isKernel = (ref & REF_KERNEL) !== 0;
      const sizeClass = sorts[j]! & (SIZE_CLASSES - 1);
      const left = caches.entriesLeft(cpu, keys[j]!, sizeClass, drops);
      const entries = entriesRead(mmu, isKernel, sizeClass, left);
      codes[j] = 1 + left;
      ns[j] = entries * walkReferenceNs;
      spentNs += ns[j]!;
      walks++;
      if (left > 0) counters[CACHE_COUNTERS[left - 1 + sizeClass]!]!++;
      counters[COUNTER.walkReferences]! += entries;
      countReads(counters, sizeClass, entries);
      if ((ref & SPECIAL) !== 0) this.countWalk(ref, walked);
    }
    counters[COUNTER.walks]! += walks;
    counters[COUNTER.l2Hits]! += count - walks;
    const own = account.ofCpu(cpu);
    own.walks += walks;
    own.l2Hits += count - walks;
    own.ns += spentNs;
  }

  /** What each event took is no longer a part of its rest. Of the machine's own make, before anybody asks for hashes. */
  takeFromRest({ count, refs }: Below, { restNs }: Moment): void {
    for (let j = 0; j < count; j++) restNs[refs[j]! >> REF_SHIFT]! -= ns[j]!;
  }

  /** Adds what was translated last to the digest. */
  hash(below: Below, moment: Moment): void {
    const { count, refs, isLast, plusNs, hitLow, hitHigh } = below;
    let { low, high } = this.digest;
    for (let j = 0; j < count; j++) {
      if (isLast[j] === 0) {
        const last = this.lastOf(below, j);
        const { low: ofLow, high: ofHigh } = hashOfSeveral(below, j, last, moment);
        low = (low + ofLow) | 0;
        high = (high + ofHigh) | 0;
        j = last;
      } else if (codes[j] === 0) {
        low = (low + hitLow[j]!) | 0;
        high = (high + hitHigh[j]!) | 0;
      } else {
        const at = j * MOST_CODES + codes[j]!;
        if (hashedIn[at] !== hashings) {
          const hashed = moment.hash(refs[j]! >> REF_SHIFT, TLB_WALK, ns[j]! + plusNs[j]!);
          walkLow[at] = hashed.low;
          walkHigh[at] = hashed.high;
          hashedIn[at] = hashings;
        }
        low = (low + walkLow[at]!) | 0;
        high = (high + walkHigh[at]!) | 0;
      }
    }
    this.digest.low = low;
    this.digest.high = high;
  }

  /** Whether the page of each is in the second level: code 0, else 1. */
  private lookUp({ count, sorts }: Below): void {
    const { roles } = this;
    const [first] = roles;
    if (roles.every(({ bank, limit }) => bank === first!.bank && limit === first!.limit)) {
      const { bank, limit } = first!;
      if (bank === undefined) codes.fill(1, 0, count);
      else for (let j = 0; j < count; j++) codes[j] = bank.depth[j]! < limit ? 0 : 1;
      return;
    }
    for (let j = 0; j < count; j++) {
      const { bank, limit } = roles[sorts[j]! & (NR_SORTS - 1)]!;
      codes[j] = bank !== undefined && bank.depth[j]! < limit ? 0 : 1;
    }
  }

  private countHit(ref: number, sort: number, walked: ReadonlySet<number> | undefined): void {
    const { counters } = this.account;
    countKind(counters, ref, L2_HITS);
    if ((ref & REF_LACKING) === 0) return;
    if ((ref & REF_STORE) === 0) this.isOut ||= walked?.has(ref) === true;
    else {
      counters[COUNTER.dirtyAssists]!++;
      counters[COUNTER.walkReferences]!++;
      countReads(counters, sort & (SIZE_CLASSES - 1), 1);
    }
  }

  private countWalk(ref: number, walked: ReadonlySet<number> | undefined): void {
    countKind(this.account.counters, ref, WALKS);
    if ((ref & LACKING_KERNEL) === LACKING_KERNEL) this.isOut ||= walked?.has(ref) === false;
  }

  /** The machine's own make: of which references to lacking entries it walked for, in the run that was translated last. */
  noteWalked({ count, refs }: Below, walked: Set<number>): void {
    for (let j = 0; j < count; j++)
      if (codes[j] !== 0 && (refs[j]! & LACKING_KERNEL) === LACKING_KERNEL) walked.add(refs[j]!);
  }

  private lastOf({ isLast }: Below, j: number): number {
    let last = j;
    while (isLast[last] === 0) last++;
    return last;
  }
}

/** References that are counted beyond those of data in user pages, or have more to be looked at. */
const SPECIAL = REF_EXECUTE | REF_KERNEL | REF_LACKING;
export const LACKING_KERNEL = REF_KERNEL | REF_LACKING;

/** An event of several references: the worst of them, and what they took together. */
function hashOfSeveral({ refs, plusNs }: Below, first: number, last: number, moment: Moment): Digest {
  let tookNs = plusNs[first]!;
  let worst: number = TLB_L2;
  for (let j = first; j <= last; j++) {
    tookNs += ns[j]!;
    if (codes[j] !== 0) worst = TLB_WALK;
  }
  return moment.hash(refs[first]! >> REF_SHIFT, worst, tookNs);
}
