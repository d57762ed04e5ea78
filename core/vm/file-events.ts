/** Files: making them known, reading them into the page cache, dropping them from it. */

import type { Draft } from '../machine/draft.ts';
import type { Handler } from '../machine/handler.ts';
import type { FileRecord } from '../machine/machine.ts';
import { EXISTS, NO_OBJECT, OK, USER_SPACE } from '../outcome/outcome.ts';
import { putFrame } from '../pages/frame-refs.ts';
import { lruFlags, markAccessed, PG_READAHEAD } from '../pages/lru.ts';
import { FRAME } from '../phys/frames.ts';
import { cachedPage, createFile, fillPage, invalidatePages } from './page-cache.ts';
import { comeTo, isUnderRead, noteRead, readOnDemand, readsAhead, waitForRead } from './readahead.ts';

/** PAGEVEC_SIZE of include/linux/pagevec.h, v6.1. */
const BATCH_PAGES = 15;

export const file: Handler<'file'> = (draft, { file: id, length: lengthBytes }) => {
  if (id === 0 || draft.records.file(id) !== undefined) return EXISTS;
  return createFile(draft, id, lengthBytes, false) ? OK : USER_SPACE;
};

/** What there is of the bytes asked for: none behind the end of the file (filemap_read of mm/filemap.c, v6.1). */
export const fileRead: Handler<'file_read'> = (
  draft,
  { file: id, offset: offsetBytes, length: lengthBytes },
) => {
  const { costs, mmu } = draft.platform;
  draft.spend(costs.syscallNs);
  const record = draft.records.file(id);
  if (record === undefined) return NO_OBJECT;
  const { pageBytes } = mmu;
  const endBytes = Math.min(record.lengthBytes, offsetBytes + lengthBytes);
  if (offsetBytes >= endBytes) return OK;
  const end = Math.ceil(endBytes / pageBytes);
  for (let page = Math.floor(offsetBytes / pageBytes); page < end; ) {
    const read = readBatch(draft, record, page, end);
    if (read < 0) return -read;
    page += read;
  }
  return OK;
};

/** filemap_get_pages() and what filemap_read() does with them: how many pages it were, or a negated reason. */
function readBatch(draft: Draft, file: FileRecord, page: number, end: number): number {
  if (readsAhead(draft, file) && cachedPage(draft, file, page) < 0)
    readOnDemand(draft, file, page, end - page, false);
  const pfns = cachedBatch(draft, file, page, end);
  if (pfns.length === 0) {
    const pfn = fillPage(draft, file, page);
    if (pfn < 0) return pfn;
    pfns.push(pfn);
  }
  // Held: reading others must not reclaim them.
  for (const pfn of pfns) draft.frames.add(pfn, FRAME.refs, 1);
  if (readsAhead(draft, file)) {
    const last = page + pfns.length - 1;
    comeTo(draft, file, last, pfns.at(-1)!, end - last);
    waitForRead(draft, file, last, pfns.at(-1)!);
    noteRead(draft, file, last);
  }
  for (const pfn of pfns) {
    markAccessed(draft, pfn);
    draft.spend(draft.platform.costs.copyPageNs);
    putFrame(draft, pfn);
  }
  return pfns.length;
}

/** filemap_get_read_batch(): what is there, up to a page that has to be waited for, or at which more is to be read. */
function cachedBatch(draft: Draft, file: FileRecord, page: number, end: number): number[] {
  const pfns: number[] = [];
  for (let at = page; at < Math.min(end, page + BATCH_PAGES); at++) {
    const pfn = cachedPage(draft, file, at);
    if (pfn < 0) break;
    pfns.push(pfn);
    if ((lruFlags(draft, pfn) & PG_READAHEAD) !== 0 || isUnderRead(draft, file, at)) break;
  }
  return pfns;
}

/** The clean pages that nobody maps go. */
export const fileDrop: Handler<'file_drop'> = (draft, { file: id }) => {
  draft.spend(draft.platform.costs.syscallNs);
  const record = draft.records.file(id);
  if (record === undefined) return NO_OBJECT;
  invalidatePages(draft, record);
  return OK;
};
