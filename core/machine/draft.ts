/**
 * A draft: the machine while one fold changes it. Every part is opened for writing when the fold begins and
 * sealed when it ends; the machine that the fold was given stays as it was.
 */

import type { Patch } from 'immer';
import type { Reclaimer } from '../phys/reclaimer.ts';
import { CPUS_VAR } from '../state/cpus.ts';
import type { Open } from '../state/part.ts';
import type { Machine, Platform } from './machine.ts';
import { PARTS, type SLICES } from './slices.ts';

/** What a draft has beside the parts of the machine. */
class FoldState {
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
    this.platform = base.platform;
    const opened = PARTS.map(([name, part]) => [name, part.open(base[name])]);
    Object.assign(this, Object.fromEntries(opened));
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
    const sealed = PARTS.map(([name, part]) => [
      name,
      part.seal(this[name], withPatches ? patches : undefined),
    ]);
    return { machine: { platform: this.platform, ...Object.fromEntries(sealed) }, patches };
  }
}

export type Draft = FoldState & Open<typeof SLICES>;
/** Opens a machine. The parts are there once it is made: it is what its type says. */
export const Draft = FoldState as unknown as new (base: Machine) => Draft;
export type { MmDraft } from '../mm/records.ts';
