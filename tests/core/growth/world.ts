/** A machine with so many live things of every kind, of which one event should not have to pass over all. */
import { PROT_READ } from '../../../core/event/mmap-flags.ts';
import { SLAB_NO_MERGE } from '../../../core/event/slab-flags.ts';
import type { Machine } from '../../../core/machine/machine.ts';
import {
  access,
  cache,
  device,
  dmaMap,
  folded,
  fromCache,
  HIGH,
  ioremap,
  kmalloc,
  machineOf,
  mmap,
  mprotect,
  mremap,
  munmap,
  PAGE,
  pages,
  RUNNING,
  RW,
  type Step,
  vmalloc,
} from '../../support/rows.ts';

/** First numbers of the things of a kind; there are `n` of each. */
export const OF = {
  /** Two mappings for each number, with a hole of a page below. */
  mapping: 1_000_000,
  moved: 1_100_000,
  kmalloc: 1_200_000,
  page: 1_300_000,
  vmalloc: 1_400_000,
  ioremap: 1_500_000,
  vmArea: 1_600_000,
  vmap: 1_700_000,
  fromCache: 1_800_000,
  high: 1_900_000,
  fileMapping: 2_000_000,
  file: 10,
  cache: 100,
  device: 100,
  process: 1000,
  child: 10_000,
} as const;

/** Single things: a mapping of `n` parts, one that all children share, memory of which a device has `n` pieces. */
export const PARTED = 1;
export const SHARED = 2;
export const BUFFER = 3;
export const HEAP = 4;
/** A page that others are made of. */
export const PAGE_OBJECT = 5;
export const PARENT = 2;
export const DEVICE = 1;

export function worldOf(n: number): Machine {
  const each = (steps: (i: number) => readonly Step[]): Step[] =>
    Array.from({ length: n }, (_, i) => steps(i)).flat();
  const every = (k: number, steps: (i: number) => readonly Step[]): Step[] =>
    each((i) => (i % k === 0 ? steps(i) : []));
  const kernel = [
    pages(PAGE_OBJECT, 0),
    pages(BUFFER, 10),
    device(DEVICE, 32),
    ...each((i) => [
      kmalloc(OF.kmalloc + i, 64),
      pages(OF.page + i, 0),
      pages(OF.high + i, 0, HIGH),
      vmalloc(OF.vmalloc + i, PAGE),
      ioremap(OF.ioremap + i, PAGE, 0xf_e000 + i),
      { kind: 'vm_area', object: OF.vmArea + i, size: PAGE, align: 0 },
      { kind: 'vmap', object: OF.vmap + i, pages: PAGE_OBJECT, count: 1 },
      cache(OF.cache + i, 64, 0, SLAB_NO_MERGE),
      fromCache(OF.fromCache + i, OF.cache + i),
      { kind: 'kmap', object: OF.high + i, page: 0 },
      device(OF.device + i, 32),
      dmaMap('page', BUFFER, DEVICE, i * PAGE, 64),
      { kind: 'file', file: OF.file + i, length: 2 * PAGE },
      { kind: 'file_read', file: OF.file + i, offset: 0, length: PAGE },
    ]),
    ...every(2, (i) => [
      { kind: 'page_free', object: OF.page + i },
      { kind: 'kfree', object: OF.kmalloc + i },
      { kind: 'vfree', object: OF.vmalloc + i },
      { kind: 'iounmap', object: OF.ioremap + i },
      { kind: 'free_vm_area', object: OF.vmArea + i },
    ]),
  ] as Step[];
  const process = [
    ...RUNNING,
    mmap(PARTED, 2 * n * PAGE),
    ...each((i) => [
      mmap(OF.mapping + i, 3 * PAGE),
      munmap(OF.mapping + i, PAGE, PAGE),
      access(OF.mapping + i, 0, 8),
      mprotect(PARTED, 2 * i * PAGE, PAGE, PROT_READ),
      mmap(OF.moved + i, PAGE),
      mremap(OF.moved + i, 5 * PAGE),
      mmap(OF.fileMapping + i, PAGE, RW, OF.file + i),
      access(OF.fileMapping + i, 0, 8),
    ]),
  ];
  const children: Step[] = [
    { kind: 'spawn', pid: PARENT },
    ...each((i) => [{ kind: 'spawn', pid: OF.process + i }]),
    { kind: 'switch', pid: PARENT },
    mmap(SHARED, PAGE),
    access(SHARED, 0, 8),
    ...each((i) => [{ kind: 'fork', pid: OF.child + i } as Step]),
    { kind: 'switch', pid: 1 },
    { kind: 'brk', object: HEAP, length: PAGE },
  ];
  return [kernel, process, children].reduce(folded, machineOf('linux-3g1g', 1536, { cpus: 4 }));
}
