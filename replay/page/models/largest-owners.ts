/** Who owns most page frames of a machine, counted from its records: nobody has to look at every frame for that. */
import type { Machine, Mm } from '../../../core/machine/machine.ts';
import { TABLE } from '../../../core/paging/tables.ts';
import { SLAB_VAR } from '../../../core/slab/state.ts';
import { CACHE } from '../../../core/slab/tables.ts';
import { COHERENT, KMALLOC_LARGE, OBJECT, PAGES, VMALLOC } from '../../../core/state/objects.ts';
import { CachedFiles } from './cached-files.ts';
import {
  cacheKey,
  fileKey,
  forEachAddressSpace,
  forEachTable,
  type OwnerKey,
  objectKey,
  processKey,
} from './owners.ts';

/** At most `most` of them, by falling size. A process counts for what it maps, shared or not. */
export function largestOwners(machine: Machine, most: number): OwnerKey[] {
  const largest: { key: OwnerKey; pages: number }[] = [];
  const offer = (key: OwnerKey, pages: number): void => {
    if (pages === 0 || (largest.length === most && pages <= largest.at(-1)!.pages)) return;
    const at = largest.findIndex((other) => other.pages < pages);
    largest.splice(at < 0 ? largest.length : at, 0, { key, pages });
    largest.length = Math.min(largest.length, most);
  };
  forEachAddressSpace(machine, (pid, mm) => offer(processKey(pid), mappedPages(machine, mm)));
  offerFiles(machine, offer);
  offerCaches(machine, offer);
  offerObjects(machine, offer);
  return largest.map(({ key }) => key);
}

type Offer = (key: OwnerKey, pages: number) => void;

/** Entries of its last-level tables, and what its larger pages cover. */
function mappedPages(machine: Machine, mm: Mm): number {
  const last = machine.platform.mmu.levels.length - 1;
  let pages = 0;
  forEachTable(machine, mm.root, (_pfn, table, level) => {
    if (level === last) pages += machine.tables.get(table, TABLE.entries);
  });
  return pages;
}

function offerFiles(machine: Machine, offer: Offer): void {
  const files = new CachedFiles(machine);
  const pages = new Map<OwnerKey, number>();
  machine.pageCache.forEachLeaf((leaf, firstSlot) => {
    for (let i = 0; i < leaf.length; i++) {
      if (leaf[i]! <= 0) continue;
      const key = fileKey(files, firstSlot + i);
      pages.set(key, (pages.get(key) ?? 0) + 1);
    }
  });
  for (const [key, count] of pages) offer(key, count);
}

function offerCaches({ slabCaches, vars }: Machine, offer: Offer): void {
  for (let row = 0; row < vars[SLAB_VAR.cacheRows]!; row++)
    offer(cacheKey(row), slabCaches.get(row, CACHE.slabs) * 2 ** slabCaches.get(row, CACHE.order));
}

function offerObjects({ objects, platform }: Machine, offer: Offer): void {
  const { stride } = objects.shape;
  const pageBytes = 2 ** platform.layout.pageShift;
  objects.forEachLeaf((leaf, firstRow) => {
    for (let at = 0, object = firstRow; at < leaf.length; at += stride, object++) {
      const cls = leaf[at + OBJECT.class];
      if (cls === PAGES) offer(objectKey(object), 2 ** leaf[at + OBJECT.extra]!);
      else if (cls === KMALLOC_LARGE || cls === VMALLOC || cls === COHERENT)
        offer(objectKey(object), Math.ceil(leaf[at + OBJECT.sizeBytes]! / pageBytes));
    }
  });
}
