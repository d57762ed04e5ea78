/** What becomes of an event: every status, with the smallest way to reach it, and both sides of every boundary. */
import { describe, expect, test } from 'vitest';
import { EXECUTE, KERNEL_MODE, MODIFY, WRITE } from '../../core/event/access-mode.ts';
import { CLONE_VM } from '../../core/event/clone-flags.ts';
import { __GFP_HIGHMEM, GFP_ATOMIC, GFP_DMA, GFP_KERNEL } from '../../core/event/gfp.ts';
import {
  MADV_DONTNEED,
  MAP_POPULATE,
  PLACE_STACK,
  PLACE_TEXT,
  PROT_EXEC,
  PROT_READ,
  PROT_WRITE,
} from '../../core/event/mmap-flags.ts';
import { DMA_MAPPED, NO_DEVICE, STATUSES, type StatusName } from '../../core/outcome.ts';
import { stateDigest } from '../../core/state/digest.ts';
import type { Machine } from '../../core/state/machine.ts';
import { drained } from '../support/laws.ts';
import {
  access,
  brk,
  cache,
  fromCache,
  ioremap,
  kmalloc,
  MIB,
  machineOf,
  madvise,
  mlock,
  mmap,
  mprotect,
  mremap,
  mremapFixed,
  munmap,
  PAGE,
  pages,
  RUNNING,
  RW,
  Session,
  type Step,
  starve,
  vmalloc,
} from '../support/rows.ts';

const vmap = (object: number, from: number, count: number): Step => ({
  kind: 'vmap',
  object,
  pages: from,
  count,
});
const kmapLocal = (object: number, page = 0): Step => ({ kind: 'kmap_local', object, page });
const kunmapLocal = (object: number, page = 0): Step => ({ kind: 'kunmap_local', object, page });
const many = (count: number, step: Step): Step[] => new Array<Step>(count).fill(step);

const HIGH = GFP_KERNEL | __GFP_HIGHMEM;

const small = machineOf('3g1g', 96, { highmemBytes: 32n << 20n });
const nx = machineOf('linux-x86_64', 96);
const starved = starve(small, 0);
/** High memory is left, and of low memory single pages. */
const noLowmem = starve(small, 0, false);
const inPieces = starve(nx, 400);

const TWO_PAGES: readonly Step[] = [...RUNNING, mmap(1, 2 * PAGE)];

/** When, what, and how it ends; `on` another machine than the small one, `given` what must work before. */
type Row = readonly [
  when: string,
  does: Step,
  status: StatusName,
  extra?: { readonly on?: Machine; readonly given?: readonly Step[] },
];

