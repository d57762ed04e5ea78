/** Frames by what they are used for, as explain tells it of each. */
import { type ReservedFor, reservations, reservedFor } from '../../../core/explain/reserved.ts';
import type { Machine } from '../../../core/machine/machine.ts';
import {
  FRAME,
  FRAME_MIGRATE_TYPE,
  USE_ANON,
  USE_FREE,
  USE_KERNEL_STACK,
  USE_KMALLOC_LARGE,
  USE_NONE,
  USE_PAGE_CACHE,
  USE_PAGE_TABLE,
  USE_PCP,
  USE_RESERVED,
  USE_SLAB,
  USE_VMALLOC,
} from '../../../core/phys/frames.ts';
import { MIGRATE_CMA } from '../../../core/phys/migrate.ts';
import { COHERENT, OBJECT } from '../../../core/state/objects.ts';
import type { Cells } from '../../../core/state/table.ts';
import { CachedFiles } from './cached-files.ts';
import type { CellCounts } from './cells.ts';
import { ASK, classByUse, forEachRun } from './frame-runs.ts';

/** The classes, in the order of a legend; a class is its index here. */
export const USE_CLASSES = [
  'free',
  'free, lent by CMA',
  'per-cpu list',
  'anonymous',
  'page cache',
  'shared memory',
  'page table',
  'kernel stack',
  'slab',
  'large kmalloc',
  'alloc_pages',
  'DMA coherent',
  'vmalloc',
  'kernel image',
  'memory map',
  'zero page',
  'bounce buffers',
  'firmware',
  'in use before',
  'no RAM',
] as const;

type UseClass = (typeof USE_CLASSES)[number];

const indexOf = (name: UseClass): number => USE_CLASSES.indexOf(name);

const RESERVED: Readonly<Record<ReservedFor, number>> = {
  'zero page': indexOf('zero page'),
  'huge zero page': indexOf('zero page'),
  'bounce buffers': indexOf('bounce buffers'),
  'kernel image': indexOf('kernel image'),
  firmware: indexOf('firmware'),
  'atomic pool': indexOf('DMA coherent'),
  'lost by CMA': indexOf('in use before'),
  'in use before': indexOf('in use before'),
  'memory map': indexOf('memory map'),
};

const FREE = indexOf('free');
const FREE_CMA = indexOf('free, lent by CMA');
const CACHED = indexOf('page cache');
const SHARED_MEMORY = indexOf('shared memory');
const ALLOC_PAGES = indexOf('alloc_pages');
const DMA_COHERENT = indexOf('DMA coherent');
/** Looked at frame by frame. */
const KEPT = USE_CLASSES.length;

const CLASSES = classByUse(
  {
    [USE_NONE]: indexOf('no RAM'),
    [USE_RESERVED]: KEPT,
    [USE_SLAB]: indexOf('slab'),
    [USE_KMALLOC_LARGE]: indexOf('large kmalloc'),
    [USE_VMALLOC]: indexOf('vmalloc'),
    [USE_PAGE_TABLE]: indexOf('page table'),
    [USE_ANON]: indexOf('anonymous'),
    [USE_KERNEL_STACK]: indexOf('kernel stack'),
    [USE_PCP]: indexOf('per-cpu list'),
  },
  ASK,
);

export function paintUses(machine: Machine, cells: CellCounts): void {
  const files = new CachedFiles(machine);
  const kept = reservations(machine);
  const ask = (leaf: Cells, at: number): number => {
    const owner = leaf[at + FRAME.owner]! >>> 0;
    switch (leaf[at + FRAME.use]) {
      case USE_FREE:
        return leaf[at + FRAME_MIGRATE_TYPE] === MIGRATE_CMA ? FREE_CMA : FREE;
      case USE_PAGE_CACHE:
        return files.at(owner)?.shmem === true ? SHARED_MEMORY : CACHED;
      default:
        return machine.objects.get(owner, OBJECT.class) === COHERENT ? DMA_COHERENT : ALLOC_PAGES;
    }
  };
  forEachRun(machine, cells.first, cells.end, CLASSES, ask, (from, to, cls) => {
    if (cls !== KEPT) cells.add(from, to, cls);
    else for (let pfn = from; pfn < to; pfn++) cells.add(pfn, pfn + 1, RESERVED[reservedFor(kept, pfn)]);
  });
}
