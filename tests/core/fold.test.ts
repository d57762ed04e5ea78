/** What becomes of an event: every status, with the smallest way to reach it, and both sides of every boundary. */
import { describe, expect, test } from 'vitest';
import { CONTINUED, EXECUTE, KERNEL_MODE, MODIFY, READ, WRITE } from '../../core/event/access-mode.ts';
import { type Batch, batchOf } from '../../core/event/batch.ts';
import { __GFP_HIGHMEM, GFP_ATOMIC, GFP_DMA, GFP_KERNEL } from '../../core/event/gfp.ts';
import {
  MAP_POPULATE,
  MAP_SHARED,
  PLACE_STACK,
  PLACE_TEXT,
  PROT_EXEC,
  PROT_READ,
  PROT_WRITE,
} from '../../core/event/mmap-flags.ts';
import { fold } from '../../core/fold.ts';
import { STATUSES, type StatusName } from '../../core/outcome.ts';
import { CPU } from '../../core/state/cpus.ts';
import { stateDigest } from '../../core/state/digest.ts';
import type { Machine } from '../../core/state/machine.ts';
import { eventOf, MIB, machineOf, PAGE, RUNNING, Session, type Step, starve } from '../support/rows.ts';

const RW = PROT_READ | PROT_WRITE;
const HIGH = GFP_KERNEL | __GFP_HIGHMEM;

const mmap = (object: number, length: number, flags = RW, file = 0): Step => ({
  kind: 'mmap',
  object,
  length,
  flags,
  file,
});
const access = (object: number, offset: number, size: number, mode = READ): Step => ({
  kind: 'access',
  object,
  offset,
  size,
  mode,
});
const pages = (object: number, order: number, gfp = GFP_KERNEL): Step => ({
  kind: 'page_alloc',
  object,
  order,
  gfp,
});
const kmalloc = (object: number, size: number, gfp = GFP_KERNEL): Step => ({
  kind: 'kmalloc',
  object,
  size,
  gfp,
});
const brk = (object: number, length: number): Step => ({ kind: 'brk', object, length });
const munmap = (object: number, offset: number, length: number): Step => ({
  kind: 'munmap',
  object,
  offset,
  length,
});

const small = machineOf('3g1g', 96, { highmemBytes: 32n << 20n });
const nx = machineOf('linux-x86_64', 96);
const starved = starve(small, 0);
/** High memory is left, and of low memory single pages. */
const noLowmem = starve(small, 0, false);
const inPieces = starve(nx, 400);

interface Row {
  readonly when: string;
  readonly given?: readonly Step[];
  readonly does: Step;
  readonly expect: StatusName;
  readonly on?: Machine;
}

