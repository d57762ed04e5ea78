/**
 * A family: TLBs of many makes on the references of one machine. The machine has the first of them; told of each of its
 * folds, the family says what the same machine with each of the others would have come to, counters, clocks and digest.
 *
 *     log of a fold ─> first levels ──> what each lacks ──> second levels ──> what each lacks ──> walk caches of each
 *                      (banks.ts: one stack serves all associativities of true LRU, roles.ts says who shares what)
 *
 * It rests on this: the course of a machine does not depend on its TLBs. That holds as long as whatever a TLB holds is in
 * the page tables (paging/invariants.ts), accessed, and dirty if the entry says so, since a walk then changes nothing. Two
 * things break it. Reclaim clears accessed bits without a flush: no family for such a machine (`mayDiffer`). And where
 * page faults bring the kernel's vmalloc entries (kernel-entries.ts) a walk faults and a hit does not: which make does
 * otherwise than the machine is found out, and it is out from then on.
 */

import { Digest } from '../../base/digest.ts';
import { assert } from '../../base/errors.ts';
import type { Machine } from '../../machine/machine.ts';
import { COUNTER } from '../../outcome/counters.ts';
import type { Outcomes } from '../../outcome/outcome.ts';
import { accessHash, type OutcomeDigest } from '../../outcome/outcome-digest.ts';
import type { MmuGeometry } from '../../paging/geometry.ts';
import { CPU } from '../../state/cpus.ts';
import type { MmuOptions } from '../../tlb/options.ts';
import type { LogStep, ReferenceLog } from '../../tlb/reference-log.ts';
import { REF_SHIFT } from '../../tlb/run.ts';
import { type Account, TLB_COUNTERS } from './account.ts';
import type { Bank } from './bank.ts';
import { Drops } from './drops.ts';
import { FirstLevel } from './first-level.ts';
import { Member } from './member.ts';
import { Moment } from './moment.ts';
import { Picked, References } from './references.ts';
import { levelText, type Make, makeOf, rolesOf } from './roles.ts';
import { WalkCaches } from './walk-caches.ts';

/** What makes of one family have in common, for the machine runs otherwise with another of it. */
export const COMMON_OPTIONS = ['unifiedL1', 'pcid', 'kpti'] as const satisfies (keyof MmuOptions)[];

/** What the machine would have come to. */
export interface Kin {
  readonly machine: Machine;
  readonly digest: OutcomeDigest;
}

export class TlbFamily {
  /** That of the machine. */
  private readonly lead: FirstLevel;
  private readonly firstLevels: readonly FirstLevel[];
  /** All but that, each deeper than the one before it. */
  private readonly chains: readonly (readonly FirstLevel[])[];
  private readonly firstBanks: readonly Bank[];
  /** By number of the make. */
  private readonly places: readonly { readonly level: FirstLevel; readonly member: Member }[];
  private readonly drops: Drops[] = [];
  private readonly references = new References();
  private readonly picked: readonly [Picked, Picked] = [new Picked(), new Picked()];
  private readonly moment = new Moment();
  private readonly walked = new Set<number>();
  /** Of the machine's events that the members translate each in their own way. */
  private readonly taken = new Digest();
  private readonly hashed = new Digest();

  /** Whether another make could lead such a machine elsewhere, so that no family knows what would become of it. */
  static mayDiffer({ platform }: Machine): boolean {
    return platform.reclaim !== undefined;
  }

  /** For a machine before its first event. `makes`: the first is its own; they have COMMON_OPTIONS in common. */
  constructor(machine: Machine, makes: readonly MmuGeometry[]) {
    const { costs, mmu } = machine.platform;
    const all = makes.map((options) => makeOf(options, mmu.levels.length));
    const groups = byFirstLevel(all);
    const first = rolesOf(
      groups.map(([make]) => make!),
      'first',
    );
    const places = new Map<Make, { level: FirstLevel; member: Member }>();
    this.firstLevels = groups.map((group, i) => {
      const { banks, roles } = rolesOf(group, 'second');
      const members = group.map((make, at) => {
        return new Member(roles[at]!, new WalkCaches(make, mmu.pageSpans), mmu, costs);
      });
      const level = new FirstLevel(first.roles[i]!, members, banks, costs);
      group.forEach((make, at) => {
        places.set(make, { level, member: members[at]! });
      });
      return level;
    });
    this.lead = this.firstLevels[0]!;
    this.chains = chainsOf(this.firstLevels.slice(1));
    this.firstBanks = first.banks;
    this.places = all.map((make) => places.get(make)!);
  }

  /** What a fold of the machine asked its TLBs, and what became of it. `firstEvent`: number of its first event. */
  add(log: ReferenceLog, outcomes: Outcomes, firstEvent: number): void {
    this.moment.begin(firstEvent, outcomes);
    for (const step of log.steps) {
      if ('low' in step) this.drop(step.cpu, step.low, step.high);
      else this.run(step, log, outcomes);
    }
  }

