/** Whose memory lies behind an address, and what may be done with it: a row for each kind of owner. */
import { describe, expect, test } from 'vitest';
import { WRITE } from '../../../core/event/access-mode.ts';
import { DMA_TO_DEVICE } from '../../../core/event/dma-flags.ts';
import { MAP_POPULATE, MAP_SHARED, PROT_READ } from '../../../core/event/mmap-flags.ts';
import { type Explanation, explainAddress } from '../../../core/index.ts';
import { pageAddress } from '../../../core/layout/regions.ts';
import type { Vma } from '../../../core/mm/vma.ts';
import { isSwapPte } from '../../../core/paging/pte.ts';
import { findLeaf } from '../../../core/paging/table-walk.ts';
import { OBJECT } from '../../../core/state/objects.ts';
import {
  access,
  coherent,
  device,
  dmaMap,
  HIGH,
  ioremap,
  kmalloc,
  MIB,
  machineOf,
  mmap,
  PAGE,
  pages,
  RUNNING,
  RW,
  Session,
} from '../../support/rows.ts';

const swiotlb = { bytes: MIB, belowBytes: 16 * MIB };
const session = new Session(machineOf('linux-3g1g', 1024, {}, { swiotlb })).given(
  ...RUNNING,
  { kind: 'file', file: 7, length: 2 * PAGE },
  mmap(1, 2 * PAGE, RW),
  mmap(2, 2 * PAGE, PROT_READ, 7),
  mmap(3, PAGE, RW | MAP_SHARED),
  access(1, 0, 8, WRITE),
  access(1, PAGE, 8),
  access(2, PAGE, 8),
  access(3, 0, 8, WRITE),
  pages(4, 0, HIGH),
  { kind: 'kmap', object: 4, page: 0 },
  device(1, 32),
  coherent(5, 1, PAGE),
  ioremap(6, PAGE, 0xfee00),
  pages(7, 0),
  { kind: 'page_free', object: 7 },
  device(2, 24),
  kmalloc(8, 64),
  dmaMap('single', 8, 2, 0, 64, DMA_TO_DEVICE),
);
const { machine } = session;
const { layout, bouncePool } = machine.platform;

const virtual = (object: number, page = 0): Explanation =>
  explainAddress(machine, 'virtual', pageAddress(layout, machine.objects.get(object, OBJECT.vpn) + page));
const physical = (pfn: number): Explanation => explainAddress(machine, 'physical', BigInt(pfn) << 12n);
const frameOf = (object: number): number => machine.objects.get(object, OBJECT.pfn);
const stack = machine.records.processes[1]!.stackPfn;
const slot = (): Explanation => explainAddress(machine, 'virtual', layout.pkmap!.base + 4096n);
const lastLow = layout.maxLowPfn - 1;