/** Given a machine (the small one unless `on` says) and what must work before, an event ends like this. */
const ROWS: readonly Row[] = [
  // Memory
  { when: 'alloc_pages', does: pages(1, 0), expect: 'ok' },
  { when: 'alloc_pages, largest order', does: pages(1, 10), expect: 'ok' },
  { when: 'alloc_pages, an order too many', does: pages(1, 11), expect: 'too-large' },
  { when: 'alloc_pages, an order that shifts out', does: pages(1, 2 ** 32 - 1), expect: 'too-large' },
  { when: 'alloc_pages, nothing left', on: starved, does: pages(1, 0), expect: 'out-of-memory' },
  {
    when: 'alloc_pages, nothing left but for GFP_ATOMIC',
    on: starved,
    does: pages(1, 0, GFP_ATOMIC),
    expect: 'ok',
  },
  { when: 'alloc_pages, high memory left', on: noLowmem, does: pages(1, 0), expect: 'out-of-lowmem' },
  { when: 'the same for one who can use it', on: noLowmem, does: pages(1, 0, HIGH), expect: 'ok' },
  { when: 'alloc_pages, single pages left', on: inPieces, does: pages(1, 0), expect: 'ok' },
  { when: 'three hundred of them together', on: inPieces, does: pages(1, 8), expect: 'fragmented' },
  { when: 'alloc_pages of a live object', given: [pages(1, 0)], does: pages(1, 0), expect: 'exists' },
  {
    when: 'alloc_pages of a mapped object',
    given: [...RUNNING, mmap(1, 1)],
    does: pages(1, 0),
    expect: 'exists',
  },
  { when: '__free_pages', given: [pages(1, 3)], does: { kind: 'page_free', object: 1 }, expect: 'ok' },
  { when: '__free_pages of nothing', does: { kind: 'page_free', object: 1 }, expect: 'no-object' },
  {
    when: '__free_pages of kmalloc',
    given: [kmalloc(1, 8)],
    does: { kind: 'page_free', object: 1 },
    expect: 'no-object',
  },
  { when: 'kmalloc, largest', does: kmalloc(1, 4 * MIB), expect: 'ok' },
  { when: 'kmalloc, a byte too large', does: kmalloc(1, 4 * MIB + 1), expect: 'too-large' },
  { when: 'kmalloc, nothing left', on: starved, does: kmalloc(1, 8), expect: 'out-of-memory' },
  { when: 'kmalloc, high memory left', on: noLowmem, does: kmalloc(1, 8), expect: 'out-of-lowmem' },
  {
    when: 'kmalloc cannot use it even when asked',
    on: noLowmem,
    does: kmalloc(1, 8, HIGH),
    expect: 'out-of-lowmem',
  },
  { when: 'kmalloc for DMA', does: kmalloc(1, 8, GFP_DMA), expect: 'ok' },
  { when: 'kmalloc of a live object', given: [kmalloc(1, 8)], does: kmalloc(1, 8), expect: 'exists' },
  { when: 'kfree', given: [kmalloc(1, 8)], does: { kind: 'kfree', object: 1 }, expect: 'ok' },
  {
    when: 'kfree twice',
    given: [kmalloc(1, 8), { kind: 'kfree', object: 1 }],
    does: { kind: 'kfree', object: 1 },
    expect: 'no-object',
  },
  { when: 'kfree of pages', given: [pages(1, 0)], does: { kind: 'kfree', object: 1 }, expect: 'no-object' },
  {
    when: 'vmalloc, no low memory for its tables',
    on: noLowmem,
    does: { kind: 'vmalloc', object: 1, size: 1 },
    expect: 'out-of-lowmem',
  },
  {
    when: 'vmalloc of a live object',
    given: [pages(1, 0)],
    does: { kind: 'vmalloc', object: 1, size: 1 },
    expect: 'exists',
  },
  {
    when: 'vfree of ioremap',
    given: [{ kind: 'ioremap', object: 1, size: 1, pfn: 0xfee00 }],
    does: { kind: 'vfree', object: 1 },
    expect: 'no-object',
  },
  {
    when: 'iounmap of vmalloc',
    given: [{ kind: 'vmalloc', object: 1, size: 1 }],
    does: { kind: 'iounmap', object: 1 },
    expect: 'no-object',
  },
  { when: 'ioremap of RAM', does: { kind: 'ioremap', object: 1, size: 1, pfn: 0x1000 }, expect: 'is-ram' },
  { when: 'kmap of nothing', does: { kind: 'kmap', object: 1, page: 0 }, expect: 'no-object' },
  {
    when: 'kmap of the last page',
    given: [pages(1, 1, HIGH)],
    does: { kind: 'kmap', object: 1, page: 1 },
    expect: 'ok',
  },
  {
    when: 'kmap of one more',
    given: [pages(1, 1, HIGH)],
    does: { kind: 'kmap', object: 1, page: 2 },
    expect: 'no-mapping',
  },
  {
    when: 'kunmap of what is not mapped',
    given: [pages(1, 0, HIGH)],
    does: { kind: 'kunmap', object: 1, page: 0 },
    expect: 'no-mapping',
  },

  // Processes
  { when: 'spawn', does: { kind: 'spawn', pid: 1 }, expect: 'ok' },
  { when: 'spawn of a live process', given: RUNNING, does: { kind: 'spawn', pid: 1 }, expect: 'exists' },
  { when: 'pid 0 is no process', does: { kind: 'spawn', pid: 0 }, expect: 'exists' },
  { when: 'spawn, no lowmem', on: noLowmem, does: { kind: 'spawn', pid: 1 }, expect: 'out-of-lowmem' },
  { when: 'fork', given: RUNNING, does: { kind: 'fork', pid: 2 }, expect: 'ok' },
  { when: 'fork into oneself', given: RUNNING, does: { kind: 'fork', pid: 1 }, expect: 'exists' },
  { when: 'fork by none', does: { kind: 'fork', pid: 1 }, expect: 'no-process' },
  {
    when: 'fork on a cpu that runs none',
    given: RUNNING,
    does: { kind: 'fork', pid: 2, cpu: 1 },
    expect: 'no-process',
  },
  { when: 'exec by none', does: { kind: 'exec' }, expect: 'no-process' },
  { when: 'exit by none', does: { kind: 'exit' }, expect: 'no-process' },
  { when: 'exit twice', given: [...RUNNING, { kind: 'exit' }], does: { kind: 'exit' }, expect: 'no-process' },
  { when: 'switch to none', does: { kind: 'switch', pid: 0 }, expect: 'ok' },
  { when: 'switch to the dead', does: { kind: 'switch', pid: 1 }, expect: 'no-process' },

  // Mappings
  { when: 'mmap by none', does: mmap(1, PAGE), expect: 'no-process' },
  {
    when: 'mmap of a live object',
    given: [...RUNNING, mmap(1, PAGE)],
    does: mmap(1, PAGE),
    expect: 'exists',
  },
  { when: 'mmap of no file', given: RUNNING, does: mmap(1, PAGE, RW, 7), expect: 'no-object' },
  {
    when: 'mmap, nearly all of user space',
    given: RUNNING,
    does: mmap(1, 3072 * MIB - 16 * PAGE),
    expect: 'ok',
  },
  {
    when: 'mmap, below mmap_min_addr',
    given: RUNNING,
    does: mmap(1, 3072 * MIB - 15 * PAGE),
    expect: 'user-space',
  },
  {
    when: 'the stack, all of its gap',
    given: RUNNING,
    does: mmap(1, 128 * MIB, RW | PLACE_STACK),
    expect: 'ok',
  },
  {
    when: 'the stack, more',
    given: RUNNING,
    does: mmap(1, 128 * MIB + 1, RW | PLACE_STACK),
    expect: 'user-space',
  },
  {
    when: 'text up to the kernel',
    given: RUNNING,
    does: mmap(1, 0xc0000000 - 0x08048000, RW | PLACE_TEXT),
    expect: 'ok',
  },
  {
    when: 'text, a page more',
    given: RUNNING,
    does: mmap(1, 0xc0000000 - 0x08048000 + 1, RW | PLACE_TEXT),
    expect: 'user-space',
  },
  {
    when: 'populate more than there is',
    given: RUNNING,
    does: mmap(1, 90 * MIB, RW | MAP_POPULATE),
    expect: 'out-of-memory',
  },
  {
    when: 'populate what may only be read: zero pages',
    given: RUNNING,
    does: mmap(1, 90 * MIB, PROT_READ | MAP_POPULATE),
    expect: 'ok',
  },
  { when: 'munmap by none', does: munmap(1, 0, 0), expect: 'no-process' },
  { when: 'munmap of nothing', given: RUNNING, does: munmap(1, 0, 0), expect: 'no-object' },
  {
    when: 'munmap of the last page',
    given: [...RUNNING, mmap(1, 2 * PAGE)],
    does: munmap(1, PAGE, PAGE),
    expect: 'ok',
  },
  {
    when: 'munmap behind it',
    given: [...RUNNING, mmap(1, 2 * PAGE)],
    does: munmap(1, 2 * PAGE, PAGE),
    expect: 'no-mapping',
  },
  {
    when: 'munmap of kernel memory',
    given: [...RUNNING, kmalloc(1, 8)],
    does: munmap(1, 0, 0),
    expect: 'no-object',
  },
  { when: 'brk by none', does: brk(1, PAGE), expect: 'no-process' },
  {
    when: 'brk with another object',
    given: [...RUNNING, brk(1, PAGE)],
    does: brk(2, PAGE),
    expect: 'exists',
  },
  {
    when: 'brk up to a mapping',
    given: [...RUNNING, mmap(2, 1, RW | PLACE_TEXT), brk(1, 1)],
    does: brk(1, 0xb8000000 - 0x0804a000),
    expect: 'ok',
  },
  {
    when: 'brk into a mapping',
    given: [...RUNNING, mmap(2, 1, RW | PLACE_TEXT), mmap(3, 1), brk(1, 1)],
    does: brk(1, 0xb8000000 - 0x0804a000),
    expect: 'user-space',
  },

  // Files
  { when: 'a file', does: { kind: 'file', file: 1, length: PAGE }, expect: 'ok' },
  {
    when: 'the same file',
    given: [{ kind: 'file', file: 1, length: PAGE }],
    does: { kind: 'file', file: 1, length: PAGE },
    expect: 'exists',
  },
  { when: 'file 0 is no file', does: { kind: 'file', file: 0, length: PAGE }, expect: 'exists' },
  {
    when: 'read its last byte',
    given: [{ kind: 'file', file: 1, length: PAGE }],
    does: { kind: 'file_read', file: 1, offset: PAGE - 1, length: 1 },
    expect: 'ok',
  },
  {
    when: 'read behind it',
    given: [{ kind: 'file', file: 1, length: PAGE }],
    does: { kind: 'file_read', file: 1, offset: PAGE, length: 1 },
    expect: 'no-mapping',
  },
  { when: 'read no file', does: { kind: 'file_read', file: 1, offset: 0, length: 1 }, expect: 'no-object' },
  {
    when: 'read more than there is memory',
    given: [{ kind: 'file', file: 1, length: 100 * MIB }],
    does: { kind: 'file_read', file: 1, offset: 0, length: 100 * MIB },
    expect: 'out-of-memory',
  },
  { when: 'drop no file', does: { kind: 'file_drop', file: 1 }, expect: 'no-object' },

  // Accesses
  { when: 'access to nothing', given: RUNNING, does: access(1, 0, 1), expect: 'no-object' },
  { when: 'first byte', given: [...RUNNING, mmap(1, PAGE)], does: access(1, 0, 1), expect: 'ok' },
  { when: 'last byte', given: [...RUNNING, mmap(1, PAGE)], does: access(1, PAGE - 1, 1), expect: 'ok' },
  {
    when: 'a byte beyond',
    given: [...RUNNING, mmap(1, PAGE)],
    does: access(1, PAGE, 1),
    expect: 'no-mapping',
  },
  {
    when: 'nothing beyond',
    given: [...RUNNING, mmap(1, PAGE)],
    does: access(1, PAGE, 0),
    expect: 'no-mapping',
  },
  {
    when: 'across the end',
    given: [...RUNNING, mmap(1, PAGE)],
    does: access(1, PAGE - 1, 2),
    expect: 'no-mapping',
  },
  {
    when: 'across a page',
    given: [...RUNNING, mmap(1, 2 * PAGE)],
    does: access(1, PAGE - 1, 2),
    expect: 'ok',
  },
  { when: 'a whole page', given: [...RUNNING, mmap(1, 2 * PAGE)], does: access(1, 1, PAGE), expect: 'ok' },
  {
    when: 'more than a page',
    given: [...RUNNING, mmap(1, 2 * PAGE)],
    does: access(1, 0, PAGE + 1),
    expect: 'too-large',
  },
  {
    when: 'the rest of the last page',
    given: [...RUNNING, mmap(1, 100)],
    does: access(1, 4095, 1),
    expect: 'ok',
  },
  {
    when: 'access by none',
    given: [...RUNNING, mmap(1, PAGE)],
    does: { ...access(1, 0, 1), cpu: 1 },
    expect: 'no-process',
  },
  {
    when: 'access to what another maps',
    given: [...RUNNING, mmap(1, PAGE), { kind: 'spawn', pid: 2 }, { kind: 'switch', pid: 2 }],
    does: access(1, 0, 1),
    expect: 'no-mapping',
  },
  {
    when: 'store to read-only',
    given: [...RUNNING, mmap(1, PAGE, PROT_READ)],
    does: access(1, 0, 1, WRITE),
    expect: 'protection',
  },
  {
    when: 'modify read-only',
    given: [...RUNNING, mmap(1, PAGE, PROT_READ)],
    does: access(1, 0, 1, MODIFY),
    expect: 'protection',
  },
  {
    when: 'load from write-only: x86 cannot forbid it',
    given: [...RUNNING, mmap(1, PAGE, PROT_WRITE)],
    does: access(1, 0, 1),
    expect: 'ok',
  },
  {
    when: 'run data, without execute-disable',
    given: [...RUNNING, mmap(1, PAGE, RW)],
    does: access(1, 0, 1, EXECUTE),
    expect: 'ok',
  },
  {
    when: 'run data, with it',
    on: nx,
    given: [...RUNNING, mmap(1, PAGE, RW)],
    does: access(1, 0, 1, EXECUTE),
    expect: 'protection',
  },
  {
    when: 'run text, with it',
    on: nx,
    given: [...RUNNING, mmap(1, PAGE, PROT_EXEC)],
    does: access(1, 0, 1, EXECUTE),
    expect: 'ok',
  },
  {
    when: 'no access at all',
    given: [...RUNNING, mmap(1, PAGE, 0)],
    does: access(1, 0, 1),
    expect: 'protection',
  },
  { when: 'user mode at kernel memory', given: [kmalloc(1, 64)], does: access(1, 0, 8), expect: 'privilege' },
  {
    when: 'a trap into the kernel',
    given: [kmalloc(1, 64)],
    does: access(1, 0, 8, KERNEL_MODE),
    expect: 'ok',
  },
  {
    when: 'kernel mode at user memory',
    given: [...RUNNING, mmap(1, PAGE)],
    does: access(1, 0, 8, KERNEL_MODE),
    expect: 'ok',
  },
  {
    when: 'last byte of kmalloc',
    given: [kmalloc(1, 64)],
    does: access(1, 63, 1, KERNEL_MODE),
    expect: 'ok',
  },
  {
    when: 'a byte beyond kmalloc',
    given: [kmalloc(1, 64)],
    does: access(1, 64, 1, KERNEL_MODE),
    expect: 'no-mapping',
  },
  {
    when: 'the slack that a size class leaves',
    given: [kmalloc(1, 65)],
    does: access(1, 95, 1, KERNEL_MODE),
    expect: 'ok',
  },
  {
    when: 'nothing beyond kmalloc',
    given: [kmalloc(1, 64)],
    does: access(1, 64, 0, KERNEL_MODE),
    expect: 'no-mapping',
  },
  {
    when: 'run kernel data, with execute-disable',
    on: nx,
    given: [kmalloc(1, 64)],
    does: access(1, 0, 1, EXECUTE | KERNEL_MODE),
    expect: 'protection',
  },
  {
    when: 'run kernel data, without',
    given: [kmalloc(1, 64)],
    does: access(1, 0, 1, EXECUTE | KERNEL_MODE),
    expect: 'ok',
  },
  {
    when: 'a high page',
    given: [pages(1, 0, HIGH)],
    does: access(1, 0, 1, KERNEL_MODE),
    expect: 'high-page',
  },
  {
    when: 'user mode at a high page',
    given: [pages(1, 0, HIGH)],
    does: access(1, 0, 1),
    expect: 'privilege',
  },
];

