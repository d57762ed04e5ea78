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
 * The parts by name, none of them there yet. Copies of it are filled instead of adding one part after the other: an
 * object that so many fields are added to by name becomes a hash table, and every look at `draft.ptes` a search in it.
 */
const BLANK: { readonly [K in PartName]: unknown } = Object.fromEntries(
  PARTS.map(([name]) => [name, undefined]),
) as { [K in PartName]: undefined };

/** An object that has the fields of all parts from the beginning. */
class Blank {
  constructor() {
    // biome-ignore lint/correctness/noConstructorReturn: the object that is made has no fields yet, and this one has them.
    return Object.setPrototypeOf({ ...BLANK }, new.target.prototype);
  }
}

/** What a draft has beside the parts of the machine. */
class FoldState extends Blank {
  readonly platform: Platform;
  /** The cpu whose event is being folded: whose per-cpu lists serve it. */
  cpu = 0;
  /** Time that the event being folded takes beyond its own cost; see `spend`. */
  extraNs = 0;
  /** Who makes room when memory runs short; undefined: nobody. A fold sets it. */
  reclaimer: Reclaimer | undefined = undefined;
  /** Times that an allocation of this fold reclaimed pages itself. */
  reclaims = 0;
  /** The child of a fork that is under way, 0 when there is none: nobody may kill it. */
  unborn = 0;

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
    const sealed: Record<PartName, unknown> = { ...BLANK };
    for (const [name, part] of PARTS) sealed[name] = part.seal(this[name], withPatches ? patches : undefined);
    return { machine: { platform: this.platform, ...sealed } as Machine, patches };
  }
}

export type Draft = FoldState & Open<typeof SLICES>;
/** Opens a machine. The parts are there once it is made: it is what its type says. */
export const Draft = FoldState as unknown as new (base: Machine) => Draft;
export type { MmDraft } from '../mm/records.ts';
