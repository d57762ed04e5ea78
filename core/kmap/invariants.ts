/** What must hold of the kernel's windows between two batches: part of the checks of invariants.ts. */

import { KMAP_LOCAL_SLOTS } from '../layout/fixmap.ts';
import { pageNumber } from '../layout/regions.ts';
import type { Machine } from '../machine/machine.ts';
import { pteFrame } from '../paging/pte.ts';
import { findLeaf } from '../paging/table-walk.ts';
import { kmapLocalDepth, kmapLocalVpn } from './kmap-local.ts';
import { vmallocAreas } from './list-areas.ts';
import { KMAP_VAR } from './state.ts';

export function checkWindows(machine: Machine, faults: string[]): void {
  checkAreas(machine, faults);
  checkKmapLocal(machine, faults);
}

/** Areas in use, areas that wait for a purge and holes make up the whole window, each address once. */
function checkAreas(machine: Machine, faults: string[]): void {
  const { platform, vmallocHoles, vmallocLazy } = machine;
  const { layout } = platform;
  const vpnOf = (address: bigint): number => pageNumber(layout, address);
  const areas = vmallocAreas(machine).map(({ start, sizeBytes }) => ({
    start: vpnOf(start),
    end: vpnOf(start) + sizeBytes / 2 ** layout.pageShift,
  }));
  const parts = [...areas, ...vmallocHoles.toArray()].sort((a, b) => a.start - b.start);
  let at = platform.vmallocVpn;
  for (const { start, end } of parts) {
    if (start !== at)
      faults.push(`vmalloc window: page ${Math.min(start, at)} belongs to none or to two areas`);
    at = end;
  }
  const end = vpnOf(layout.vmalloc.end - 1n) + 1;
  if (at !== end) faults.push(`vmalloc window: the last area ends at page ${at}, not at ${end}`);
  const counted = machine.vars[KMAP_VAR.vmapLazyPages]!;
  if (counted !== vmallocLazy.total())
    faults.push(`vmalloc window: ${vmallocLazy.total()} pages wait for a purge, ${counted} counted`);
}

/** The slots of a cpu are a stack without gaps, and each maps its frame. */
function checkKmapLocal(machine: Machine, faults: string[]): void {
  const { layout, kernelRoot } = machine.platform;
  for (let cpu = 0; cpu < layout.nrCpus; cpu++) {
    const depth = kmapLocalDepth(machine, cpu);
    for (let slot = 0; slot < KMAP_LOCAL_SLOTS; slot++) {
      const held = machine.kmapLocal.get(cpu * KMAP_LOCAL_SLOTS + slot, 0);
      if (slot >= depth && held !== 0)
        faults.push(`cpu ${cpu} kmap_local slot ${slot}: in use above a free one`);
      if (slot >= depth) continue;
      const { pte } = findLeaf(machine, kernelRoot, kmapLocalVpn(machine, cpu, slot));
      if (pteFrame(pte) !== held - 1)
        faults.push(`cpu ${cpu} kmap_local slot ${slot}: maps frame ${pteFrame(pte)}, not ${held - 1}`);
    }
  }
}
