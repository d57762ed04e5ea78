/** What becomes of processes, their mappings and files. */
import { CLONE_VM } from '../../../core/event/clone-flags.ts';
import {
  MADV_DONTNEED,
  MAP_POPULATE,
  PLACE_STACK,
  PLACE_TEXT,
  PROT_READ,
} from '../../../core/event/mmap-flags.ts';
import {
  brk,
  kmalloc,
  MIB,
  madvise,
  mlock,
  mmap,
  mprotect,
  mremap,
  mremapFixed,
  munmap,
  PAGE,
  RUNNING,
  RW,
  type Step,
} from '../../support/rows.ts';
import type { StatusRow } from '../../support/status-rows.ts';
import { noLowmem } from './machines.ts';

const TWO_PAGES: readonly Step[] = [...RUNNING, mmap(1, 2 * PAGE)];
const grown = (pages: number): Step => ({ kind: 'refused', object: 1, request: 34, length: pages * PAGE });
const UNMAPPED_HEAP: readonly Step[] = [...RUNNING, brk(1, PAGE), munmap(1, 0, 0), mmap(1, PAGE)];
const ENDED_HEAP: readonly Step[] = [...RUNNING, brk(1, PAGE), brk(1, 0), mmap(1, PAGE)];
/** Of three pages the last one is not mapped. */
const HEAP_WITH_HOLE: readonly Step[] = [...RUNNING, brk(1, 3 * PAGE), munmap(1, 2 * PAGE, PAGE)];

export const PROCESS_ROWS: readonly StatusRow[] = [
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

  // What was refused where it was recorded
  ['refused, and gone', { kind: 'refused', object: 1, request: 6, length: 0 }, 'refused-too'],
  ['refused, and there', { kind: 'refused', object: 1, request: 6, length: 0 }, 'ok', { given: TWO_PAGES }],
  ['refused to be longer, and is not', grown(3), 'refused-too', { given: TWO_PAGES }],
  ['refused to be longer, and is', grown(3), 'ok', { given: [...TWO_PAGES, mremap(1, 3 * PAGE)] }],
  ['refused a child, and has none', { kind: 'refused_fork', pid: 2, request: 2 }, 'refused-too'],
  [
    'refused a child, and has one',
    { kind: 'refused_fork', pid: 2, request: 2 },
    'ok',
    { given: [...RUNNING, { kind: 'fork', pid: 2 }] },
  ],

  // Mappings
  ['mmap by none', mmap(1, PAGE), 'no-process'],
  ['mmap of a live object', mmap(1, PAGE), 'exists', { given: [...RUNNING, mmap(1, PAGE)] }],
  ['mmap of no file', mmap(1, PAGE, RW, 7), 'no-object', { given: RUNNING }],
  ['mmap of nothing', mmap(1, 0), 'invalid', { given: RUNNING }],
  ['mmap of a byte', mmap(1, 1), 'ok', { given: RUNNING }],
  ['mmap of nothing of no file', mmap(1, 0, RW, 7), 'no-object', { given: RUNNING }],
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
  [
    'populate more than there is: the mapping is there',
    mmap(1, 90 * MIB, RW | MAP_POPULATE),
    'ok',
    { given: RUNNING },
  ],
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
  ['brk with another, of the heap nothing is mapped', brk(2, 2 * PAGE), 'ok', { given: UNMAPPED_HEAP }],
  ['brk with another, the heap has ended', brk(2, PAGE), 'ok', { given: ENDED_HEAP }],
  ['brk with object 1, which is no heap any more', brk(1, 2 * PAGE), 'exists', { given: ENDED_HEAP }],
  ['mremap of object 1, which is no heap any more', mremap(1, 2 * PAGE), 'ok', { given: ENDED_HEAP }],
  ['brk back to where something is mapped', brk(1, PAGE), 'ok', { given: HEAP_WITH_HOLE }],
  ['brk back to where nothing is', brk(1, 2 * PAGE), 'no-mapping', { given: HEAP_WITH_HOLE }],
  ['brk to where it is', brk(1, 3 * PAGE), 'ok', { given: HEAP_WITH_HOLE }],
  ['brk beside object 0', brk(1, PAGE), 'ok', { given: [...RUNNING, mmap(0, PAGE)] }],
  ['mremap of object 0', mremap(0, 2 * PAGE), 'ok', { given: [...RUNNING, mmap(0, PAGE)] }],
  ['a heap that is object 0', brk(0, 2 * PAGE), 'ok', { given: [...RUNNING, brk(0, PAGE)] }],
  ['brk with another than object 0', brk(1, PAGE), 'exists', { given: [...RUNNING, brk(0, PAGE)] }],
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
    'mremap of what is locked, to more than there is',
    mremap(1, 90 * MIB),
    'ok',
    { given: [...TWO_PAGES, mlock(1, 0, 0)] },
  ],
  [
    'mremap of two mappings',
    mremap(1, 3 * PAGE),
    'no-mapping',
    { given: [...TWO_PAGES, mprotect(1, 0, PAGE, PROT_READ)] },
  ],
  ['mremap over a part of itself', mremapFixed(1, 1, PAGE), 'invalid', { given: TWO_PAGES }],
  ['mremap to where it is', mremapFixed(1, 1, 0), 'ok', { given: TWO_PAGES }],
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
    'read behind it: no bytes',
    { kind: 'file_read', file: 1, offset: PAGE, length: 1 },
    'ok',
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
];
