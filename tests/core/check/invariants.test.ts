/** checkMachine sees what it is there to see: each way to break a sound machine gets a sentence that says how. */
import { describe, expect, test } from 'vitest';
import { checkMachine } from '../../../core/check/invariants.ts';
import { WRITE } from '../../../core/event/access-mode.ts';
import { GFP_KERNEL } from '../../../core/event/gfp.ts';
import { MAP_POPULATE, PROT_READ, PROT_WRITE } from '../../../core/event/mmap-flags.ts';
import { Draft } from '../../../core/machine/draft.ts';
import { makePte, PTE_DIRTY, PTE_RW, pteFrame } from '../../../core/paging/pte.ts';
import { findLeaf, leafTable } from '../../../core/paging/table-walk.ts';
import { TABLE, writePte } from '../../../core/paging/tables.ts';
import {
  FRAME,
  FRAME_MIGRATE_TYPE,
  USE_ANON,
  USE_FREE,
  USE_NONE,
  USE_PCP,
} from '../../../core/phys/frames.ts';
import { freePagesCell, ordersCell, removeFromFreeList } from '../../../core/phys/free-lists.ts';
import { MIGRATE_MOVABLE } from '../../../core/phys/migrate.ts';
import { PCP_COUNT, pcpCell } from '../../../core/phys/pcp-lists.ts';
import { addPartial } from '../../../core/slab/lists.ts';
import { CACHE, SLAB, SLAB_CPU, slabCpuRow } from '../../../core/slab/tables.ts';
import { CPU } from '../../../core/state/cpus.ts';
import { NO_CLASS, OBJECT } from '../../../core/state/objects.ts';
import { keyBase } from '../../../core/tlb/keys.ts';
import { freeLists } from '../../support/laws.ts';
import { pc } from '../../support/pc.ts';
import { HIGH, PAGE, RUNNING, Session } from '../../support/rows.ts';

const RW = PROT_READ | PROT_WRITE;

/** Something of everything: a parent and its child, a file, a slab, pages, vmalloc, a kmap. */
const { machine } = new Session(pc).given(
  ...RUNNING,
  { kind: 'file', file: 1, length: 4 * PAGE },
  { kind: 'mmap', object: 1, length: 2 * PAGE, flags: RW | MAP_POPULATE, file: 0 },
  { kind: 'mmap', object: 2, length: 2 * PAGE, flags: RW, file: 1 },
  { kind: 'fork', pid: 2 },
  { kind: 'access', object: 1, offset: 0, size: 8, mode: WRITE },
  { kind: 'access', object: 2, offset: 0, size: 8, mode: 0 },
  { kind: 'kmalloc', object: 3, size: 64, gfp: GFP_KERNEL },
  { kind: 'kmalloc', object: 4, size: 100_000, gfp: GFP_KERNEL },
  { kind: 'page_alloc', object: 5, order: 2, gfp: GFP_KERNEL },
  { kind: 'page_alloc', object: 6, order: 0, gfp: HIGH },
  { kind: 'vmalloc', object: 7, size: 3 * PAGE },
  { kind: 'kmap', object: 6, page: 0 },
);
const { kernelRoot, mmu } = machine.platform;
const root = machine.records.mms[1]!.root;
/** The page that the parent wrote after the fork, and the next one, which both still map. */
const own = machine.objects.get(1, OBJECT.vpn);
const ptes = [own, own + 1].map((vpn) => findLeaf(machine, root, vpn).pte);
const [ownPfn, sharedPfn] = ptes.map(pteFrame) as [number, number];
const rowOf = (vpn: number): number => leafTable(machine, root, vpn) * mmu.entriesPerTable + (vpn & 1023);
const slabCache = machine.slabs.get(machine.objects.get(3, OBJECT.extra), SLAB.cache) - 1;
const cpuRow = slabCpuRow(slabCache, 0);
const [slab, slabPfn] = [machine.objects.get(3, OBJECT.extra), machine.objects.get(3, OBJECT.pfn)];
const [pfn4, pfn5] = [4, 5].map((object) => machine.objects.get(object, OBJECT.pfn)) as [number, number];
/** A block in use whose upper buddy is free. */
const beforeFree = freeLists(machine)[1]!
  .flatMap((orders) =>
    orders.flatMap((list, order) => list.map((free) => ({ pfn: free - 2 ** order, order }))),
  )
  .find(
    ({ pfn, order }) =>
      pfn % 2 ** (order + 1) === 0 &&
      machine.frames.get(pfn, FRAME.use) > USE_FREE &&
      machine.frames.get(pfn, FRAME.order) === order,
  )!;
