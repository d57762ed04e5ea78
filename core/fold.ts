/**
 * The fold: fold(machine, batch) -> the next machine, and what became of each event.
 *
 * Pure: the machine given is never changed, and the same inputs give the same bits. How the events are cut into
 * batches changes nothing but speed.
 */
import type { Patch } from 'immer';
import { Mmu } from './access/access.ts';
import { dmaAllocCoherent, dmaFreeCoherent } from './dma/coherent.ts';
import { device, deviceRemove } from './dma/device.ts';
import { dmaMapPage, dmaMapSg, dmaMapSingle, dmaSync, dmaUnmap } from './dma/streaming.ts';
import type { Batch } from './event/batch.ts';
import { EVENT_KINDS, type KindName } from './event/kinds.ts';
import { ioremap, iounmap } from './kmap/ioremap.ts';
import { kmap, kunmap } from './kmap/kmap.ts';
import { kmapLocal, kunmapLocal } from './kmap/kmap-local.ts';
import { vfree, vmalloc } from './kmap/vmalloc.ts';
import { freeVmArea, vmArea, vmap, vunmap } from './kmap/vmap.ts';
import { kmemCacheAlloc, kmemCacheCreate, kmemCacheDestroy, kmemCacheFree } from './kmem/cache-events.ts';
import { kfree, kmalloc } from './kmem/kmalloc-events.ts';
import { pageAlloc, pageFree } from './kmem/page-events.ts';
import { COUNTER } from './outcome/counters.ts';
import { ADDRESS_SHIFT, OK, type Outcomes, OutcomesDraft } from './outcome/outcome.ts';
import { beginKernelWork, endKernelWork } from './paging/kpti.ts';
import { PageReclaimer } from './reclaim/reclaimer.ts';
import { CPU } from './state/cpus.ts';
import { Draft } from './state/draft.ts';
import type { FoldEvent, FoldResult, Handler } from './state/handler.ts';
import type { Machine } from './state/machine.ts';
import { file, fileDrop, fileRead } from './vm/file-events.ts';
import { brk, mmap, munmap } from './vm/map-events.ts';
import { mremap, mremapFixed } from './vm/move-events.ts';
import { clone, exec, exit, fork, spawn, switchTo } from './vm/process-events.ts';
import { madvise, mlock, mprotect, munlock } from './vm/range-events.ts';

/** What each kind does. Accesses go through the MMU in runs instead (access/access.ts). */
const HANDLER_OF: Record<Exclude<KindName, 'access'>, Handler> = {
  spawn,
  fork,
  clone,
  exec,
  exit,
  switch: switchTo,
  mmap,
  munmap,
  brk,
  mprotect,
  mremap,
  madvise,
  mlock,
  munlock,
  mremap_fixed: mremapFixed,
  file,
  file_read: fileRead,
  file_drop: fileDrop,
  page_alloc: pageAlloc,
  page_free: pageFree,
  kmalloc,
  kfree,
  kmem_cache_create: kmemCacheCreate,
  kmem_cache_alloc: kmemCacheAlloc,
  kmem_cache_free: kmemCacheFree,
  kmem_cache_destroy: kmemCacheDestroy,
  vmalloc,
  vfree,
  kmap,
  kunmap,
  ioremap,
  iounmap,
  vmap,
  vunmap,
  kmap_local: kmapLocal,
  kunmap_local: kunmapLocal,
  vm_area: vmArea,
  free_vm_area: freeVmArea,
  device,
  dma_alloc_coherent: dmaAllocCoherent,
  dma_free_coherent: dmaFreeCoherent,
  dma_map_single: dmaMapSingle,
  dma_map_page: dmaMapPage,
  dma_map_sg: dmaMapSg,
  dma_unmap: dmaUnmap,
  dma_sync: dmaSync,
  device_remove: deviceRemove,
};

const HANDLERS: readonly (Handler | undefined)[] = (() => {
  const handlers: (Handler | undefined)[] = [];
  for (const [name, handler] of Object.entries(HANDLER_OF))
    handlers[EVENT_KINDS[name as KindName].code] = handler;
  return handlers;
})();

const ACCESS = EVENT_KINDS.access.code;

export interface FoldOptions {
  /** Tell what changed in the records, as immer patches. */
  readonly patches?: boolean;
}

export interface Folded {
  readonly machine: Machine;
  readonly outcomes: Outcomes;
  readonly patches: readonly Patch[];
}

/** The machine after all events of the batch, and their outcomes by index; an event that fails has a status. */
export function fold(machine: Machine, batch: Batch, options: FoldOptions = {}): Folded {
  const outcomes = new OutcomesDraft(batch.count);
  const draft = new Draft(machine);
  if (machine.platform.reclaim !== undefined) draft.reclaimer = new PageReclaimer();
  const mmu = new Mmu(draft, outcomes);
  const { kind } = batch;
  for (let at = 0; at < batch.count; ) {
    if (kind[at] === ACCESS) at = mmu.accessRun(batch, at);
    else foldOne(draft, batch, at++, outcomes);
  }
  draft.counters[COUNTER.events]! += batch.count;
  const { machine: next, patches } = draft.seal(options.patches ?? false);
  return { machine: next, outcomes, patches };
}

const event: FoldEvent = { cpu: 0, object: 0, a: 0, b: 0, c: 0, index: 0 };
const result: FoldResult = { vpn: 0, pfn: 0, address: 0 };

function foldOne(draft: Draft, batch: Batch, at: number, out: OutcomesDraft): void {
  const handler = HANDLERS[batch.kind[at]!];
  event.cpu = batch.cpu[at]!;
  draft.onCpu(event.cpu);
  event.object = batch.object[at]!;
  event.a = batch.a[at]!;
  event.b = batch.b[at]!;
  event.c = batch.c[at]!;
  event.index = at;
  result.vpn = 0;
  result.pfn = 0;
  result.address = 0;
  draft.extraNs = 0;
  const { kpti } = draft.platform.mmu;
  if (kpti) beginKernelWork(draft, batch.kind[at]!);
  // A kind of a later version: time passes, nothing else.
  const done = handler === undefined ? OK : handler(draft, event, result);
  const status = draft.reclaimer === undefined ? done : draft.reclaimer.settle(draft, done);
  if (kpti) endKernelWork(draft, batch.kind[at]!);
  out.status[at] = status;
  out.latencyNs[at] = draft.extraNs;
  if (status === OK) {
    out.flags[at] = result.address << ADDRESS_SHIFT;
    out.place(at, result.vpn, result.pfn);
  } else draft.counters[COUNTER.failures]!++;
  draft.cpus.add(event.cpu, CPU.clockNs, batch.thinkNs[at]! + draft.extraNs);
}
