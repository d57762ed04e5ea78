/**
 * A layout's figures under the names that a kernel probe uses for them, in camelCase, for programs.
 *
 * Addresses are 0x strings; PFNs, sizes and counts are numbers; what a kernel does not have is null. On x86-64
 * VMALLOC_END is the last byte of the area, not the first one above it.
 */

import { vmallocEnd } from '../convert.ts';
import type { Layout, RegionKind } from '../layout.ts';
import { regionOfKind } from '../regions.ts';

export interface AddressSpaceFigures {
  readonly name: string;
  readonly family: string;
  readonly ramBytes: number;
  readonly pageOffset: string;
  readonly vmallocStart: string;
  readonly vmallocEnd: string;
  readonly pkmapBase: string | null;
  readonly lastPkmap: number | null;
  readonly fixaddrStart: string;
  readonly fixaddrTop: string;
  readonly highMemory: string;
  readonly maxLowPfn: number;
  readonly maxPfn: number;
  readonly highstartPfn: number | null;
  readonly taskSize: string;
  readonly modulesVaddr: string;
  readonly modulesEnd: string;
  readonly cpuEntryAreaBase: string | null;
  readonly ldtBaseAddr: string | null;
  readonly zones: readonly { name: string; startPfn: number; spanned: number; present: number }[];
}

export function addressSpaceFigures(layout: Layout): AddressSpaceFigures {
  // A kernel without high memory has no kmap area, but its headers may still define where it would be.
  const pkmap = layout.booted === undefined ? layout.pkmap : layout.booted.pkmapMacros(layout);
  return {
    name: layout.name,
    family: layout.family,
    ramBytes: Number(layout.ramBytes),
    pageOffset: hex(layout.pageOffset),
    vmallocStart: hex(layout.vmalloc.start),
    vmallocEnd: hex(vmallocEnd(layout)),
    pkmapBase: pkmap === undefined ? null : hex(pkmap.base),
    lastPkmap: pkmap?.slots ?? null,
    fixaddrStart: hex(layout.fixmap.start),
    fixaddrTop: hex(layout.booted?.constants(layout).FIXADDR_TOP ?? layout.fixmap.end),
    highMemory: hex(layout.highMemory),
    maxLowPfn: layout.maxLowPfn,
    maxPfn: layout.maxPfn,
    highstartPfn: layout.highstartPfn ?? null,
    taskSize: hex(layout.taskSize),
    modulesVaddr: hex(layout.modules.start),
    modulesEnd: hex(layout.modules.end),
    cpuEntryAreaBase: startOf(layout, 'cpu_entry_area'),
    ldtBaseAddr: startOf(layout, 'ldt'),
    zones: layout.zones.map(({ name, startPfn, spannedPages, presentPages }) => ({
      name,
      startPfn,
      spanned: spannedPages,
      present: presentPages,
    })),
  };
}

function startOf(layout: Layout, kind: RegionKind): string | null {
  const found = regionOfKind(layout, kind);
  return found === undefined ? null : hex(found.start);
}

function hex(address: bigint): string {
  return `0x${address.toString(16)}`;
}
