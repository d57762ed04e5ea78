/** What a machine can be asked at any moment: plain numbers, in bytes and nanoseconds. */

import type { ZoneName } from '../../core/layout/layout.ts';
import type { Machine } from '../../core/machine/machine.ts';
import { COUNTER } from '../../core/outcome/counters.ts';
import { freePagesOf, nrFree } from '../../core/phys/free-lists.ts';
import type { Zone } from '../../core/phys/zones.ts';
import { CPU, CPUS_VAR } from '../../core/state/cpus.ts';

/** RAM, in bytes. */
export interface MemoryTotals {
  /** What the buddy allocator was given at boot. */
  readonly totalBytes: number;
  readonly freeBytes: number;
}

/** A zone, in bytes. */
export interface ZoneFigures extends MemoryTotals {
  readonly name: ZoneName;
  /** Watermarks. */
  readonly minBytes: number;
  readonly lowBytes: number;
  readonly highBytes: number;
  /** 0 when nothing is free. */
  readonly largestBlockBytes: number;
}

/** RAM of a machine, in bytes. */
export interface MemoryFigures {
  /** Memory with a kernel logical address: all zones but HighMem. */
  readonly low: MemoryTotals;
  readonly high: MemoryTotals;
  readonly zones: readonly ZoneFigures[];
}

/** The vmalloc window, in bytes. */
export interface VmallocFigures {
  readonly totalBytes: number;
  /** Areas of vmalloc and ioremap, with their guard pages. */
  readonly usedBytes: number;
  /** Most bytes that vmalloc alone ever had, without guard pages. */
  readonly peakBytes: number;
  readonly largestHoleBytes: number;
}

/** The slots of kmap: a page each. */
export interface KmapFigures {
  /** LAST_PKMAP; 0 when the layout has no high memory window. */
  readonly slots: number;
  readonly used: number;
  readonly peak: number;
}

/** Bytes of a page of the machine’s layout. */
export function pageBytesOf(machine: Machine): number {
  return 2 ** machine.platform.layout.pageShift;
}

/** RAM by zone, and of low and high memory together, in bytes. */
export function memoryOf(machine: Machine): MemoryFigures {
  const zones = machine.platform.zones.map((zone) => zoneFigures(machine, zone));
  return {
    low: totals(zones.filter((zone) => zone.name !== 'HighMem')),
    high: totals(zones.filter((zone) => zone.name === 'HighMem')),
    zones,
  };
}

function zoneFigures(machine: Machine, zone: Zone): ZoneFigures {
  const pageBytes = pageBytesOf(machine);
  return {
    name: zone.name,
    totalBytes: zone.managedPages * pageBytes,
    freeBytes: freePagesOf(machine, zone.index) * pageBytes,
    minBytes: zone.min * pageBytes,
    lowBytes: zone.low * pageBytes,
    highBytes: zone.high * pageBytes,
    largestBlockBytes: largestBlockPages(machine, zone) * pageBytes,
  };
}

function largestBlockPages(machine: Machine, zone: Zone): number {
  for (let order = machine.platform.maxOrder - 1; order >= 0; order--) {
    if (nrFree(machine, zone.index, order) > 0) return 2 ** order;
  }
  return 0;
}

function totals(zones: readonly ZoneFigures[]): MemoryTotals {
  return {
    totalBytes: zones.reduce((sum, zone) => sum + zone.totalBytes, 0),
    freeBytes: zones.reduce((sum, zone) => sum + zone.freeBytes, 0),
  };
}

/** How full the vmalloc window is, in bytes; guard pages count as used. */
export function vmallocOf(machine: Machine): VmallocFigures {
  const { vmalloc } = machine.platform.layout;
  const pageBytes = pageBytesOf(machine);
  const totalBytes = Number(vmalloc.end - vmalloc.start);
  return {
    totalBytes,
    usedBytes: totalBytes - (machine.vmallocHoles.total() + machine.vmallocLazy.total()) * pageBytes,
    peakBytes: machine.counters[COUNTER.vmallocPagesPeak]! * pageBytes,
    largestHoleBytes: machine.vmallocHoles.largest() * pageBytes,
  };
}

/** Slots of kmap: how many there are, and how many are taken. */
export function kmapOf(machine: Machine): KmapFigures {
  const { highstartPfn, pkmap } = machine.platform.layout;
  return {
    slots: highstartPfn === undefined ? 0 : (pkmap?.slots ?? 0),
    used: machine.counters[COUNTER.kmapSlots]!,
    peak: machine.counters[COUNTER.kmapSlotsPeak]!,
  };
}

/** The clock of every cpu in nanoseconds, up to the last that did something. */
export function clocksOf(machine: Machine): number[] {
  const clocks = Array.from({ length: machine.vars[CPUS_VAR.busyCpus]! }, (_, cpu) =>
    machine.cpus.get(cpu, CPU.clockNs),
  );
  return clocks.slice(0, clocks.findLastIndex((ns) => ns > 0) + 1);
}

/** Simulated time in nanoseconds: what the cpu that is furthest on has reached. It never goes back. */
export function latestNs(machine: Machine): number {
  return Math.max(0, ...clocksOf(machine));
}
