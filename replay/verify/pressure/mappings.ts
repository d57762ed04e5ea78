/** The mappings of a script by name: which object each page belongs to, also after parts were moved away. */
import type { Machine } from '../../../core/machine/machine.ts';
import { endVpn } from '../../../core/mm/vma.ts';
import { isSwapPte, pteFrame } from '../../../core/paging/pte.ts';
import { findLeaf } from '../../../core/paging/table-walk.ts';

/** Where the pages of a mapping are: slot of the swap area, PRESENT, or ABSENT. */
export type PagePlaces = Int32Array;
export const ABSENT = 0;
export const PRESENT = -1;

/** Pages of a mapping from `first` on are those of an object, under the same numbers. */
interface Piece {
  readonly first: number;
  readonly object: number;
}

export interface Mapping {
  readonly pid: number;
  readonly pages: number;
  /** Pages of the object before page 0 of the mapping: what comes before the first place for a huge page. */
  readonly head: number;
  /** Ascending; the first begins at the head. */
  readonly pieces: readonly Piece[];
  /** Of the parts that were moved away: their objects. */
  readonly gone: readonly number[];
}

/** The object of a page of a mapping; page 0 may have others of it before. */
export function objectOf({ pieces }: Mapping, page: number): number {
  return pieces.findLast(({ first }) => first <= page)?.object ?? pieces[0]!.object;
}

/** The mapping with one more object, from a page of it on. */
export function withPiece(mapping: Mapping, first: number, object: number): Mapping {
  return { ...mapping, pieces: [...mapping.pieces, { first, object }].sort((a, b) => a.first - b.first) };
}

export function placesOf({ records, ...machine }: Machine, mapping: Mapping): PagePlaces {
  const { pid, pages, pieces, gone, head } = mapping;
  const places = new Int32Array(pages);
  const process = records.processes[pid];
  if (process === undefined) return places;
  const { root, vmas } = records.mms[process.mm]!;
  const objects = new Set(pieces.map(({ object }) => object).filter((object) => !gone.includes(object)));
  for (const vma of vmas.toArray().filter(({ object }) => objects.has(object)))
    for (let vpn = vma.startVpn; vpn < endVpn(vma); vpn++) {
      const { pte } = findLeaf(machine, root, vpn);
      const page = vpn - vma.startVpn + vma.objectPage - head;
      if (page >= 0) places[page] = pte === 0 ? ABSENT : isSwapPte(pte) ? pteFrame(pte) : PRESENT;
    }
  return places;
}
