/**
 * Read-around: a fault that has to read a page of a file reads those around it too (do_sync_mmap_readahead of mm/filemap.c,
 * v6.1), as many as the disk's read_ahead_kb allows; from itself on where the mapping is read in order
 * (MADV_SEQUENTIAL), and alone where it is not (MADV_RANDOM). The process waits for the disk once.
 *
 * Simplified: nothing is read ahead before it is missed (PG_readahead, page_cache_async_ra), so that reading in order has a
 * major fault for each window, where a kernel has one at the start; a file of which nearly all faults miss is read around
 * all the same (mmap_miss). What there is no memory for is left out.
 */
import type { Draft } from '../machine/draft.ts';
import type { FileRecord } from '../machine/machine.ts';
import { VM_RAND_READ, VM_SEQ_READ, type Vma } from '../mm/vma.ts';
import { cachedPage, fillPage } from './page-cache.ts';

/** Reads what is to come along with `page`, which itself is left to the caller. */
export function readAround(draft: Draft, { flags }: Vma, file: FileRecord, page: number): void {
  const { readaheadPages: pages } = draft.platform;
  if (file.shmem || (flags & VM_RAND_READ) !== 0) return;
  const start = (flags & VM_SEQ_READ) !== 0 ? page : Math.max(0, page - Math.floor(pages / 2));
  const end = Math.min(start + pages, file.nrPages);
  for (let at = start; at < end; at++)
    if (at !== page && cachedPage(draft, file, at) < 0 && fillPage(draft, file, at, false) < 0) return;
}
