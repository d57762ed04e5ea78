/** Page tables, their entries, TLBs, LRU lists and objects in words. */

import type { Machine } from '../machine/machine.ts';
import { lruListOf } from '../pages/lru.ts';
import { LRU } from '../pages/lru-links.ts';
import {
  isSwapPte,
  PTE_ACCESSED,
  PTE_DIRTY,
  PTE_LARGE,
  PTE_PRESENT,
  PTE_RW,
  pteFlags,
  pteFrame,
} from '../paging/pte.ts';
import { NO_CLASS, OBJECT } from '../state/objects.ts';
import { type CellChange, tableChanges } from '../state/table-diff.ts';
import { type TablePlace, tablePlaces } from './table-places.ts';

/** Page-table pages that came and went. */
export function tellTables(before: Machine, after: Machine): string[] {
  const [placesBefore, placesAfter] = [tablePlaces(before), tablePlaces(after)];
  const tell = (place: TablePlace, end: string): string =>
    `${place.space}: page table of level ${place.level} for pages from ${hex(place.vpn)} ${end}`;
  return [
    ...missing(placesAfter, placesBefore).map((place) => tell(place, 'is made')),
    ...missing(placesBefore, placesAfter).map((place) => tell(place, 'is freed')),
  ];
}

function missing(of: ReadonlyMap<number, TablePlace>, from: ReadonlyMap<number, TablePlace>): TablePlace[] {
  return [...of].filter(([table]) => !from.has(table)).map(([, place]) => place);
}

/** Entries that map something else now, or in another way; those that lead to tables are told with the tables. */
export function tellEntries(before: Machine, after: Machine): string[] {
  const [placesBefore, placesAfter] = [tablePlaces(before), tablePlaces(after)];
  const { mmu } = after.platform;
  const told: ToldEntries[] = [];
  for (const change of tableChanges(before.ptes, after.ptes)) {
    const table = Math.floor(change.row / mmu.entriesPerTable);
    const place = placesAfter.get(table) ?? placesBefore.get(table);
    if (place === undefined || leadsToTable(after, place.level, change)) continue;
    const { span } = mmu.levels[place.level]!;
    const vpn = place.vpn + (change.row % mmu.entriesPerTable) * span;
    addEntry(told, { space: place.space, vpn, nrPages: span, entries: 1, first: change });
  }
  return told.map(tellRun);
}

/** Neighbouring entries that changed in the same way, from `first` on. */
interface ToldEntries {
  readonly space: string;
  readonly vpn: number;
  readonly nrPages: number;
  readonly entries: number;
  readonly first: CellChange;
}

function addEntry(told: ToldEntries[], entry: ToldEntries): void {
  const last = told.at(-1);
  const goesOn =
    last !== undefined &&
    last.space === entry.space &&
    last.vpn + last.nrPages === entry.vpn &&
    stateOf(last.first.before) === stateOf(entry.first.before) &&
    stateOf(last.first.after) === stateOf(entry.first.after);
  if (!goesOn) told.push(entry);
  else
    told[told.length - 1] = {
      ...last,
      nrPages: last.nrPages + entry.nrPages,
      entries: last.entries + 1,
    };
}

/** `address space 1: page b7ff0: not mapped → frame 5409 (writable, accessed, dirty)`. */
function tellRun({ space, vpn, nrPages, entries, first }: ToldEntries): string {
  const pages = nrPages === 1 ? `page ${hex(vpn)}` : `pages ${hex(vpn)} to ${hex(vpn + nrPages - 1)}`;
  const side = (pte: number): string =>
    pte === 0 ? stateOf(pte) : `${entries === 1 ? '' : 'from '}${whereOf(pte)} (${stateOf(pte)})`;
  return `${space}: ${pages}: ${side(first.before)} → ${side(first.after)}`;
}

function leadsToTable(machine: Machine, level: number, { before, after }: CellChange): boolean {
  const isLast = level === machine.platform.mmu.levels.length - 1;
  const isLarge = ((before | after) & PTE_LARGE) !== 0;
  return !isLast && !isLarge;
}

function whereOf(pte: number): string {
  return `${isSwapPte(pte) ? 'slot' : 'frame'} ${pteFrame(pte)}`;
}

/** What an entry says beside the frame that it names. */
function stateOf(pte: number): string {
  if (pte === 0) return 'not mapped';
  if (isSwapPte(pte)) return 'swapped out';
  const flags = pteFlags(pte);
  const names = [
    (flags & PTE_PRESENT) === 0 ? 'not present' : '',
    (flags & PTE_RW) === 0 ? 'read-only' : 'writable',
    (flags & PTE_ACCESSED) === 0 ? '' : 'accessed',
    (flags & PTE_DIRTY) === 0 ? '' : 'dirty',
  ];
  return names.filter((name) => name !== '').join(', ');
}

/** Objects that came into being, or are gone. */
export function tellObjects(before: Machine, after: Machine): string[] {
  const objects = new Set(tableChanges(before.objects, after.objects).map(({ row }) => row));
  return [...objects].flatMap((object) => {
    const was = before.objects.get(object, OBJECT.class);
    const is = after.objects.get(object, OBJECT.class);
    if (was === is) return sizeTold(before, after, object);
    if (is === NO_CLASS) return [`object ${object} is gone`];
    const vpn = after.objects.get(object, OBJECT.vpn);
    const where = vpn < 0 ? 'without a kernel address' : `at page ${hex(vpn)}`;
    return [
      `object ${object} comes into being ${where}: ${after.objects.get(object, OBJECT.sizeBytes)} bytes`,
    ];
  });
}

function sizeTold(before: Machine, after: Machine, object: number): string[] {
  const was = before.objects.get(object, OBJECT.sizeBytes);
  const is = after.objects.get(object, OBJECT.sizeBytes);
  return was === is ? [] : [`object ${object}: ${was} bytes → ${is}`];
}

const LRU_NAMES = ['inactive anonymous', 'active anonymous', 'inactive file', 'active file'];

/** Pages that are on another LRU list now. */
export function tellLru(before: Machine, after: Machine): string[] {
  const moved = new Map<string, number>();
  for (const { row, field } of tableChanges(before.lru, after.lru)) {
    const [was, is] = [lruListOf(before, row), lruListOf(after, row)];
    if (field !== LRU.state || was === is) continue;
    const words = `${LRU_NAMES[was] ?? 'no LRU list'} → ${LRU_NAMES[is] ?? 'no LRU list'}`;
    moved.set(words, (moved.get(words) ?? 0) + 1);
  }
  return [...moved].map(([words, count]) => `${count} ${count === 1 ? 'page' : 'pages'}: ${words}`);
}

/** Entries that each cpu's TLBs and walk caches took in and dropped. */
export function tellTlbs(before: Machine, after: Machine): string[] {
  return after.tlbs.flatMap((tlb, cpu) => {
    const was = entriesOf(before.tlbs[cpu]);
    const is = entriesOf(tlb);
    const filled = [...is].filter((entry) => !was.has(entry)).length;
    const dropped = [...was].filter((entry) => !is.has(entry)).length;
    return filled + dropped === 0 ? [] : [`TLBs of cpu ${cpu}: ${filled} entries filled, ${dropped} dropped`];
  });
}

function entriesOf(tlb: Float64Array | undefined): Set<number> {
  return new Set([...(tlb ?? [])].map(Math.abs).filter((entry) => entry !== 0));
}

function hex(vpn: number): string {
  return vpn.toString(16);
}