const largest = freeLists(machine)[1]![MIGRATE_MOVABLE]![10]![0]!;

test('a machine that went through all that is sound', () => {
  expect(checkMachine(machine)).toEqual([]);
});

describe('it notices', () => {
  const breaks: readonly [string, (draft: Draft) => unknown, RegExp][] = [
    [
      'a frame of no block',
      (d) => d.frames.set(pfn5, FRAME.use, USE_NONE),
      new RegExp(`PFN ${pfn5}: belongs to no block`),
    ],
    ['a block off its alignment', (d) => d.frames.set(pfn5, FRAME.order, 10), /not aligned/],
    [
      'a block that reaches into the next',
      (d) => d.frames.set(beforeFree.pfn, FRAME.order, beforeFree.order + 1),
      /zone Normal order \d+ \w+: \d+ free blocks/,
    ],
    [
      'a list that is said to be empty',
      (d) => {
        d.freeLists[ordersCell(1, MIGRATE_MOVABLE)]! -= 2 ** 10;
      },
      /zone Normal order 10 Movable: \d+ free blocks, flag 0/,
    ],
    [
      'a free block that is not in its list',
      (d) => {
        removeFromFreeList(d, 1, largest, 10);
        d.frames.set(largest, FRAME.use, USE_FREE);
        d.frames.set(largest, FRAME.order, 10);
        d.frames.set(largest, FRAME_MIGRATE_TYPE, MIGRATE_MOVABLE);
      },
      /zone Normal order 10 Movable: (\d+) free blocks, (?!\1)\d+ counted, (?!\1)\d+ in the list/,
    ],
    [
      'free pages that do not add up',
      (d) => d.freeLists[freePagesCell(1)]!++,
      /zone Normal: \d+ free pages, \d+ counted/,
    ],
    [
      'buddies that were not merged',
      (d) => {
        d.frames.set(largest, FRAME.order, 9);
        for (const [field, value] of [
          [FRAME.use, USE_FREE],
          [FRAME.order, 9],
        ] as const)
          d.frames.set(largest + 512, field, value);
      },
      new RegExp(`PFN ${largest}: free block of order 9 was not merged`),
    ],
    [
      'a page that says it is on a per-cpu list',
      (d) => d.frames.set(pfn5, FRAME.use, USE_PCP),
      new RegExp(`PFN ${pfn5}: on no per-cpu list`),
    ],
    [
      'pages on per-cpu lists that do not add up',
      (d) => d.pcps[pcpCell(0, 1) + PCP_COUNT]!++,
      /cpu 0 zone Normal: \d+ pages on per-cpu lists, \d+ counted/,
    ],
    [
      'a page with a reference too many',
      (d) => d.frames.add(sharedPfn, FRAME.refs, 1),
      new RegExp(`PFN ${sharedPfn}: 3 references counted, 2 found`),
    ],
    [
      'a mapping of a page that was freed',
      (d) => d.frames.set(ownPfn, FRAME.use, USE_FREE),
      new RegExp(`PFN ${ownPfn}: free is mapped by a process`),
    ],
    [
      'a mapping of the kernel’s memory',
      (d) => writePte(d, rowOf(own), makePte(slabPfn, 7)),
      new RegExp(`PFN ${slabPfn}: slab is mapped by a process`),
    ],
    [
      'a mapping of the middle of a block',
      (d) => writePte(d, rowOf(own), makePte(pfn5 + 1, 7)),
      new RegExp(`PFN ${pfn5 + 1}: mapped, but not the first frame`),
    ],
    [
      'a private page that two may write',
      (d) => d.ptes.add(rowOf(own + 1), 0, PTE_RW),
      new RegExp(`PFN ${sharedPfn}: private, shared by 2, writable`),
    ],
    [
      'an entry of no table',
      (d) => d.ptes.set(3, 0, PTE_DIRTY),
      /page table 0: entry 3 is in use, and there is no such table/,
    ],
    [
      'a page table that miscounts its entries',
      (d) => d.tables.add(root, TABLE.entries, 1),
      new RegExp(`page table ${root}: \\d+ entries in use, \\d+ counted`),
    ],
    [
      'a page table whose frame is another’s',
      (d) => d.frames.set(d.tables.get(root, TABLE.pfn), FRAME.use, USE_ANON),
      new RegExp(`page table ${root}: frame \\d+ is not its own`),
    ],
    ['a page table that nobody reaches', (d) => (d.vars[0]! += 1), /page tables are live/],
    [
      'an object whose frame is another’s',
      (d) => d.frames.set(pfn4, FRAME.owner, 5),
      /object 4: frame \d+ is owned by 5/,
    ],
    [
      'an object away from its place in the direct map',
      (d) => d.objects.add(5, OBJECT.vpn, 1),
      /object 5: page \d+ is not frame \d+ in the direct map/,
    ],
    [
      'vmalloc pages of a dead object',
      (d) => d.objects.set(7, OBJECT.class, NO_CLASS),
      /vmalloc page of dead object 7/,
    ],
    [
      'a slab that miscounts its objects',
      (d) => d.slabs.add(slab, SLAB.inUse, 1),
      /slab \d+ of kmalloc-64: 65 in use and 0 free of 64/,
    ],
    [
      'an object that is alive and free',
      (d) => d.slabCpus.add(cpuRow, SLAB_CPU.fresh, 1),
      /slab \d+ of kmalloc-64: its 64 objects are not each alive or free once: 0,0,1,2/,
    ],
    [
      'a slab that no cpu holds and no list has',
      (d) => d.slabCpus.set(cpuRow, SLAB_CPU.slab, 0),
      /slab \d+ of kmalloc-64: frozen is 1, on no list/,
    ],
    [
      'a slab on a list of the node that a cpu holds',
      (d) => addPartial(d, slabCache, slab, true),
      /slab \d+: on the node’s list and on a cpu/,
    ],
    [
      'a slab whose frame is another’s',
      (d) => d.frames.set(slabPfn, FRAME.owner, 99),
      /slab \d+ of kmalloc-64: frame \d+ is not its own/,
    ],
    [
      'a cache that miscounts its slabs',
      (d) => d.slabCaches.add(slabCache, CACHE.slabs, 1),
      /kmalloc-64: 1 slabs of 64 objects, 2 of 64 counted/,
    ],
    [
      'a node that miscounts its list',
      (d) => d.slabCaches.add(slabCache, CACHE.nrPartial, 1),
      /kmalloc-64: partial slabs .* 1 counted/,
    ],
    [
      'a cpu that miscounts its list',
      (d) => d.slabCpus.add(cpuRow, SLAB_CPU.partialSlabs, 1),
      /kmalloc-64, cpu 0: 0 partial slabs, 1 counted/,
    ],
    [
      'a TLB entry of a page that is gone',
      (d) => writePte(d, rowOf(own), 0),
      /cpu 0 TLB entry in l\w+ set \d+ way \d+: page \d+ is not present/,
    ],
    [
      'a TLB entry that calls a clean page dirty',
      (d) => d.ptes.add(rowOf(own), 0, -PTE_DIRTY),
      /page \d+ is not dirty/,
    ],
    [
      'a TLB entry of the wrong size',
      (d) => (d.tlbs.of(0)![0] = keyBase(0, 0) + machine.platform.directMapVpn),
      /is mapped at level 0, not 1/,
    ],
    [
      'a page outside of every VMA',
      (d) => d.records.editMm(1).vmas.remove(machine.records.mms[1]!.vmas.toArray()[0]!),
      /address space 1: page \d+ is present, but in no VMA/,
    ],
    [
      'VMAs that overlap',
      (d) => d.records.editMm(1).vmas.add(machine.records.mms[1]!.vmas.toArray()[0]!),
      /address space 1: VMA at page \d+ overlaps the one below/,
    ],
    [
      'an address space that miscounts its users',
      (d) => d.records.editMm(1).users++,
      /address space 1: 1 users, 2 counted/,
    ],
    ['a TLB entry of nobody', (d) => d.cpus.set(0, CPU.asidMm, 0), /asid 1 holds no address space/],
  ];

  test.each(breaks)('%s', (_name, change, sentence) => {
    const draft = new Draft(machine);
    change(draft);
    expect(checkMachine(draft.seal(false).machine).join('\n')).toMatch(sentence);
  });

  test('and nothing of it in the machine that was broken a copy of', () => {
    expect(kernelRoot).toBeGreaterThan(0);
    expect(checkMachine(machine)).toEqual([]);
  });
});