const ROWS: readonly Row[] = [
  // Memory
  ['alloc_pages', pages(1, 0), 'ok'],
  ['alloc_pages, largest order', pages(1, 10), 'ok'],
  ['alloc_pages, an order too many', pages(1, 11), 'too-large'],
  ['alloc_pages, an order that shifts out', pages(1, 2 ** 32 - 1), 'too-large'],
  ['alloc_pages, nothing left', pages(1, 0), 'out-of-memory', { on: starved }],
  ['alloc_pages, nothing left but for GFP_ATOMIC', pages(1, 0, GFP_ATOMIC), 'ok', { on: starved }],
  ['alloc_pages, high memory left', pages(1, 0), 'out-of-lowmem', { on: noLowmem }],
  ['the same for one who can use it', pages(1, 0, HIGH), 'ok', { on: noLowmem }],
  ['alloc_pages, single pages left', pages(1, 0), 'ok', { on: inPieces }],
  ['three hundred of them together', pages(1, 8), 'fragmented', { on: inPieces }],
  ['alloc_pages of a live object', pages(1, 0), 'exists', { given: [pages(1, 0)] }],
  ['alloc_pages of a mapped object', pages(1, 0), 'exists', { given: [...RUNNING, mmap(1, 1)] }],
  ['__free_pages', { kind: 'page_free', object: 1 }, 'ok', { given: [pages(1, 3)] }],
  ['__free_pages of nothing', { kind: 'page_free', object: 1 }, 'no-object'],
  ['__free_pages of kmalloc', { kind: 'page_free', object: 1 }, 'no-object', { given: [kmalloc(1, 8)] }],
  ['kmalloc, largest', kmalloc(1, 4 * MIB), 'ok'],
  ['kmalloc, a byte too large', kmalloc(1, 4 * MIB + 1), 'too-large'],
  ['kmalloc, nothing left', kmalloc(1, 8), 'out-of-memory', { on: starved }],
  ['kmalloc, high memory left', kmalloc(1, 8), 'out-of-lowmem', { on: noLowmem }],
  ['kmalloc cannot use it even when asked', kmalloc(1, 8, HIGH), 'out-of-lowmem', { on: noLowmem }],
  ['kmalloc for DMA', kmalloc(1, 8, GFP_DMA), 'ok'],
  ['kmalloc of a live object', kmalloc(1, 8), 'exists', { given: [kmalloc(1, 8)] }],
  ['kfree', { kind: 'kfree', object: 1 }, 'ok', { given: [kmalloc(1, 8)] }],
  [
    'kfree twice',
    { kind: 'kfree', object: 1 },
    'no-object',
    { given: [kmalloc(1, 8), { kind: 'kfree', object: 1 }] },
  ],
  ['kmalloc of nothing', kmalloc(1, 0), 'ok', { on: starved }],
  ['kfree of nothing', { kind: 'kfree', object: 1 }, 'ok', { given: [kmalloc(1, 0)] }],
  ['a slab cache', cache(1, 64), 'ok'],
  ['a slab cache of the same number', cache(1, 64), 'exists', { given: [cache(1, 64)] }],
  ['a slab cache for the largest objects', cache(1, 4 * MIB), 'ok'],
  ['a slab cache for larger ones', cache(1, 4 * MIB + 1), 'bad-cache'],
  ['a slab cache for objects of nothing', cache(1, 0), 'bad-cache'],
  ['a slab cache, aligned to no power of two', cache(1, 64, 48), 'bad-cache'],
  ['kmem_cache_alloc', fromCache(1, 1), 'ok', { given: [cache(1, 64)] }],
  ['kmem_cache_alloc from no cache', fromCache(1, 1), 'no-cache'],
  ['kmem_cache_alloc of a live object', fromCache(1, 1), 'exists', { given: [cache(1, 64), kmalloc(1, 8)] }],
  [
    'kmem_cache_alloc, nothing left',
    fromCache(1, 1),
    'out-of-memory',
    { on: starved, given: [cache(1, 64)] },
  ],
  [
    'kmem_cache_free',
    { kind: 'kmem_cache_free', object: 1 },
    'ok',
    { given: [cache(1, 64), fromCache(1, 1)] },
  ],
  [
    'kmem_cache_free of kmalloc',
    { kind: 'kmem_cache_free', object: 1 },
    'no-object',
    { given: [kmalloc(1, 8)] },
  ],
  [
    'kfree of kmem_cache_alloc',
    { kind: 'kfree', object: 1 },
    'no-object',
    { given: [cache(1, 64), fromCache(1, 1)] },
  ],
  ['kmem_cache_destroy', { kind: 'kmem_cache_destroy', cache: 1 }, 'ok', { given: [cache(1, 64)] }],
  ['kmem_cache_destroy of nothing', { kind: 'kmem_cache_destroy', cache: 1 }, 'no-cache'],
  [
    'kmem_cache_destroy, an object is left',
    { kind: 'kmem_cache_destroy', cache: 1 },
    'cache-in-use',
    { given: [cache(1, 64), fromCache(1, 1)] },
  ],
  [
    'kmem_cache_destroy, another shares the slabs',
    { kind: 'kmem_cache_destroy', cache: 1 },
    'ok',
    { given: [cache(1, 64), cache(2, 64), fromCache(1, 1)] },
  ],
  ['kfree of pages', { kind: 'kfree', object: 1 }, 'no-object', { given: [pages(1, 0)] }],
  [
    'vmalloc, no low memory for its tables',
    { kind: 'vmalloc', object: 1, size: 1 },
    'out-of-lowmem',
    { on: noLowmem },
  ],
  ['vmalloc of a live object', { kind: 'vmalloc', object: 1, size: 1 }, 'exists', { given: [pages(1, 0)] }],
  ['vfree of ioremap', { kind: 'vfree', object: 1 }, 'no-object', { given: [ioremap(1, 1, 0xfee00)] }],
  [
    'iounmap of vmalloc',
    { kind: 'iounmap', object: 1 },
    'no-object',
    { given: [{ kind: 'vmalloc', object: 1, size: 1 }] },
  ],
  ['vmalloc of nothing', vmalloc(1, 0), 'invalid'],
  ['ioremap of nothing', ioremap(1, 0, 0xfee00), 'invalid'],
  ['ioremap up to the last byte', ioremap(1, PAGE, 0xfffff), 'ok'],
  ['ioremap that wraps around', ioremap(1, PAGE, 0xfffff, 1), 'invalid'],
  ['ioremap beyond 32 bits', ioremap(1, 1, 0x100000), 'invalid'],
  ['the same with wider entries', ioremap(1, 1, 0x100000), 'ok', { on: nx }],
  ['ioremap of part of a page of RAM', ioremap(1, 16, 0x2000, 0x20), 'ok'],
  ['vmap of nothing', vmap(1, 2, 1), 'no-object'],
  ['vmap of no page', vmap(1, 2, 0), 'invalid', { given: [pages(2, 0)] }],
  ['vmap of kmalloc', vmap(1, 2, 1), 'no-object', { given: [kmalloc(2, 8)] }],
  ['vmap', vmap(1, 2, 3), 'ok', { given: [pages(2, 0)] }],
  ['vmap, more than there is RAM', vmap(1, 2, 2 ** 32 - 1), 'out-of-memory', { given: [pages(2, 0)] }],
  ['vmap of a live object', vmap(2, 2, 1), 'exists', { given: [pages(2, 0)] }],
  ['vunmap', { kind: 'vunmap', object: 1 }, 'ok', { given: [pages(2, 0), vmap(1, 2, 3)] }],
  ['vunmap of vmalloc', { kind: 'vunmap', object: 1 }, 'no-object', { given: [vmalloc(1, 1)] }],
  ['vfree of vmap', { kind: 'vfree', object: 1 }, 'no-object', { given: [pages(2, 0), vmap(1, 2, 3)] }],
  ['get_vm_area', { kind: 'vm_area', object: 1, size: 1, align: 0 }, 'ok'],
  ['get_vm_area of nothing', { kind: 'vm_area', object: 1, size: 0, align: 0 }, 'invalid'],
  ['get_vm_area, oddly aligned', { kind: 'vm_area', object: 1, size: 1, align: 3 * PAGE }, 'invalid'],
  ['free_vm_area of vmalloc', { kind: 'free_vm_area', object: 1 }, 'no-object', { given: [vmalloc(1, 1)] }],
  [
    'address space alone is not memory',
    access(1, 0, 1, KERNEL_MODE),
    'no-mapping',
    { given: [{ kind: 'vm_area', object: 1, size: PAGE, align: 0 }] },
  ],
  ['kmap_local of nothing', kmapLocal(1), 'no-object'],
  ['kmap_local of low memory', kmapLocal(1), 'ok', { given: [pages(1, 0)] }],
  ['kmap_local', kmapLocal(1), 'ok', { given: [pages(1, 0, HIGH)] }],
  ['kmap_local of one page too many', kmapLocal(1, 1), 'no-mapping', { given: [pages(1, 0, HIGH)] }],
  [
    'kmap_local on a cpu that there is not',
    { ...kmapLocal(1), cpu: 8 },
    'invalid',
    { given: [pages(1, 0, HIGH)] },
  ],
  [
    'kmap_local, the last slot',
    kmapLocal(1),
    'ok',
    { given: [pages(1, 0, HIGH), ...many(15, kmapLocal(1))] },
  ],
  [
    'kmap_local, one more',
    kmapLocal(1),
    'kmap-local-slots',
    { given: [pages(1, 0, HIGH), ...many(16, kmapLocal(1))] },
  ],
  [
    'kmap_local on another cpu',
    { ...kmapLocal(1), cpu: 1 },
    'ok',
    { given: [pages(1, 0, HIGH), ...many(16, kmapLocal(1))] },
  ],
  ['kunmap_local of what is not mapped', kunmapLocal(1), 'no-mapping', { given: [pages(1, 0, HIGH)] }],
  ['kunmap_local', kunmapLocal(1), 'ok', { given: [pages(1, 0, HIGH), kmapLocal(1)] }],
  [
    'kunmap_local, not the last one mapped',
    kunmapLocal(1),
    'out-of-order',
    { given: [pages(1, 1, HIGH), kmapLocal(1), kmapLocal(1, 1)] },
  ],
  [
    'a high page with kmap_local',
    access(1, 0, 1, KERNEL_MODE),
    'ok',
    { given: [pages(1, 0, HIGH), kmapLocal(1)] },
  ],
  [
    'the same on another cpu',
    { ...access(1, 0, 1, KERNEL_MODE), cpu: 1 },
    'high-page',
    { given: [pages(1, 0, HIGH), kmapLocal(1)] },
  ],
  [
    'a high page after kunmap_local',
    access(1, 0, 1, KERNEL_MODE),
    'high-page',
    { given: [pages(1, 0, HIGH), kmapLocal(1), kunmapLocal(1)] },
  ],
  ['ioremap of RAM', ioremap(1, PAGE, 0x2000), 'is-ram'],
  ['kmap of nothing', { kind: 'kmap', object: 1, page: 0 }, 'no-object'],
  ['kmap of the last page', { kind: 'kmap', object: 1, page: 1 }, 'ok', { given: [pages(1, 1, HIGH)] }],
  ['kmap of one more', { kind: 'kmap', object: 1, page: 2 }, 'no-mapping', { given: [pages(1, 1, HIGH)] }],
  [
    'kunmap of what is not mapped',
    { kind: 'kunmap', object: 1, page: 0 },
    'no-mapping',
    { given: [pages(1, 0, HIGH)] },
  ],

  // Processes
  ['spawn', { kind: 'spawn', pid: 1 }, 'ok'],
  ['spawn of a live process', { kind: 'spawn', pid: 1 }, 'exists', { given: RUNNING }],
  ['pid 0 is no process', { kind: 'spawn', pid: 0 }, 'exists'],
  ['spawn, no lowmem', { kind: 'spawn', pid: 1 }, 'out-of-lowmem', { on: noLowmem }],
  ['fork', { kind: 'fork', pid: 2 }, 'ok', { given: RUNNING }],
  ['fork into oneself', { kind: 'fork', pid: 1 }, 'exists', { given: RUNNING }],
  ['fork by none', { kind: 'fork', pid: 1 }, 'no-process'],
  ['fork on a cpu that runs none', { kind: 'fork', pid: 2, cpu: 1 }, 'no-process', { given: RUNNING }],
  ['a thread', { kind: 'clone', pid: 2, cloneFlags: CLONE_VM }, 'ok', { given: RUNNING }],
  ['a thread of none', { kind: 'clone', pid: 2, cloneFlags: CLONE_VM }, 'no-process'],
  [
    'a thread of a number that lives',
    { kind: 'clone', pid: 1, cloneFlags: CLONE_VM },
    'exists',
    { given: RUNNING },
  ],
  ['exec by none', { kind: 'exec' }, 'no-process'],
  ['exit by none', { kind: 'exit' }, 'no-process'],
  ['exit twice', { kind: 'exit' }, 'no-process', { given: [...RUNNING, { kind: 'exit' }] }],
  ['switch to none', { kind: 'switch', pid: 0 }, 'ok'],
  ['switch to the dead', { kind: 'switch', pid: 1 }, 'no-process'],

  // Mappings
  ['mmap by none', mmap(1, PAGE), 'no-process'],
  ['mmap of a live object', mmap(1, PAGE), 'exists', { given: [...RUNNING, mmap(1, PAGE)] }],
  ['mmap of no file', mmap(1, PAGE, RW, 7), 'no-object', { given: RUNNING }],
  ['mmap, all below mmap_base', mmap(1, 0xb8000000 - 16 * PAGE), 'ok', { given: RUNNING }],
  ['mmap, below mmap_min_addr', mmap(1, 0xb8000000 - 15 * PAGE), 'user-space', { given: RUNNING }],
  ['a stack may grow to all of user space', mmap(1, 3072 * MIB, RW | PLACE_STACK), 'ok', { given: RUNNING }],
  ['a stack, a byte more', mmap(1, 3072 * MIB + 1, RW | PLACE_STACK), 'user-space', { given: RUNNING }],
  ['text up to the kernel', mmap(1, 0xc0000000 - 0x08048000, RW | PLACE_TEXT), 'ok', { given: RUNNING }],
  [
    'text, a page more',
    mmap(1, 0xc0000000 - 0x08048000 + 1, RW | PLACE_TEXT),
    'user-space',
    { given: RUNNING },
  ],
  ['populate more than there is', mmap(1, 90 * MIB, RW | MAP_POPULATE), 'out-of-memory', { given: RUNNING }],
  [
    'populate what may only be read: zero pages',
    mmap(1, 90 * MIB, PROT_READ | MAP_POPULATE),
    'ok',
    { given: RUNNING },
  ],
  ['munmap by none', munmap(1, 0, 0), 'no-process'],
  ['munmap of nothing', munmap(1, 0, 0), 'no-object', { given: RUNNING }],
  ['munmap of the last page', munmap(1, PAGE, PAGE), 'ok', { given: [...RUNNING, mmap(1, 2 * PAGE)] }],
  ['munmap behind it', munmap(1, 2 * PAGE, PAGE), 'no-mapping', { given: [...RUNNING, mmap(1, 2 * PAGE)] }],
  ['munmap of kernel memory', munmap(1, 0, 0), 'no-object', { given: [...RUNNING, kmalloc(1, 8)] }],
  ['brk by none', brk(1, PAGE), 'no-process'],
  ['brk with another object', brk(2, PAGE), 'exists', { given: [...RUNNING, brk(1, PAGE)] }],
  [
    'brk up to a page below a mapping',
    brk(1, 0xb7ffe000 - 0x08049000),
    'ok',
    { given: [...RUNNING, mmap(2, 1, RW | PLACE_TEXT), mmap(3, 1), brk(1, 1)] },
  ],
  [
    'brk up to a mapping',
    brk(1, 0xb7fff000 - 0x08049000),
    'user-space',
    { given: [...RUNNING, mmap(2, 1, RW | PLACE_TEXT), mmap(3, 1), brk(1, 1)] },
  ],

  // Parts of mappings
  ['mprotect by none', mprotect(1, 0, 0, 1), 'no-process'],
  ['mprotect of nothing', mprotect(1, 0, 0, 1), 'no-object', { given: RUNNING }],
  ['mprotect of the last page', mprotect(1, PAGE, PAGE, 1), 'ok', { given: TWO_PAGES }],
  ['mprotect behind it', mprotect(1, 2 * PAGE, PAGE, 1), 'no-mapping', { given: TWO_PAGES }],
  ['madvise of what nobody knows', madvise(1, 0, 0, 99), 'invalid', { given: TWO_PAGES }],
  ['madvise', madvise(1, 0, 0, MADV_DONTNEED), 'ok', { given: TWO_PAGES }],
  [
    'madvise to drop what is locked',
    madvise(1, 0, 0, MADV_DONTNEED),
    'invalid',
    { given: [...TWO_PAGES, mlock(1, 0, 0)] },
  ],
  ['mlock', mlock(1, 0, 0), 'ok', { given: TWO_PAGES }],
  [
    'mlock of what may not be touched',
    mlock(1, 0, 0),
    'protection',
    { given: [...RUNNING, mmap(1, PAGE, 0)] },
  ],
  ['mlock, more than there is', mlock(1, 0, 0), 'out-of-memory', { given: [...RUNNING, mmap(1, 90 * MIB)] }],
  [
    'munlock of nothing',
    { kind: 'munlock', object: 1, offset: 0, length: 0 },
    'no-object',
    { given: RUNNING },
  ],
  ['mremap to nothing', mremap(1, 0), 'invalid', { given: TWO_PAGES }],
  ['mremap of the heap', mremap(1, PAGE), 'invalid', { given: [...RUNNING, brk(1, PAGE)] }],
  ['mremap, no room above', mremap(1, 3 * PAGE, 0), 'ok', { given: TWO_PAGES }],
  ['mremap, a mapping above', mremap(2, 2 * PAGE, 0), 'user-space', { given: [...TWO_PAGES, mmap(2, PAGE)] }],
  ['the same, and it may move', mremap(2, 2 * PAGE), 'ok', { given: [...TWO_PAGES, mmap(2, PAGE)] }],
  [
    'mremap of two mappings',
    mremap(1, 3 * PAGE),
    'no-mapping',
    { given: [...TWO_PAGES, mprotect(1, 0, PAGE, PROT_READ)] },
  ],
  ['mremap over itself', mremapFixed(1, 1, 0), 'invalid', { given: TWO_PAGES }],
  [
    'mremap over another',
    mremapFixed(1, 3, 0),
    'ok',
    { given: [...TWO_PAGES, mmap(2, PAGE), mmap(3, PAGE)] },
  ],
  ['mremap into a page', mremapFixed(1, 2, 1), 'invalid', { given: [...TWO_PAGES, mmap(2, PAGE)] }],
  ['mremap over nothing', mremapFixed(1, 2, 0), 'no-object', { given: TWO_PAGES }],

  // Files
  ['a file', { kind: 'file', file: 1, length: PAGE }, 'ok'],
  [
    'the same file',
    { kind: 'file', file: 1, length: PAGE },
    'exists',
    { given: [{ kind: 'file', file: 1, length: PAGE }] },
  ],
  ['file 0 is no file', { kind: 'file', file: 0, length: PAGE }, 'exists'],
  [
    'read its last byte',
    { kind: 'file_read', file: 1, offset: PAGE - 1, length: 1 },
    'ok',
    { given: [{ kind: 'file', file: 1, length: PAGE }] },
  ],
  [
    'read behind it',
    { kind: 'file_read', file: 1, offset: PAGE, length: 1 },
    'no-mapping',
    { given: [{ kind: 'file', file: 1, length: PAGE }] },
  ],
  ['read no file', { kind: 'file_read', file: 1, offset: 0, length: 1 }, 'no-object'],
  [
    'read more than there is memory',
    { kind: 'file_read', file: 1, offset: 0, length: 100 * MIB },
    'out-of-memory',
    { given: [{ kind: 'file', file: 1, length: 100 * MIB }] },
  ],
  ['drop no file', { kind: 'file_drop', file: 1 }, 'no-object'],

  // Accesses
  ['access to nothing', access(1, 0, 1), 'no-object', { given: RUNNING }],
  ['first byte', access(1, 0, 1), 'ok', { given: [...RUNNING, mmap(1, PAGE)] }],
  ['last byte', access(1, PAGE - 1, 1), 'ok', { given: [...RUNNING, mmap(1, PAGE)] }],
  ['a byte beyond', access(1, PAGE, 1), 'no-mapping', { given: [...RUNNING, mmap(1, PAGE)] }],
  ['nothing beyond', access(1, PAGE, 0), 'no-mapping', { given: [...RUNNING, mmap(1, PAGE)] }],
  ['across the end', access(1, PAGE - 1, 2), 'no-mapping', { given: [...RUNNING, mmap(1, PAGE)] }],
  ['across a page', access(1, PAGE - 1, 2), 'ok', { given: [...RUNNING, mmap(1, 2 * PAGE)] }],
  ['a whole page', access(1, 1, PAGE), 'ok', { given: [...RUNNING, mmap(1, 2 * PAGE)] }],
  ['more than a page', access(1, 0, PAGE + 1), 'too-large', { given: [...RUNNING, mmap(1, 2 * PAGE)] }],
  ['the rest of the last page', access(1, 4095, 1), 'ok', { given: [...RUNNING, mmap(1, 100)] }],
  ['access by none', { ...access(1, 0, 1), cpu: 1 }, 'no-process', { given: [...RUNNING, mmap(1, PAGE)] }],
  [
    'access to what another maps',
    access(1, 0, 1),
    'no-mapping',
    { given: [...RUNNING, mmap(1, PAGE), { kind: 'spawn', pid: 2 }, { kind: 'switch', pid: 2 }] },
  ],
  [
    'store to read-only',
    access(1, 0, 1, WRITE),
    'protection',
    { given: [...RUNNING, mmap(1, PAGE, PROT_READ)] },
  ],
  [
    'modify read-only',
    access(1, 0, 1, MODIFY),
    'protection',
    { given: [...RUNNING, mmap(1, PAGE, PROT_READ)] },
  ],
  [
    'load from write-only: x86 cannot forbid it',
    access(1, 0, 1),
    'ok',
    { given: [...RUNNING, mmap(1, PAGE, PROT_WRITE)] },
  ],
  [
    'run data, without execute-disable',
    access(1, 0, 1, EXECUTE),
    'ok',
    { given: [...RUNNING, mmap(1, PAGE, RW)] },
  ],
  [
    'run data, with it',
    access(1, 0, 1, EXECUTE),
    'protection',
    { on: nx, given: [...RUNNING, mmap(1, PAGE, RW)] },
  ],
  [
    'run text, with it',
    access(1, 0, 1, EXECUTE),
    'ok',
    { on: nx, given: [...RUNNING, mmap(1, PAGE, PROT_EXEC)] },
  ],
  ['no access at all', access(1, 0, 1), 'protection', { given: [...RUNNING, mmap(1, PAGE, 0)] }],
  ['user mode at kernel memory', access(1, 0, 8), 'privilege', { given: [kmalloc(1, 64)] }],
  ['a trap into the kernel', access(1, 0, 8, KERNEL_MODE), 'ok', { given: [kmalloc(1, 64)] }],
  ['kernel mode at user memory', access(1, 0, 8, KERNEL_MODE), 'ok', { given: [...RUNNING, mmap(1, PAGE)] }],
  ['last byte of kmalloc', access(1, 63, 1, KERNEL_MODE), 'ok', { given: [kmalloc(1, 64)] }],
  ['a byte beyond kmalloc', access(1, 64, 1, KERNEL_MODE), 'no-mapping', { given: [kmalloc(1, 64)] }],
  ['the slack that a size class leaves', access(1, 95, 1, KERNEL_MODE), 'ok', { given: [kmalloc(1, 65)] }],
  ['nothing beyond kmalloc', access(1, 64, 0, KERNEL_MODE), 'no-mapping', { given: [kmalloc(1, 64)] }],
  [
    'run kernel data, with execute-disable',
    access(1, 0, 1, EXECUTE | KERNEL_MODE),
    'protection',
    { on: nx, given: [kmalloc(1, 64)] },
  ],
  ['run kernel data, without', access(1, 0, 1, EXECUTE | KERNEL_MODE), 'ok', { given: [kmalloc(1, 64)] }],
  ['a high page', access(1, 0, 1, KERNEL_MODE), 'high-page', { given: [pages(1, 0, HIGH)] }],
  ['user mode at a high page', access(1, 0, 1), 'privilege', { given: [pages(1, 0, HIGH)] }],
];

