/**
 * Of which objects a huge page has pages, where reclaim looks for who maps them (reclaim/rmap.ts). The first frame says of
 * which object its page is, as every frame on an LRU list does; of the others, which are on none, those say it where pages
 * of another object begin. On machines that do not reclaim nothing says it.
 */
import type { Draft } from '../machine/draft.ts';
import type { Machine } from '../machine/machine.ts';
import { FRAME } from '../phys/frames.ts';
import { lruFlags, PG_OTHER_OWNER } from './lru.ts';
import { LRU, ownerOf, pageInOwner, setOwner } from './lru-links.ts';

/** Base pages [from, to) of a huge page: those of an object from `page` on. */
export interface HugePart {
  readonly from: number;
  to: number;
  readonly object: number;
  readonly page: number;
}

type ReadsOwners = Pick<Draft | Machine, 'lru' | 'frames'>;
type WritesOwners = Pick<Draft, 'lru' | 'frames'>;

function nrPagesOf({ frames }: ReadsOwners, first: number): number {
  return 2 ** frames.get(first, FRAME.order);
}

function begins(draft: Pick<ReadsOwners, 'lru'>, pfn: number): boolean {
  return (lruFlags(draft, pfn) & PG_OTHER_OWNER) !== 0;
}

/** Ascending. */
export function partsOfHuge(draft: ReadsOwners, first: number): HugePart[] {
  const nrPages = nrPagesOf(draft, first);
  const parts: HugePart[] = [];
  for (let i = 0; i < nrPages; i++) {
    if (i > 0 && !begins(draft, first + i)) continue;
    if (i > 0) parts[parts.length - 1]!.to = i;
    const [object, page] = [ownerOf(draft, first + i), pageInOwner(draft, first + i)];
    parts.push({ from: i, to: nrPages, object, page });
  }
  return parts;
}

/** The base page in `pfn` is one of another object than the one before it; so are those behind it. */
export function beginPart({ lru }: Pick<Draft, 'lru'>, pfn: number, object: number, page: number): void {
  setOwner({ lru }, pfn, object, page);
  lru.set(pfn, LRU.state, PG_OTHER_OWNER);
}

/** Base pages [from, to) get another object, in which they have the same numbers. */
export function renameParts(
  draft: WritesOwners,
  first: number,
  from: number,
  to: number,
  object: number,
): void {
  const parts = partsOfHuge(draft, first).flatMap((part) => renamed(part, from, to, object));
  forgetOwners(draft, first, nrPagesOf(draft, first));
  draft.lru.set(first, LRU.of, parts[0]!.object);
  for (const { from: at, object: of, page } of parts.slice(1)) beginPart(draft, first + at, of, page);
}

/** What is before [from, to), within it, and behind it. */
function renamed(part: HugePart, from: number, to: number, object: number): HugePart[] {
  const cut = (start: number, end: number, of: number): HugePart => {
    const at = Math.max(start, part.from);
    return { from: at, to: Math.min(end, part.to), object: of, page: part.page + at - part.from };
  };
  const all = [cut(0, from, part.object), cut(from, to, object), cut(to, part.to, part.object)];
  return all.filter((one) => one.from < one.to);
}

/** The huge page is freed, or is one no more. */
export function forgetOwners({ lru }: WritesOwners, first: number, nrPages: number): void {
  for (let i = 1; i < nrPages; i++) if (begins({ lru }, first + i)) lru.clear(first + i);
}
