/**
 * Boot: the machine before the first event. Firmware, kernel image and memory map are set aside, what is left
 * goes to the buddy allocator, and the direct map is built with the largest pages that fit.
 */
import { GFP_KERNEL } from '../event/gfp.ts';
import type { Layout } from '../layout/layout.ts';
import { blankMachine } from '../machine/blank.ts';
import { readMachine } from '../machine/codec.ts';
import { Draft } from '../machine/draft.ts';
import type { Machine } from '../machine/machine.ts';
import type { MachineOptions } from '../machine/options.ts';
import { COUNTER } from '../outcome/counters.ts';
import { newTable } from '../paging/tables.ts';
import { USE_RESERVED } from '../phys/frames.ts';
import { freeLowPages } from '../phys/free-lists.ts';
import { startFromMemory } from '../phys/initial-memory.ts';
import { allocPages } from '../phys/page-alloc.ts';
import { drainAllPcps } from '../phys/pcp.ts';
import { addKmallocCaches } from '../slab/caches.ts';
import { buildDirectMap, buildKmapTables } from './kernel-tables.ts';
import { memoryAtBoot, platformOf } from './platform.ts';
import { reserveFrames, spareBlocks } from './reservations.ts';
import { required } from './too-small.ts';
import { releaseCma, releaseZone } from './zones.ts';

/** A machine that has just booted: its page tables are built, and what nobody needs is free. */
export function bootMachine(layout: Layout, options: MachineOptions = {}): Machine {
  const memory = memoryAtBoot(layout, options);
  const { free, cma } = memory;
  const platform = platformOf(layout, options, memory);
  const draft = new Draft(blankMachine(platform));
  draft.onCpu(0);
  const given = [...free, ...(cma?.areas ?? [])];
  reserveFrames(draft, layout, given);
  for (const zone of platform.zones) releaseZone(draft, zone, free);
  addKmallocCaches(draft);
  const kernelRoot = required(newTable(draft, platform.mmu.rootOrder), layout);
  const zeroPfn = required(allocPages(draft, 0, GFP_KERNEL, USE_RESERVED, 0), layout);
  buildDirectMap(draft, kernelRoot, layout, platform.mmu);
  buildKmapTables(draft, kernelRoot, layout);
  drainAllPcps(draft);
  if (cma !== undefined) releaseCma(draft, cma);
  if (options.memory !== undefined) startFromMemory(draft, options.memory, spareBlocks(draft, layout, given));
  const tablePages = draft.counters[COUNTER.pageTablePages]!;
  draft.counters.fill(0);
  draft.counters[COUNTER.pageTablePages] = tablePages;
  draft.counters[COUNTER.lowFreeLowest] = freeLowPages(platform.zones, draft);
  const { machine } = draft.seal(false);
  return { ...machine, platform: { ...platform, kernelRoot, zeroPfn } };
}

/** The machine that `machineBytes` wrote: with the same digest, and the same future. Throws UsageError for other bytes. */
export function machineFromBytes(bytes: Uint8Array): Machine {
  return readMachine(bytes, ({ layout, options, kernelRoot, zeroPfn }) => {
    return { ...platformOf(layout, options, memoryAtBoot(layout, options)), kernelRoot, zeroPfn };
  });
}
