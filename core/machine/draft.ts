/**
 * A draft: the machine while one fold changes it. Every part is opened for writing when the fold begins and
 * sealed when it ends; the machine that the fold was given stays as it was.
 */

import type { Patch } from 'immer';
import type { Reclaimer } from '../phys/reclaimer.ts';
import { CPUS_VAR } from '../state/cpus.ts';
import type { Open } from '../state/part.ts';
import type { Machine, Platform } from './machine.ts';
import { PARTS, type PartName, type SLICES } from './slices.ts';

/**
 * What every draft, and every machine, is a copy of, to be filled: an object to which so many fields are added one by one
 * becomes a hash table, which takes longer to make than a small batch to fold, and every look at `draft.ptes` searches it.
 */
const NO_PARTS = Object.fromEntries(PARTS.map(([name]) => [name, undefined]));
const BLANK_MACHINE = { platform: undefined, ...NO_PARTS };
const BLANK_DRAFT = {
  platform: undefined,
  cpu: 0,
  extraNs: 0,
  reclaimer: undefined,
  reclaims: 0,
  unborn: 0,
  ...NO_PARTS,
};

/** Makes an object with the fields of BLANK_DRAFT. */
class Blank {
  constructor() {
    // biome-ignore lint/correctness/noConstructorReturn: a copy in one go is the point.
    return Object.setPrototypeOf({ ...BLANK_DRAFT }, new.target.prototype);
  }
}

/** What a draft has beside the parts of the machine. */
class FoldState extends Blank {
  declare readonly platform: Platform;
  /** The cpu whose event is being folded: whose per-cpu lists serve it. */
  declare cpu: number;
  /** Time that the event being folded takes beyond its own cost; see `spend`. */
  declare extraNs: number;
  /** Who makes room when memory runs short; undefined: nobody. A fold sets it. */
  declare reclaimer: Reclaimer | undefined;
  /** Times that an allocation of this fold reclaimed pages itself. */
  declare reclaims: number;
  /** The child of a fork that is under way, 0 when there is none: nobody may kill it. */
  declare unborn: number;

  constructor(base: Machine) {
    super();
    this.platform = base.platform;
    const parts = this as unknown as Record<PartName, unknown>;
    for (const [name, part] of PARTS) parts[name] = part.open(base[name]);
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

  /** The machine as it is now, and if asked what changed in its records. The draft is dead afterwards. */
  seal(this: Draft, withPatches: boolean): { machine: Machine; patches: Patch[] } {
    const patches: Patch[] = [];
    const machine: Record<string, unknown> = { ...BLANK_MACHINE };
    machine.platform = this.platform;
    for (const [name, part] of PARTS)
      machine[name] = part.seal(this[name], withPatches ? patches : undefined);
    return { machine: machine as unknown as Machine, patches };
  }
}

export type Draft = FoldState & Open<typeof SLICES>;
/** Opens a machine. The parts are there once it is made: it is what its type says. */
export const Draft = FoldState as unknown as new (base: Machine) => Draft;
export type { MmDraft } from '../mm/records.ts';
