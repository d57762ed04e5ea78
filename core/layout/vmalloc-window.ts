/** The vmalloc window of kernels that put it above the direct map: what it is given, and where it starts. */
import { alignUp } from '../base/units.ts';
import type { VmallocRules } from '../kernel/kernel.ts';

/** What the direct map leaves above itself; `vmallocBytes`: the boot option vmalloc=. */
export function vmallocReserve(rules: VmallocRules, vmallocBytes: bigint | undefined): bigint {
  if (vmallocBytes === undefined) return rules.reserveBytes;
  return rules.optionExcludesHole ? vmallocBytes + rules.holeBytes : vmallocBytes;
}

/** VMALLOC_START, above a direct map that ends at `highMemory`. */
export function vmallocStart({ holeBytes, startIsAligned }: VmallocRules, highMemory: bigint): bigint {
  const start = highMemory + holeBytes;
  return startIsAligned ? alignUp(start, holeBytes) : start;
}