describe('statuses', () => {
  for (const [when, does, status, { given = [], on = small } = {}] of ROWS) {
    test(`${when}: ${status}`, () => {
      expect(new Session(on).given(...given).status(does)).toBe(status);
    });
  }

  test('a page fault that no memory is left for', () => {
    const session = new Session(small).given(...RUNNING, mmap(1, 2 * PAGE), access(1, 0, 1, WRITE));
    session.machine = starve(session.machine, 0);
    expect(session.status(access(1, PAGE, 1, WRITE))).toBe('out-of-memory');
    expect(session.status(access(1, PAGE - 1, 2, WRITE))).toBe('out-of-memory');
    expect(session.do(access(1, PAGE, 1))).toMatchObject({ status: 'ok', fault: 'zero-page' });
  });

  test('a mapping may be longer than its file, but not be used there', () => {
    const session = new Session(small).given(
      ...RUNNING,
      { kind: 'file', file: 1, length: PAGE + 1 },
      mmap(1, 4 * PAGE, RW, 1),
    );
    expect(session.do(access(1, 2 * PAGE - 1, 1))).toMatchObject({ status: 'ok', fault: 'file-major' });
    expect(session.status(access(1, 2 * PAGE, 1))).toBe('beyond-file');
    expect(session.status(access(1, 2 * PAGE - 1, 2))).toBe('beyond-file');
    expect(session.status(mmap(2, 4 * PAGE, RW | MAP_POPULATE, 1))).toBe('beyond-file');
  });

  test('every status is in some row of these tests', () => {
    const elsewhere = ['vmalloc-space', 'kmap-slots', 'beyond-file', 'oom-killed'];
    const ofDma = STATUSES.slice(NO_DEVICE, DMA_MAPPED + 1).map(({ name }) => name); // dma/dma.test.ts, dma/naive.test.ts
    const reached = new Set<string>([...ROWS.map(([, , status]) => status), ...elsewhere, ...ofDma]);
    expect(STATUSES.map(({ name }) => name).filter((name) => !reached.has(name))).toEqual([]);
  });

  test('a failure changes nothing but clocks and counters', () => {
    for (const [, does, status, { given = [], on = small } = {}] of ROWS) {
      // What was locked stays locked. Pages that came in before it failed stay; one that vmalloc gives back is the first of its list from then on.
      const halfDone =
        does.kind === 'access'
          ? does.size === 2
          : does.kind === 'mlock' ||
            (status.startsWith('out-of') && ['mmap', 'vmalloc', 'file_read'].includes(does.kind));
      if (status === 'ok' || halfDone) continue;
      const session = new Session(on).given(...given);
      const before = session.machine;
      expect(session.status(does)).toBe(status);
      expect(withoutTime(session.machine, before), JSON.stringify(does)).toBe(withoutTime(before, before));
    }
  });
});

/** Digest of a machine with the clocks and counters of another; per-cpu lists may be emptied before a request fails. */
function withoutTime(machine: Machine, like: Machine): string {
  return stateDigest({ ...drained(machine), counters: like.counters, cpus: like.cpus, vars: like.vars });
}
