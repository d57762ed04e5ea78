/** DMA by the texts (LDD3 ch. 15, OSTEP ch. 23): which buffers a device can be given, and why not. */
import { describe, expect, test } from 'vitest';
import { checkMachine } from '../../../core/check/invariants.ts';
import { DMA_FROM_DEVICE, DMA_TO_DEVICE, SYNC_FOR_CPU } from '../../../core/event/dma-flags.ts';
import { GFP_DMA } from '../../../core/event/gfp.ts';
import { PROT_READ } from '../../../core/event/mmap-flags.ts';
import { stateDigest } from '../../../core/machine/digest.ts';
import { pc } from '../../support/pc.ts';
import {
  cache,
  coherent,
  device,
  dmaMap,
  dmaSync,
  dmaUnmap,
  fromCache,
  HIGH,
  kmalloc,
  MIB,
  machineOf,
  mmap,
  PAGE,
  pages,
  RUNNING,
  Session,
  vmalloc,
} from '../../support/rows.ts';
import type { StatusRow } from '../../support/status-rows.ts';
import { free, ISA, isa, large, NIC, NVME, remove } from './devices.ts';

const noZoneDma = machineOf('vax-vms', 64);

const ROWS: readonly StatusRow[] = [
  // Devices
  ['a device', NIC, 'ok'],
  ['a device of the same number', NIC, 'exists', { given: [NIC] }],
  ['an ISA device: 24 bits are what ZONE_DMA is for', device(1, 24), 'ok'],
  ['23 bits', device(1, 23), 'bad-dma-mask'],
  ['27 bits reach all of 96 MiB', device(1, 27), 'ok'],
  ['65 bits', device(1, 65), 'bad-dma-mask'],
  ['without ZONE_DMA: 32 bits', device(1, 32), 'ok', { on: noZoneDma }],
  ['or what reaches all of 64 MiB', device(1, 26), 'ok', { on: noZoneDma }],
  ['not less', device(1, 25), 'bad-dma-mask', { on: noZoneDma }],
  ['a device goes', remove(1), 'ok', { given: [NIC] }],
  ['a device that is not there', remove(1), 'no-device'],
  ['a device with memory', remove(1), 'device-in-use', { given: [NIC, coherent(1, 1, 1)] }],
  ['mapping for no device', dmaMap('single', 1, 1, 0, 64), 'no-device', { given: [kmalloc(1, 64)] }],
  [
    'mapping for nobody’s direction',
    dmaMap('single', 1, 1, 0, 64, 3),
    'invalid',
    { given: [NIC, kmalloc(1, 64)] },
  ],

  // What has one bus address
  ['kmalloc', dmaMap('single', 1, 1, 0, 64), 'ok', { given: [NIC, kmalloc(1, 64)] }],
  ['its last byte', dmaMap('single', 1, 1, 63, 1), 'ok', { given: [NIC, kmalloc(1, 64)] }],
  ['a byte beyond', dmaMap('single', 1, 1, 63, 2), 'no-mapping', { given: [NIC, kmalloc(1, 64)] }],
  ['nothing of it', dmaMap('single', 1, 1, 0, 0), 'no-mapping', { given: [NIC, kmalloc(1, 64)] }],
  ['kmalloc of nothing', dmaMap('single', 1, 1, 0, 1), 'no-mapping', { given: [NIC, kmalloc(1, 0)] }],
  ['nothing', dmaMap('single', 1, 1, 0, 64), 'no-object', { given: [NIC] }],
  ['a large kmalloc', dmaMap('single', 1, 1, 0, MIB), 'ok', { given: [NIC, kmalloc(1, MIB)] }],
  ['a slab object', dmaMap('single', 1, 1, 0, 64), 'ok', { given: [NIC, cache(1, 64), fromCache(1, 1)] }],
  ['low pages', dmaMap('single', 1, 1, 0, 4 * PAGE), 'ok', { given: [NIC, pages(1, 2)] }],
  [
    'the same again',
    dmaMap('page', 1, 1, 0, 64),
    'exists',
    { given: [NIC, pages(1, 2), dmaMap('single', 1, 1, 0, 64)] },
  ],
  [
    'the same for another device',
    dmaMap('page', 1, 3, 0, 64),
    'ok',
    { given: [NIC, NVME, pages(1, 2), dmaMap('single', 1, 1, 0, 64)] },
  ],

  // What has none
  [
    'vmalloc as one buffer',
    dmaMap('single', 1, 1, 0, 64),
    'not-contiguous',
    { given: [NIC, vmalloc(1, 2 * PAGE)] },
  ],
  ['a page of it', dmaMap('page', 1, 1, PAGE, PAGE), 'ok', { given: [NIC, vmalloc(1, 2 * PAGE)] }],
  [
    'a byte of the next page with it',
    dmaMap('page', 1, 1, 0, PAGE + 1),
    'not-contiguous',
    { given: [NIC, vmalloc(1, 2 * PAGE)] },
  ],
  ['vmalloc as a list', dmaMap('sg', 1, 1, 0, 2 * PAGE), 'ok', { given: [NIC, vmalloc(1, 2 * PAGE)] }],
  [
    'vmap: its pages are another object’s',
    dmaMap('sg', 2, 1, 0, PAGE),
    'not-contiguous',
    { given: [NIC, pages(1, 0), { kind: 'vmap', object: 2, pages: 1, count: 1 }] },
  ],
  [
    'address space without memory',
    dmaMap('sg', 1, 1, 0, PAGE),
    'no-mapping',
    { given: [NIC, { kind: 'vm_area', object: 1, size: PAGE, align: 0 }] },
  ],
  [
    'device memory',
    dmaMap('page', 1, 1, 0, 64),
    'not-ram',
    { given: [NIC, { kind: 'ioremap', object: 1, size: PAGE, pfn: 0xfee00, offset: 0 }] },
  ],
  [
    'high pages by an address',
    dmaMap('single', 1, 1, 0, 64),
    'high-page',
    { given: [NIC, pages(1, 2, HIGH)] },
  ],
  [
    'high pages by their frames',
    dmaMap('page', 1, 1, 0, 4 * PAGE),
    'ok',
    { given: [NIC, pages(1, 2, HIGH)] },
  ],

  // Memory of processes
  [
    'a program’s buffer as one',
    dmaMap('single', 1, 1, 0, 64),
    'not-contiguous',
    { given: [NIC, ...RUNNING, mmap(1, 2 * PAGE)] },
  ],
  ['a page of it', dmaMap('page', 1, 1, PAGE, PAGE), 'ok', { given: [NIC, ...RUNNING, mmap(1, 2 * PAGE)] }],
  [
    'all of it as a list',
    dmaMap('sg', 1, 1, 0, 2 * PAGE),
    'ok',
    { given: [NIC, ...RUNNING, mmap(1, 2 * PAGE)] },
  ],
  [
    'more than all of it',
    dmaMap('sg', 1, 1, 0, 2 * PAGE + 1),
    'no-mapping',
    { given: [NIC, ...RUNNING, mmap(1, 2 * PAGE)] },
  ],
  [
    'on a cpu that runs nobody',
    { ...dmaMap('sg', 1, 1, 0, PAGE), cpu: 1 },
    'no-process',
    { given: [NIC, ...RUNNING, mmap(1, PAGE), { kind: 'switch', pid: 0, cpu: 1 }] },
  ],
  [
    'a read-only buffer that the device fills',
    dmaMap('page', 1, 1, 0, PAGE, DMA_FROM_DEVICE),
    'protection',
    { given: [NIC, ...RUNNING, mmap(1, PAGE, PROT_READ)] },
  ],
  [
    'a buffer that nobody may touch',
    dmaMap('page', 1, 1, 0, PAGE, DMA_TO_DEVICE),
    'protection',
    { given: [NIC, ...RUNNING, mmap(1, PAGE, 0)] },
  ],
  [
    'a read-only buffer that it reads',
    dmaMap('page', 1, 1, 0, PAGE, DMA_TO_DEVICE),
    'ok',
    { given: [NIC, ...RUNNING, mmap(1, PAGE, PROT_READ)] },
  ],

  // The mask
  [
    'memory above 16 MiB for an ISA device',
    dmaMap('single', 1, 2, 0, 64),
    'beyond-dma-mask',
    { given: [ISA, kmalloc(1, 64)] },
  ],
  [
    'the same where it can bounce',
    dmaMap('single', 1, 2, 0, 64),
    'ok',
    { on: isa, given: [ISA, kmalloc(1, 64)] },
  ],
  ['GFP_DMA', dmaMap('single', 1, 2, 0, 64), 'ok', { given: [ISA, kmalloc(1, 64, GFP_DMA)] }],
  ['256 KiB bounce', dmaMap('single', 1, 2, 0, MIB / 4), 'ok', { on: isa, given: [ISA, pages(1, 7)] }],
  [
    'a byte more',
    dmaMap('single', 1, 2, 0, MIB / 4 + 1),
    'no-bounce-buffers',
    { on: isa, given: [ISA, pages(1, 7)] },
  ],
  ['as a list it is cut', dmaMap('sg', 1, 2, 0, MIB / 2), 'ok', { on: isa, given: [ISA, pages(1, 7)] }],
  [
    'more than the pool has',
    dmaMap('sg', 1, 2, 0, 2 * MIB),
    'no-bounce-buffers',
    { on: isa, given: [ISA, pages(1, 9)] },
  ],
  [
    'a pool below 4 GiB is no help for ISA',
    dmaMap('single', 1, 2, 0, 64),
    'beyond-dma-mask',
    { on: large, given: [ISA, kmalloc(1, 64)] },
  ],

  // Coherent memory
  ['a ring', coherent(1, 1, 4 * PAGE), 'ok', { given: [NIC] }],
  ['a ring of nothing', coherent(1, 1, 0), 'invalid', { given: [NIC] }],
  ['a ring of MAX_ORDER', coherent(1, 1, 4 * MIB), 'ok', { given: [NIC] }],
  ['a byte more', coherent(1, 1, 4 * MIB + 1), 'too-large', { given: [NIC] }],
  ['a ring of a live object', coherent(1, 1, 1), 'exists', { given: [NIC, kmalloc(1, 1)] }],
  ['a ring for nobody', coherent(1, 1, 1), 'no-device'],
  ['it goes', { kind: 'dma_free_coherent', object: 1 }, 'ok', { given: [NIC, coherent(1, 1, 1)] }],
  ['kmalloc is none', { kind: 'dma_free_coherent', object: 1 }, 'no-object', { given: [kmalloc(1, 1)] }],
  ['kfree of a ring', free('kfree', 1), 'no-object', { given: [NIC, coherent(1, 1, 1)] }],

  // A device still uses it
  [
    'kfree of what is mapped',
    free('kfree', 1),
    'dma-mapped',
    { given: [NIC, kmalloc(1, 64), dmaMap('single', 1, 1, 0, 64)] },
  ],
  [
    '__free_pages',
    free('page_free', 1),
    'dma-mapped',
    { given: [NIC, pages(1, 0), dmaMap('page', 1, 1, 0, 64)] },
  ],
  ['vfree', free('vfree', 1), 'dma-mapped', { given: [NIC, vmalloc(1, PAGE), dmaMap('sg', 1, 1, 0, 64)] }],
  [
    'kmem_cache_free',
    free('kmem_cache_free', 1),
    'dma-mapped',
    { given: [NIC, cache(1, 64), fromCache(1, 1), dmaMap('single', 1, 1, 0, 64)] },
  ],
  [
    'a ring',
    { kind: 'dma_free_coherent', object: 1 },
    'dma-mapped',
    { given: [NIC, NVME, coherent(1, 1, 1), dmaMap('single', 1, 3, 0, 64)] },
  ],
  [
    'kfree after it is unmapped',
    free('kfree', 1),
    'ok',
    { given: [NIC, kmalloc(1, 64), dmaMap('single', 1, 1, 0, 64), dmaUnmap(1, 1)] },
  ],
  [
    'unmapping twice',
    dmaUnmap(1, 1),
    'no-mapping',
    { given: [NIC, kmalloc(1, 64), dmaMap('single', 1, 1, 0, 64), dmaUnmap(1, 1)] },
  ],
  [
    'unmapping at another offset',
    dmaUnmap(1, 1, 8),
    'no-mapping',
    { given: [NIC, kmalloc(1, 64), dmaMap('single', 1, 1, 0, 64)] },
  ],
  ['unmapping nothing', dmaUnmap(1, 1), 'no-object', { given: [NIC] }],
  ['unmapping for nobody', dmaUnmap(1, 1), 'no-device', { given: [kmalloc(1, 64)] }],
  [
    'a sync',
    dmaSync(1, 1, SYNC_FOR_CPU),
    'ok',
    { given: [NIC, kmalloc(1, 64), dmaMap('single', 1, 1, 0, 64)] },
  ],
  [
    'a sync for a third party',
    dmaSync(1, 1, 2),
    'invalid',
    { given: [NIC, kmalloc(1, 64), dmaMap('single', 1, 1, 0, 64)] },
  ],
  [
    'a sync of what is not mapped',
    dmaSync(1, 1, SYNC_FOR_CPU),
    'no-mapping',
    { given: [NIC, kmalloc(1, 64)] },
  ],
  ['a ring needs none', dmaSync(1, 1, SYNC_FOR_CPU), 'no-mapping', { given: [NIC, coherent(1, 1, 64)] }],
];

describe('what becomes of a buffer', () => {
  for (const [when, does, status, { given = [], on = pc } = {}] of ROWS) {
    test(`${when}: ${status}`, () => {
      const session = new Session(on).given(...given);
      const before = session.machine;
      expect(session.status(does)).toBe(status);
      expect(checkMachine(session.machine)).toEqual([]);
      // Pages that came in before it failed stay, and so does the place where the next bounce buffer is looked for.
      const halfDone = on.platform.bouncePool !== undefined || when === 'more than all of it';
      if (status === 'ok' || halfDone) return;
      const { counters, cpus } = session.machine;
      expect(stateDigest({ ...before, counters, cpus })).toBe(stateDigest(session.machine));
    });
  }
});
