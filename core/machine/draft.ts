/**
 * A draft: the machine while one fold changes it. Every part is opened for writing when the fold begins and
 * sealed when it ends; the machine that the fold was given stays as it was.
 */

import type { Patch } from 'immer';
import type { Reclaimer } from '../phys/reclaimer.ts';
import { CPUS_VAR } from '../state/cpus.ts';
import type { GoingOn, Open } from '../state/part.ts';
import type { ReferenceLog } from '../tlb/reference-log.ts';
import type { Machine, Platform } from './machine.ts';
import { PARTS, type PartName, type SLICES } from './slices.ts';

/**
 * What every draft is a copy of, to be filled: an object to which so many fields are added one by one becomes a hash
 * table, which takes longer to make than a small batch to fold, and every look at `draft.ptes` searches it. Read from
 * text, because V8 then gives it room for all fields within the object itself, and its copies too.
 */
const BLANK_DRAFT: object = JSON.parse(
  JSON.stringify({
    platform: null,
    base: null,
    goingOn: null,
    cpu: 0,
    extraNs: 0,
    reclaimer: null,
    reclaims: 0,
    isAtomic: false,
    unborn: 0,
    log: null,
    ...Object.fromEntries(PARTS.map(([name]) => [name, null])),
  }),
);

const GOING_ON = PARTS.filter(([, part]) => part.goesOn === true).map(([name]) => name);
const TO_REOPEN = PARTS.filter(([, part]) => part.goesOn !== true);
/** Drafts by the machine that they were sealed to; they go with it. */
const sealedTo = new WeakMap<Machine, Draft>();

function copyOfBlank(prototype: object): object {
  return Object.setPrototypeOf({ ...BLANK_DRAFT }, prototype);
}

/** Makes an object with the fields of BLANK_DRAFT. */
class Blank {
  constructor() {
    // biome-ignore lint/correctness/noConstructorReturn: a copy in one go is the point.
    return copyOfBlank(new.target.prototype);
  }
}

/** What a draft has beside the parts of the machine. */
class FoldState extends Blank {
  /**
   * All drafts have one shape, so that code compiled for one serves all. V8 makes the first copies in another way than
   * later ones, and forgets a shape that no object has.
   */
  protected static readonly keptShape = Array.from({ length: 16 }, () => copyOfBlank(FoldState.prototype)).at(
    -1,
  );

  declare readonly platform: Platform;
  /** The cpu whose event is being folded: whose per-cpu lists serve it. */
  declare cpu: number;
  /** Time that the event being folded takes beyond its own cost; see `spend`. */
  declare extraNs: number;
  /** Who makes room when memory runs short; undefined: nobody. A fold sets it. */
  declare reclaimer: Reclaimer | undefined;
  /** Times that an allocation of this fold reclaimed pages itself. */
  declare reclaims: number;
  /** The event being folded is of somebody who may not sleep, and so gives the cpu to nobody when it is over. */
  declare isAtomic: boolean;
  /** The child of a fork that is under way, 0 when there is none: nobody may kill it. */
  declare unborn: number;
  /** Where to write what the TLBs are asked; undefined: nowhere. A fold sets it. */
  declare log: ReferenceLog | undefined;

  /** The machine that it goes on from. */
  declare private base: Machine;
  /** The parts of GOING_ON. */
  declare private goingOn: GoingOn[];

  constructor(base: Machine) {
    super();
    this.platform = base.platform;
    this.base = base;
    this.reclaimer = undefined;
    this.log = undefined;
    const parts = this as unknown as Record<PartName, unknown>;
    for (const [name, part] of PARTS) parts[name] = part.open(base[name]);
    this.goingOn = GOING_ON.map((name) => parts[name] as GoingOn);
  }

  /** Says on which cpu the next events happen. */
  onCpu(this: Draft, cpu: number): void {
    this.cpu = cpu;
    if (cpu >= this.vars[CPUS_VAR.busyCpus]!) this.beginCpu(cpu);
  }

  private beginCpu(this: Draft, cpu: number): void {
    this.vars[CPUS_VAR.busyCpus] = cpu + 1;
    for (const [name, part] of PARTS)
      if (part.beginCpu !== undefined) Object.assign(this, { [name]: part.beginCpu(this[name], cpu) });
  }

  /** Charges time to the event being folded. */
  spend(ns: number): void {
    this.extraNs += ns;
  }

  /** Goes on from what it was sealed to: most parts are open already. */
  private reopen(this: Draft, base: Machine): void {
    const parts = this as unknown as Record<PartName, unknown>;
    for (let i = 0; i < TO_REOPEN.length; i++) {
      const [name, part] = TO_REOPEN[i]!;
      parts[name] = part.open(base[name]);
    }
    this.cpu = 0;
    this.extraNs = 0;
    this.reclaimer = undefined;
    this.reclaims = 0;
    this.isAtomic = false;
    this.unborn = 0;
    this.log = undefined;
  }

  /**
   * A draft of the machine: the one that was sealed to it, if nobody has taken that yet, since a fold nearly always goes
   * on where the last one ended; else a new one.
   */
  static of(machine: Machine): Draft {
    const sealed = sealedTo.get(machine);
    if (sealed === undefined) return new Draft(machine);
    sealedTo.delete(machine);
    sealed.reopen(machine);
    return sealed;
  }

  /**
   * The machine as it is now, and if asked what changed in its records. Nobody may go on with the draft but by `of` of
   * that machine.
   */
  seal(this: Draft, withPatches: boolean): { machine: Machine; patches: Patch[] } {
    const patches: Patch[] = [];
    const machine: { -readonly [K in keyof Machine]: unknown } = { ...this.base };
    const told = withPatches ? patches : undefined;
    for (const [name, part] of TO_REOPEN) machine[name] = part.seal(this[name], told);
    // Most tables are as they were: looked at in an array, which is faster than by name.
    for (let i = 0; i < GOING_ON.length; i++)
      if (this.goingOn[i]!.isChanged) machine[GOING_ON[i]!] = this.goingOn[i]!.seal();
    this.base = machine as Machine;
    sealedTo.set(this.base, this);
    return { machine: this.base, patches };
  }
}

export type Draft = FoldState & Open<typeof SLICES>;
/** Opens a machine. The parts are there once it is made: it is what its type says. */
export const Draft = FoldState as unknown as { new (base: Machine): Draft; of(machine: Machine): Draft };
export type { MmDraft } from '../mm/records.ts';