describe('statuses', () => {
  test.each(ROWS)('$when: $expect', ({ given = [], does, expect: status, on = small }) => {
    expect(new Session(on).given(...given).status(does)).toBe(status);
  });

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
    const elsewhere = ['vmalloc-space', 'kmap-slots', 'beyond-file'];
    const reached = new Set<string>([...ROWS.map((row) => row.expect), ...elsewhere]);
    expect(STATUSES.map(({ name }) => name).filter((name) => !reached.has(name))).toEqual([]);
  });

  test('a failure changes nothing but clocks and counters', () => {
    for (const { given = [], does, expect: status, on = small } of ROWS) {
      // Pages that came in before it failed stay; one that vmalloc gives back is the first of its list from then on.
      const halfDone =
        does.kind === 'access'
          ? does.size === 2
          : status.startsWith('out-of') && ['mmap', 'vmalloc', 'file_read'].includes(does.kind);
      if (status === 'ok' || halfDone) continue;
      const session = new Session(on).given(...given);
      const before = session.machine;
      expect(session.status(does)).toBe(status);
      expect(withoutTime(session.machine, before), JSON.stringify(does)).toBe(withoutTime(before, before));
    }
  });
});

/** Digest of a machine with the clocks and counters of another. */
function withoutTime(machine: Machine, like: Machine): string {
  return stateDigest({ ...machine, counters: like.counters, cpus: like.cpus, vars: like.vars });
}

