/** checkMachine sees what it is there to see of DMA: each way to break a sound machine gets a sentence. */
import { describe, expect, test } from 'vitest';
import { checkMachine } from '../../../core/check/invariants.ts';
import { DEVICE, MAPPING, SEGMENT } from '../../../core/dma/dma-tables.ts';
import { AREA } from '../../../core/dma/swiotlb.ts';
import { DEVICE_IOMMU, DMA_TO_DEVICE } from '../../../core/event/dma-flags.ts';
import { Draft } from '../../../core/machine/draft.ts';
import { PTE_RW } from '../../../core/paging/pte.ts';
import { entryRow, leafTable } from '../../../core/paging/table-walk.ts';
import { FRAME } from '../../../core/phys/frames.ts';
import { freePages } from '../../../core/phys/page-alloc.ts';
import { OBJECT } from '../../../core/state/objects.ts';
import { device, dmaMap, MIB, machineOf, mmap, PAGE, pages, RUNNING, Session } from '../../support/rows.ts';

const boot = machineOf('linux-x86_64', 64, {}, { swiotlb: { bytes: MIB, belowBytes: 16 * MIB } });
const { machine } = new Session(boot).given(
  ...RUNNING,
  device(1, 24),
  device(2, 32, DEVICE_IOMMU),
  pages(1, 0),
  pages(2, 1),
  mmap(3, PAGE),
  dmaMap('page', 1, 1, 0, PAGE),
  dmaMap('page', 2, 2, 0, 2 * PAGE, DMA_TO_DEVICE),
  dmaMap('sg', 3, 2, 0, PAGE),
);
const [bounced, translated, pinned] = [1, 2, 3].map((object) => machine.objects.get(object, OBJECT.dma)) as [
  number,
  number,
  number,
];
const segment = (mapping: number): number => machine.dmaMappings.get(mapping, MAPPING.segments);
const pfnOf = (mapping: number): number => machine.dmaSegments.get(segment(mapping), SEGMENT.pfn);
const root = machine.devices.get(2, DEVICE.root);
const ioPage = machine.dmaSegments.get(segment(translated), SEGMENT.bus) / PAGE;
const ioEntry = entryRow(machine.platform.mmu, leafTable(machine, root, ioPage), ioPage, 3);

test('a machine with something of everything is sound', () => expect(checkMachine(machine)).toEqual([]));

describe('it notices', () => {
  test.each<[string, (draft: Draft) => unknown, RegExp]>([
    ['an object that forgot', (d) => d.objects.set(1, OBJECT.dma, 0), /object 1 does not know of it/],
    [
      'an index that forgot',
      (d) => d.dmaBuckets.clear(d.dmaBuckets.nextUsed(0, 2 ** 18)),
      /the index does not know of it/,
    ],
    [
      'a device that lost count',
      (d) => d.devices.add(2, DEVICE.mappings, 1),
      /device 2: 2 mappings, 3 counted/,
    ],
    ['memory that was freed', (d) => freePages(d, pfnOf(bounced)), /frame \d+ is free/],
    ['a pin too few', (d) => d.frames.add(pfnOf(pinned), FRAME.refs, -1), /1 references counted, 2 found/],
    [
      'another’s frame',
      (d) => d.dmaSegments.add(segment(bounced), SEGMENT.pfn, 1),
      /is at \d+, the object at/,
    ],
    ['a slot given away', (d) => d.bounceSlots.set(0, 0, 0), /bounce slot 0: free, mapping 1/],
    ['a slot kept', (d) => d.bounceSlots.set(9, 0, 1), /bounce slot 9: taken, mapping none/],
    [
      'slots miscounted',
      (d) => d.bounceAreas.add(0, AREA.used, 1),
      /bounce area 0: 2 slots taken, 3 counted/,
    ],
    [
      'a bus address of nothing',
      (d) => d.dmaSegments.add(segment(bounced), SEGMENT.bus, PAGE),
      /is not bounce slot/,
    ],
    ['one out of reach', (d) => d.devices.set(2, DEVICE.maskBits, 24), /beyond the mask of device 2/],
    ['a translation elsewhere', (d) => d.ptes.set(ioEntry, 0, d.ptes.get(ioEntry, 0) + 4096), /is not frame/],
    [
      'the right to write',
      (d) => d.ptes.set(ioEntry, 0, d.ptes.get(ioEntry, 0) + PTE_RW),
      /has the wrong rights/,
    ],
    [
      'an I/O address that is free too',
      (d) => {
        const iova = d.dmaMappings.get(translated, MAPPING.iova);
        d.iovaHoles.release(iova, iova + 1);
      },
      /I\/O page \d+: mapped twice, or mapped and free/,
    ],
    [
      'a length that does not add up',
      (d) => d.dmaMappings.add(pinned, MAPPING.lengthBytes, 1),
      /segments of 4096 bytes/,
    ],
  ])('%s', (_, change, sentence) => {
    const draft = new Draft(machine);
    change(draft);
    expect(checkMachine(draft.seal(false).machine).join('\n')).toMatch(sentence);
  });
});
