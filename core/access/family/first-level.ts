/** One make of a first level, and the members of the family that have it. */
import type { Costs } from '../../base/cost.ts';
import { Digest } from '../../base/digest.ts';
import { COUNTER } from '../../outcome/counters.ts';
import { TLB_L1 } from '../../outcome/outcome.ts';
import { SIZE_CLASSES } from '../../tlb/keys.ts';
import { REF_LACKING } from '../../tlb/reference-log.ts';
import { REF_SHIFT, REF_STORE } from '../../tlb/run.ts';
import { countReads } from '../walk-counts.ts';
import { Account } from './account.ts';
import type { Bank } from './bank.ts';
import { Below } from './below.ts';
import { beginHashing, LACKING_KERNEL, type Member } from './member.ts';
import type { Moment } from './moment.ts';
import { Picked, type References } from './references.ts';
import type { Roles } from './roles.ts';

const below = new Below();
const all = new Picked();
const left = new Picked();

/** References to go through, and where to put those that a deeper first level may lack, or has to be told of. */
export interface Sifting {
  readonly references: References;
  readonly from: Picked;
  readonly to: Picked;
}

export class FirstLevel {
  /** What all members have of it: dirty bits that hits set. */
  readonly account = new Account();
  /** Of events that it served alone, but which took a page fault. */
  readonly digest = new Digest();
  readonly members: readonly Member[];
  readonly secondBanks: readonly Bank[];
  private readonly roles: Roles;
  private readonly costs: Costs;

  constructor(roles: Roles, members: readonly Member[], secondBanks: readonly Bank[], costs: Costs) {
    this.roles = roles;
    this.members = members;
    this.secondBanks = secondBanks;
    this.costs = costs;
  }

  /** Of the machine's own make: what its translations took is taken from the rest. Its first member is the machine. */
  leadRun(references: References, moment: Moment, walked: Set<number>): void {
    all.pickAll(references.count);
    this.sift({ references, from: all, to: left }, moment, walked, true);
    this.touchSecond(moment);
    const [own, ...others] = this.members;
    own!.translate(below, moment, undefined);
    own!.noteWalked(below, walked);
    own!.takeFromRest(below, moment);
    below.hashHits(moment);
    own!.hash(below, moment);
    for (const member of others) translated(member, moment, walked);
  }

  /** The same references, or those of them that it may lack, behind what the machine made of them. */
  followRun(sifting: Sifting, moment: Moment, walked: ReadonlySet<number>): void {
    this.sift(sifting, moment, walked, false);
    if (this.members.every(({ isOut }) => isOut)) return;
    this.touchSecond(moment);
    below.hashHits(moment);
    for (const member of this.members) translated(member, moment, walked);
  }

  /** Whether what it lacks the other lacks too, of any references. */
  isDeeperThan({ roles }: FirstLevel): boolean {
    return this.roles.every(
      ({ bank, limit }, sort) => bank === roles[sort]!.bank && limit >= roles[sort]!.limit,
    );
  }

  /** Of its arrays together. */
  get ways(): number {
    return this.roles.reduce((sum, { limit }) => sum + limit, 0);
  }

  private touchSecond({ cpu, drops }: Moment): void {
    below.timeHits(this.costs);
    for (const bank of this.secondBanks) bank.touch(cpu, below, drops);
    beginHashing(below.count);
  }

  /** Puts what is missing below, event by event. */
  private sift(
    { references, from, to }: Sifting,
    moment: Moment,
    walked: ReadonlySet<number>,
    isLead: boolean,
  ): void {
    const { roles } = this;
    const { walkReferenceNs } = this.costs;
    const { keys, refs, sorts } = references;
    const { at, count } = from;
    const { restNs } = moment;
    below.count = 0;
    below.reserve(count);
    to.begin(count);
    for (let c = 0; c < count; ) {
      const event = refs[at[c]!]! >> REF_SHIFT;
      const hasFlags = moment.otherFlags(event) !== 0;
      const first = below.count;
      let plusNs = 0;
      do {
        const k = at[c]!;
        const ref = refs[k]!;
        const { bank, limit } = roles[sorts[k]!]!;
        const isMissing = bank!.depth[k]! >= limit;
        const isLacking = (ref & REF_LACKING) !== 0;
        if (isMissing) below.push(keys[k]!, ref, sorts[k]!);
        else if (isLacking) {
          if ((ref & LACKING_KERNEL) === LACKING_KERNEL) this.checkCourse(ref, walked);
          else if ((ref & REF_STORE) !== 0 && bank!.since[k]! >= limit) {
            this.countDirty(sorts[k]!);
            plusNs += walkReferenceNs;
          }
        }
        if (isMissing || isLacking || hasFlags) to.at[to.count++] = k;
        c++;
      } while (c < count && refs[at[c]!]! >> REF_SHIFT === event);
      if (plusNs > 0) {
        this.account.ofCpu(moment.cpu).ns += plusNs;
        if (isLead) restNs[event]! -= plusNs;
      }
      if (below.count > first) {
        below.plusNs[first] = plusNs;
        below.isLast[below.count - 1] = 1;
      } else if (hasFlags) this.digest.merge(moment.hash(event, TLB_L1, plusNs));
    }
  }

  private countDirty(sort: number): void {
    const { counters } = this.account;
    counters[COUNTER.dirtyAssists]!++;
    counters[COUNTER.walkReferences]!++;
    countReads(counters, sort & (SIZE_CLASSES - 1), 1);
  }

  /** A hit where the machine walked, and so faulted. */
  private checkCourse(ref: number, walked: ReadonlySet<number>): void {
    if (walked.has(ref)) for (const member of this.members) member.isOut = true;
  }
}

function translated(member: Member, moment: Moment, walked: ReadonlySet<number>): void {
  if (member.isOut) return;
  member.translate(below, moment, walked);
  member.hash(below, moment);
}