describe('where things are put', () => {
  test.each([
    ['page_alloc in low memory', pages(1, 0), 'kernel-logical'],
    ['page_alloc in high memory', pages(1, 0, HIGH), 'physical'],
    ['kmalloc', kmalloc(1, 100), 'kernel-logical'],
    ['kmalloc without a slab', kmalloc(1, 10_000), 'kernel-logical'],
    ['vmalloc', { kind: 'vmalloc', object: 1, size: 100 }, 'kernel-virtual'],
    ['ioremap', { kind: 'ioremap', object: 1, size: 100, pfn: 0xfee00 }, 'kernel-virtual'],
    ['mmap', mmap(1, 100), 'user-virtual'],
    ['brk', brk(1, 100), 'user-virtual'],
  ] as [string, Step, string][])('%s has a %s address', (_name, step, address) => {
    const result = new Session(small).given(...RUNNING).do(step);
    expect(result).toMatchObject({ status: 'ok', address });
    const isLogical = address === 'kernel-logical';
    if (isLogical) expect(result.vpn).toBe(small.platform.directMapVpn + result.pfn);
    expect(result.pfn > 0).toBe(isLogical || address === 'physical');
  });

  test('mmap goes downwards from mmap_base, text upwards, the heap a page above, the stack to the top', () => {
    const session = new Session(small).given(...RUNNING);
    const vpnOf = (step: Step): string => (session.do(step).vpn * PAGE).toString(16);
    expect(vpnOf(mmap(1, 2 * PAGE))).toBe('b7ffe000');
    expect(vpnOf(mmap(2, 1))).toBe('b7ffd000');
    expect(vpnOf(mmap(3, 3 * PAGE, PROT_EXEC | PLACE_TEXT))).toBe('8048000');
    expect(vpnOf(mmap(4, PAGE, RW | PLACE_TEXT))).toBe('804b000');
    expect(vpnOf(brk(5, PAGE))).toBe('804d000');
    expect(vpnOf(mmap(6, 8 * MIB, RW | PLACE_STACK))).toBe('bf800000');
    session.given(munmap(1, 0, 0));
    expect(vpnOf(mmap(7, 2 * PAGE))).toBe('b7ffe000');
    expect(vpnOf(mmap(8, 1))).toBe('b7ffc000');
  });

  test('the heap grows and shrinks where it is, also when its first page was unmapped', () => {
    const session = new Session(small).given(...RUNNING, brk(1, 4 * PAGE));
    const heap = (): number[][] =>
      session.machine.records.mms[1]!.vmas.map(({ startVpn, nrPages }) => [startVpn - 0x8049, nrPages]);
    session.given(brk(1, 6 * PAGE));
    expect(heap()).toEqual([[0, 6]]);
    session.given(brk(1, 4 * PAGE), munmap(1, 0, PAGE), brk(1, 5 * PAGE));
    expect(heap()).toEqual([[1, 4]]);
  });

  test('a heap that was unmapped whole can be begun again', () => {
    const session = new Session(small).given(...RUNNING, brk(1, PAGE), munmap(1, 0, 0));
    expect(session.status(brk(2, PAGE))).toBe('ok');
  });
});