describe('whose it is', () => {
  test.each<[string, () => Explanation, string, string | RegExp]>([
    ['a page that a program has written', () => virtual(1), 'anonymous', ''],
    ['one that it has only read', () => virtual(1, 1), 'reserved', /^the zero page/],
    ['of a file', () => virtual(2, 1), 'page cache', 'page 1 of file 7'],
    ['shared memory', () => virtual(3), 'page cache', /^page 0 of shared memory, object 3$/],
    ['the kernel stack of a process', () => physical(stack), 'kernel stack', 'kernel stack of process 1'],
    ['a ring', () => virtual(5), 'pages', 'dma_alloc_coherent, object 5'],
    ['the kernel', () => physical(0x1000), 'reserved', 'kernel image'],
    ['the last page of RAM', () => physical(layout.maxPfn - 1), 'free', ''],
    ['firmware', () => physical(1), 'reserved', 'first MiB, kept for firmware'],
    ['a bounce buffer', () => physical(bouncePool!.startPfn), 'reserved', 'bounce buffers for DMA (swiotlb)'],
    ['a device', () => virtual(6), 'no RAM', /register or buffer of a device/],
  ])('%s', (_, explain, use, owner) => {
    const { frame } = explain();
    expect(frame!.use).toBe(use);
    expect(frame!.owner).toEqual(typeof owner === 'string' ? owner : expect.stringMatching(owner));
  });

  test('a page in the swap area is in no frame, though its entry is not empty', () => {
    const small = new Session(machineOf('linux-3g1g', 64, {}, { reclaim: { swapBytes: 64n << 20n } }));
    small.given(...RUNNING);
    for (let object = 1; small.counter('pswpout') === 0; object++)
      small.given(mmap(object, MIB, RW | MAP_POPULATE));
    const { vmas, root } = small.machine.records.mms[1]!;
    const pagesOf = ({ startVpn, nrPages }: Vma) =>
      Array.from({ length: nrPages }, (_, page) => startVpn + page);
    const isSwapped = (vpn: number) => isSwapPte(findLeaf(small.machine, root, vpn).pte);
    const vpn = vmas.toArray().flatMap(pagesOf).find(isSwapped)!;
    const address = pageAddress(small.machine.platform.layout, vpn);
    const { walk, physical: at, frame } = explainAddress(small.machine, 'virtual', address);
    expect(walk.at(-1)).toMatchObject({ level: 'pte', page: undefined });
    expect(walk.at(-1)!.entry).not.toBe(0n);
    expect([at, frame]).toEqual([undefined, undefined]);
  });

  test('high memory begins with the first frame that the direct map does not reach', () => {
    expect([lastLow, lastLow + 1].map((pfn) => physical(pfn).frame!.memory)).toEqual(['low', 'high']);
  });
});

describe('what may be done with it', () => {
  const reasons = (explained: Explanation, ...names: string[]) =>
    explained.uses
      .filter(({ name }) => names.includes(name))
      .map(({ possible, reason }) => `${possible ? 'yes' : 'no'}: ${reason}`);

  test.each<[string, () => Explanation, string[]]>([
    ['anonymous memory', () => virtual(1), ['yes: anonymous memory of a process']],
    ['a page of a file', () => virtual(2, 1), ['yes: reclaimed: written back if dirty, then dropped']],
    ['a ring', () => virtual(5), ['no: the kernel never swaps its own memory']],
    ['a free page', () => physical(layout.maxPfn - 1), ['no: it is free: there is nothing to swap']],
    ['a device', () => virtual(6), ['no: not RAM']],
  ])('swapping: %s', (_, explain, expected) => {
    expect(reasons(explain(), 'swappable')).toEqual(expected);
  });

  test('a kmap slot maps one page: not the next one, and devices need the frame', () => {
    expect(reasons(slot(), 'contiguous', 'dma')).toEqual([
      'no: each slot maps a page of its own',
      'no: not by this address: map the frames behind it, page by page (dma_map_sg)',
    ]);
  });

  test.each<[string, number, string]>([
    ['low memory', 0x4000, 'yes: at its kernel logical address'],
    ['high memory', frameOf(4), 'no: not before kmap()'],
    ['device memory', 0xfee00, 'no: not before ioremap()'],
  ])('the kernel at a physical address: %s', (_, pfn, expected) => {
    expect(reasons(physical(pfn), 'kernel mode')).toEqual([expected]);
  });

  test('a device with 24 or 32 address bits: up to the last byte below 16 MiB and 4 GiB', () => {
    const wide = machineOf('linux-x86_64', 0, {
      memoryMap: [
        { start: 1n << 20n, end: 64n << 20n },
        { start: (4n << 30n) - (1n << 20n), end: (4n << 30n) + (1n << 20n) },
      ],
    });
    const reach = (address: bigint) =>
      explainAddress(wide, 'physical', address).uses.find(({ name }) => name === 'dma')!.reason;
    expect([reach(0xff_ffffn), reach(0x100_0000n)]).toEqual([
      'below 16 MiB: even an ISA device reaches it',
      'a device with 32 address bits reaches it; an ISA device does not',
    ]);
    expect([reach(0xffff_ffffn), reach(0x1_0000_0000n)]).toEqual([
      'a device with 32 address bits reaches it; an ISA device does not',
      'for devices with 64 address bits; others need a bounce buffer (swiotlb)',
    ]);
  });
});
