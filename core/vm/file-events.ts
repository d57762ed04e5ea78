/** Files: making them known, reading them into the page cache, dropping them from it. */

import type { Handler } from '../machine/handler.ts';
import { EXISTS, NO_OBJECT, OK, USER_SPACE } from '../outcome/outcome.ts';
import { markAccessed } from '../pages/lru.ts';
import { cachedPage, createFile, fillPage, invalidatePages } from './page-cache.ts';

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
  for (let page = Math.floor(offsetBytes / pageBytes); page * pageBytes < endBytes; page++) {
    const cached = cachedPage(draft, record, page);
    const pfn = cached >= 0 ? cached : fillPage(draft, record, page);
    if (pfn < 0) return -pfn;
    markAccessed(draft, pfn);
    draft.spend(costs.copyPageNs);
  }
  return OK;
};

/** The clean pages that nobody maps go. */
export const fileDrop: Handler<'file_drop'> = (draft, { file: id }) => {
  draft.spend(draft.platform.costs.syscallNs);
  const record = draft.records.file(id);
  if (record === undefined) return NO_OBJECT;
  invalidatePages(draft, record);
  return OK;
};