describe('faults and translation', () => {
  const running = new Session(small).given(...RUNNING).machine;

  test('a page is zero when read, its own when written, and then no fault at all', () => {
    const session = new Session(running).given(mmap(1, 2 * PAGE));
    const seen = [READ, READ, WRITE, MODIFY].map((mode) => session.do(access(1, 0, 8, mode)));
    expect(seen.map(({ fault, tlb }) => [fault, tlb])).toEqual([
      ['zero-page', 'walk'],
      ['none', 'l1'],
      ['copy-on-write', 'l1'],
      ['none', 'l1'],
    ]);
    expect(session.do(access(1, PAGE, 8, WRITE)).fault).toBe('demand-zero');
  });

  test('after a fork the first store copies, the last one left reuses the page', () => {
    const session = new Session(running).given(mmap(1, PAGE), access(1, 0, 8, WRITE), {
      kind: 'fork',
      pid: 2,
    });
    const free = (): number => session.machine.freeLists.get(1, 0) + session.machine.freeLists.get(2, 0);
    const before = free();
    expect(session.do(access(1, 0, 8, WRITE)).fault).toBe('copy-on-write');
    expect(free()).toBe(before - 1);
    session.given({ kind: 'switch', pid: 2 });
    expect(session.do(access(1, 0, 8, WRITE)).fault).toBe('copy-on-write');
    expect(free()).toBe(before - 1);
  });

  test('a file is read once, and is shared from then on', () => {
    const session = new Session(running).given(
      { kind: 'file', file: 1, length: 3 * PAGE },
      { kind: 'file_read', file: 1, offset: PAGE, length: 1 },
      mmap(1, 3 * PAGE, PROT_READ, 1),
      mmap(2, 3 * PAGE, RW | MAP_SHARED, 1),
      mmap(3, 3 * PAGE, RW, 1),
    );
    const faults = (object: number, mode: number): string[] =>
      [0, 1].map((page) => session.do(access(object, page * PAGE, 1, mode)).fault);
    expect(faults(1, READ)).toEqual(['file-major', 'file-minor']);
    expect(faults(2, WRITE)).toEqual(['file-minor', 'file-minor']);
    expect(faults(3, READ)).toEqual(['file-minor', 'file-minor']);
    expect(faults(3, WRITE)).toEqual(['copy-on-write', 'copy-on-write']);
    expect(session.counter('pageCachePages')).toBe(2);
    session.given({ kind: 'file_drop', file: 1 });
    expect(session.counter('pageCachePages')).toBe(2);
    session.given({ kind: 'exit' }, { kind: 'file_drop', file: 1 });
    expect(session.counter('pageCachePages')).toBe(0);
  });

  test('shared memory is the same page in parent and child, whoever touches it first', () => {
    const session = new Session(running).given(mmap(1, PAGE, RW | MAP_SHARED), { kind: 'fork', pid: 2 });
    expect(session.do(access(1, 0, 8, WRITE)).fault).toBe('demand-zero');
    session.given({ kind: 'switch', pid: 2 });
    expect(session.do(access(1, 0, 8, WRITE)).fault).toBe('file-minor');
  });

  test('as many pages as the set has ways stay in the first level, one more pushes out the oldest', () => {
    const session = new Session(running).given(mmap(1, 200 * 16 * PAGE, RW));
    const touch = (n: number): string => session.do(access(1, n * 16 * PAGE, 1)).tlb;
    for (const n of [0, 1, 2, 3]) touch(n);
    expect([0, 1, 2, 3].map(touch)).toEqual(['l1', 'l1', 'l1', 'l1']);
    expect([4, 0].map(touch)).toEqual(['walk', 'l2']);
    // The second level has 128 sets of 12 ways: every eighth of these pages falls into one of its sets.
    for (let n = 0; n <= 12; n++) touch(8 * n);
    expect([1, 12].map((n) => touch(8 * n))).toEqual(['l2', 'l1']);
    for (let n = 13; n <= 24; n++) touch(8 * n);
    expect(touch(12 * 8)).toBe('walk');
  });

  test('a reference across a page is one reference and two translations; its second half counts as neither', () => {
    const session = new Session(running).given(
      mmap(1, 2 * PAGE),
      access(1, PAGE - 1, 2),
      access(1, 0, 1, CONTINUED),
    );
    expect(
      ['references', 'translations', 'walks', 'l1Hits'].map((name) => session.counter(name as 'walks')),
    ).toEqual([1, 3, 2, 1]);
  });

  test('kernel references are counted by their type of address, once each, whatever memory is left', () => {
    for (const machine of [small, starve(new Session(small).given(kmalloc(1, 2 * PAGE)).machine, 0)]) {
      const session = new Session(machine);
      session.status(kmalloc(1, 2 * PAGE));
      session.given(access(1, PAGE - 1, 2, KERNEL_MODE));
      expect(session.counter('kernelLogicalReferences')).toBe(1);
    }
  });
});