  /** Undefined: another course. `machine` and `digest`: what was folded, up to what `add` was told last. */
  kin(number: number, machine: Machine, digest: OutcomeDigest): Kin | undefined {
    const { level, member } = this.places[number]!;
    if (member.isOut) return undefined;
    const own = this.accountOf(0);
    this.check(own, machine);
    const members = new Digest();
    members.merge(level.digest);
    members.merge(member.digest);
    return {
      machine: machineWith(machine, own, this.accountOf(number)),
      digest: digest.replacing(this.taken, members),
    };
  }

  private run(step: Extract<LogStep, { first: number }>, log: ReferenceLog, outcomes: Outcomes): void {
    const { chains, firstBanks, lead, moment, references, walked } = this;
    references.take(log.keys, log.refs, step.first, step.end);
    moment.cpu = step.cpu;
    moment.drops = this.dropsOf(step.cpu);
    walked.clear();
    this.take(outcomes);
    for (const bank of firstBanks) bank.touch(step.cpu, references, moment.drops);
    lead.leadRun(references, moment, walked);
    for (const chain of chains) this.follow(chain);
  }

  /** Of first levels that are each deeper than the one before only the first goes through all references. */
  private follow(chain: readonly FirstLevel[]): void {
    const { moment, references, walked } = this;
    let [from, to] = this.picked;
    from.pickAll(references.count);
    for (const level of chain) {
      level.followRun({ references, from, to }, moment, walked);
      [from, to] = [to, from];
    }
  }

  /** Notes what the digest of the machine has of the events of a run. */
  private take({ flags, latencyNs }: Outcomes): void {
    const { hashed, moment, references, taken } = this;
    const { refs, count } = references;
    let last = -1;
    for (let k = 0; k < count; k++) {
      const event = refs[k]! >> REF_SHIFT;
      if (event === last) continue;
      last = event;
      if (flags[event] === 0) continue;
      accessHash(moment.firstEvent + event, flags[event]!, latencyNs[event]!, hashed);
      taken.merge(hashed);
    }
  }

  private drop(cpu: number, low: number, high: number): void {
    const drops = this.dropsOf(cpu);
    if (drops.isFull) {
      for (const bank of this.banks()) bank.catchUp(cpu, drops);
      drops.begin();
    }
    drops.add(low, high);
  }

  private dropsOf(cpu: number): Drops {
    this.drops[cpu] ??= new Drops();
    return this.drops[cpu];
  }

  private banks(): Bank[] {
    return [...this.firstBanks, ...this.firstLevels.flatMap(({ secondBanks }) => secondBanks)];
  }

  private accountOf(number: number): Account {
    const { level, member } = this.places[number]!;
    return level.account.with(member.account);
  }

  /** The first make is the machine's: what is known of it has to be what the machine says. */
  private check(own: Account, { counters }: Machine): void {
    for (const name of TLB_COUNTERS)
      if (name !== 'l1Hits')
        assert(
          own.counters[COUNTER[name]] === counters[COUNTER[name]],
          `${name} of the first make: ${own.counters[COUNTER[name]]}, of the machine: ${counters[COUNTER[name]]}`,
        );
  }
}

function byFirstLevel(makes: readonly Make[]): Make[][] {
  const groups = new Map<string, Make[]>();
  for (const make of makes) {
    const text = levelText(make, 'first');
    groups.set(text, [...(groups.get(text) ?? []), make]);
  }
  return [...groups.values()];
}

function chainsOf(levels: readonly FirstLevel[]): FirstLevel[][] {
  const chains: FirstLevel[][] = [];
  for (const level of levels.toSorted((one, other) => one.ways - other.ways)) {
    const chain = chains.find((own) => level.isDeeperThan(own.at(-1)!));
    if (chain === undefined) chains.push([level]);
    else chain.push(level);
  }
  return chains;
}

/** A machine with what other TLBs would have counted and taken. */
function machineWith(machine: Machine, own: Account, other: Account): Machine {
  const counters = Float64Array.from(machine.counters);
  for (const name of TLB_COUNTERS) counters[COUNTER[name]] = other.counters[COUNTER[name]]!;
  counters[COUNTER.l1Hits] = other.l1Hits(counters[COUNTER.translations]!);
  const cpus = machine.cpus.edit();
  other.forEachCpu((cpu, { l2Hits, walks, ns }) => {
    cpus.set(cpu, CPU.l2Hits, l2Hits);
    cpus.set(cpu, CPU.walks, walks);
    cpus.add(cpu, CPU.clockNs, ns - own.ofCpu(cpu).ns);
  });
  return { ...machine, counters: counters as unknown as Machine['counters'], cpus: cpus.seal() };
}
