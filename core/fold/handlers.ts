/** What each kind of event does: the second half of the vocabulary, whose first is event/kinds.ts. */
import { dmaAllocCoherent, dmaFreeCoherent } from '../dma/coherent.ts';
import { device, deviceRemove } from '../dma/device.ts';
import { dmaMapPage, dmaMapSg, dmaMapSingle, dmaSync, dmaUnmap } from '../dma/streaming.ts';
import type { KindRow } from '../event/kind-row.ts';
import type { EventHeader, FieldsOf, KindName, MemoryEvent } from '../event/kinds.ts';
import { addKind, KIND_CODES, type Kind, kindNamed } from '../event/vocabulary.ts';
import { ioremap, iounmap } from '../kmap/ioremap.ts';
import { kmap, kunmap } from '../kmap/kmap.ts';
import { kmapLocal, kunmapLocal } from '../kmap/kmap-local.ts';
import { vfree, vmalloc } from '../kmap/vmalloc.ts';
import { freeVmArea, vmArea, vmap, vunmap } from '../kmap/vmap.ts';
import { kmemCacheAlloc, kmemCacheCreate, kmemCacheDestroy, kmemCacheFree } from '../kmem/cache-events.ts';
import { kfree, kmalloc } from '../kmem/kmalloc-events.ts';
import { pageAlloc, pageFree } from '../kmem/page-events.ts';
import type { Draft } from '../machine/draft.ts';
import {
  type EventView,
  type FoldResult,
  type Handler,
  type RowHandler,
  viewOf,
} from '../machine/handler.ts';
import { file, fileDrop, fileRead } from '../vm/file-events.ts';
import { brk, mmap, munmap } from '../vm/map-events.ts';
import { mremap, mremapFixed } from '../vm/move-events.ts';
import { clone, exec, exit, fork, oomScoreAdj, spawn, switchTo } from '../vm/process-events.ts';
import { madvise, mlock, mprotect, munlock } from '../vm/range-events.ts';
import { refused, refusedFork } from '../vm/refused.ts';
import { vmaSplit } from '../vm/split-mapping.ts';

/** What each kind does. Accesses go through the MMU in runs instead (access/access.ts). */
const HANDLER_OF: { readonly [K in Exclude<KindName, 'access'>]: Handler<K> } = {
  spawn,
  fork,
  clone,
  exec,
  exit,
  switch: switchTo,
  oom_score_adj: oomScoreAdj,
  mmap,
  munmap,
  brk,
  mprotect,
  mremap,
  madvise,
  mlock,
  munlock,
  mremap_fixed: mremapFixed,
  vma_split: vmaSplit,
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
  refused,
  refused_fork: refusedFork,
};

/** What the fold knows of a kind. */
export interface Handled {
  readonly handle: RowHandler<KindRow>;
  readonly view: EventView<KindRow>;
  readonly isSystemCall: boolean;
}

/** By code; undefined for accesses and for kinds of a later version. */
export const HANDLED: (Handled | undefined)[] = new Array<Handled | undefined>(KIND_CODES).fill(undefined);

/** A handler of whatever kind. */
type AnyHandler = (draft: Draft, event: never, result: FoldResult) => number;

function addHandler({ row, fields }: Kind, handle: AnyHandler): void {
  // The view has the fields of the row, so it is what the handler takes.
  HANDLED[row.code] = {
    handle: handle as RowHandler<KindRow>,
    view: viewOf(fields),
    isSystemCall: row.systemCall ?? false,
  };
}

for (const [name, handler] of Object.entries<AnyHandler>(HANDLER_OF)) addHandler(kindNamed(name)!, handler);

/**
 * Adds a kind of event: a row, and what it does to the machine. From then on it is known everywhere, as those of
 * kinds.ts are: it can be put in batches, recorded, read, folded, told and counted. Returns what makes events of the
 * kind. Whoever reads its traces elsewhere needs the same call first. UsageError when its name or code is taken.
 *
 *     const balloon = defineKind('balloon', { code: 200, doc, fields }, (draft, { object, count }, result) => OK);
 *     fold(machine, batchOf([balloon({ cpu: 0, thinkNs: 0, object: 1, count: 8 })]));
 */
export function defineKind<const Row extends KindRow>(
  name: string,
  row: Row,
  handle: RowHandler<Row>,
): (event: EventHeader & FieldsOf<Row>) => MemoryEvent {
  addHandler(addKind(name, row), handle);
  // The type of all events knows the kinds of kinds.ts only; whatever takes events looks at their rows.
  return (event) => ({ kind: name, ...event }) as unknown as MemoryEvent;
}