describe('time', () => {
  const clock = ({ cpus }: Machine, cpu = 0): number => cpus.get(cpu, CPU.clockNs);

  test('a cpu spends what it thinks and what its events take, and no other cpu does', () => {
    const session = new Session(small);
    const { latencyNs } = session.do({ ...kmalloc(1, 8), cpu: 2, thinkNs: 1000 });
    expect(latencyNs).toBe(small.platform.costs.kmallocNs);
    expect([0, 1, 2, 3].map((cpu) => clock(session.machine, cpu))).toEqual([0, 0, 1000 + latencyNs, 0]);
  });

  test('an access costs the access, the walk, the fault and the page', () => {
    const { accessNs, walkReferenceNs, faultNs, clearPageNs, copyPageNs, diskReadNs, l2TlbHitNs } =
      small.platform.costs;
    const session = new Session(small).given(
      ...RUNNING,
      mmap(1, 64 * 16 * PAGE),
      { kind: 'file', file: 1, length: PAGE },
      mmap(2, PAGE, RW, 1),
    );
    const before = clock(session.machine);
    const latencies = [
      access(1, 0, 8, WRITE),
      access(1, 0, 8, WRITE),
      access(1, PAGE, 8),
      access(2, 0, 8),
      access(2, 0, 8, WRITE),
    ].map((step) => session.do(step).latencyNs);
    expect(latencies).toEqual([
      accessNs + 2 * walkReferenceNs + faultNs + clearPageNs,
      accessNs,
      accessNs + walkReferenceNs + faultNs,
      accessNs + 2 * walkReferenceNs + faultNs + diskReadNs,
      accessNs + faultNs + copyPageNs,
    ]);
    expect(clock(session.machine) - before).toBe(latencies.reduce((sum, ns) => sum + ns, 0));
    for (const page of [16, 32, 48, 64]) session.do(access(1, page * PAGE, 8));
    expect(session.do(access(1, 0, 8))).toMatchObject({ tlb: 'l2', latencyNs: accessNs + l2TlbHitNs });
  });

  test('for a kind that it does not know, only think time passes', () => {
    const batch: Batch = { ...batchOf([eventOf({ kind: 'exit', thinkNs: 700 })]), kind: Uint8Array.of(99) };
    const { machine, outcomes } = fold(small, batch);
    expect([outcomes.status[0], outcomes.latencyNs[0]]).toEqual([0, 0]);
    expect(clock(machine)).toBe(700);
  });
});

describe('fold', () => {
  test('an empty batch changes nothing', () => {
    expect(stateDigest(fold(small, batchOf([])).machine)).toBe(stateDigest(small));
  });

  test('tells what changed in the records, when asked', () => {
    const batch = batchOf([...RUNNING, mmap(1, PAGE)].map(eventOf));
    expect(fold(small, batch).patches).toEqual([]);
    const paths = fold(small, batch, { patches: true }).patches.map(({ op, path }) => [op, ...path]);
    expect(paths).toEqual([
      ['add', 'mms', '1'],
      ['add', 'processes', '1'],
    ]);
  });

  test('shares what did not change with the machine before', () => {
    const { machine } = fold(small, batchOf([eventOf({ kind: 'spawn', pid: 1 })]));
    expect(machine.objects).toBe(small.objects);
    expect(machine.vmallocHoles).toBe(small.vmallocHoles);
    expect(machine.records.files).toBe(small.records.files);
    expect(machine.platform).toBe(small.platform);
    expect(machine.frames).not.toBe(small.frames);
  });
});
