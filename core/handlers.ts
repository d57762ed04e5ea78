/** What each kind of event does: the second half of the vocabulary, whose first is event/kinds.ts. */
import { dmaAllocCoherent, dmaFreeCoherent } from './dma/coherent.ts';
import { device, deviceRemove } from './dma/device.ts';
import { dmaMapPage, dmaMapSg, dmaMapSingle, dmaSync, dmaUnmap } from './dma/streaming.ts';
import { EVENT_KINDS, type KindName } from './event/kinds.ts';
import { kindOf } from './event/vocabulary.ts';
import { ioremap, iounmap } from './kmap/ioremap.ts';
import { kmap, kunmap } from './kmap/kmap.ts';
import { kmapLocal, kunmapLocal } from './kmap/kmap-local.ts';
import { vfree, vmalloc } from './kmap/vmalloc.ts';
import { freeVmArea, vmArea, vmap, vunmap } from './kmap/vmap.ts';
import { kmemCacheAlloc, kmemCacheCreate, kmemCacheDestroy, kmemCacheFree } from './kmem/cache-events.ts';
import { kfree, kmalloc } from './kmem/kmalloc-events.ts';
import { pageAlloc, pageFree } from './kmem/page-events.ts';
import type { Handler } from './state/handler.ts';
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

/** What the fold knows of a kind. */
export interface Handled {
  readonly handle: Handler;
  readonly isSystemCall: boolean;
}

/** By code; undefined for accesses and for kinds of a later version. */
export const HANDLED: (Handled | undefined)[] = [];

function addHandler(code: number, handle: Handler): void {
  HANDLED[code] = { handle, isSystemCall: kindOf(code)!.row.systemCall ?? false };
}

for (const [name, handler] of Object.entries(HANDLER_OF))
  addHandler(EVENT_KINDS[name as KindName].code, handler);
