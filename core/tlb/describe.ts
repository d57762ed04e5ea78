/** Entries as people and checks read them, from the cells of an array. */
import { keyPage, keyTag, tagAsid, tagSizeClass } from './keys.ts';
import type { HeldEntry, TlbPart } from './model.ts';

/** A part, and its first cell. */
export interface PlacedPart {
  readonly part: TlbPart;
  readonly first: number;
}

/** The entries of a TLB, whose cells are keys of pages, negative if they are known to be dirty. */
export function heldPages(
  cells: Float64Array,
  { part, first }: PlacedPart,
  pageSpans: readonly number[],
): HeldEntry[] {
  return occupied(cells, part, first).map(({ cell, set, way }) => {
    const tag = keyTag(cell);
    const sizeClass = tagSizeClass(tag);
    const nrPages = pageSpans[sizeClass]!;
    const vpn = keyPage(cell) * nrPages;
    return { part, set, way, asid: tagAsid(tag), sizeClass, vpn, nrPages, isDirty: cell < 0 };
  });
}

/** The entries of a walk cache, whose cells `keyOf` makes keys of the first base page under them. */
export function heldTables(
  cells: Float64Array,
  { part, first }: PlacedPart,
  pageSpans: readonly number[],
  keyOf: (cell: number) => number,
): HeldEntry[] {
  const sizeClass = part.sizeClasses[0]!;
  return occupied(cells, part, first).map(({ cell, set, way }) => {
    const key = keyOf(cell);
    const asid = tagAsid(keyTag(key));
    const nrPages = pageSpans[sizeClass]!;
    return { part, set, way, asid, sizeClass, vpn: keyPage(key), nrPages, isDirty: false };
  });
}

function occupied(
  cells: Float64Array,
  { sets, ways }: TlbPart,
  first: number,
): { cell: number; set: number; way: number }[] {
  const found: { cell: number; set: number; way: number }[] = [];
  for (let at = 0; at < sets * ways; at++) {
    const cell = cells[first + at]!;
    if (cell !== 0) found.push({ cell, set: Math.floor(at / ways), way: at % ways });
  }
  return found;
}
