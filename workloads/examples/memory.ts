/** Low and high memory, kernel logical and kernel virtual addresses: what an allocation gives, and what that is good for. */
import { GFP_DMA, GFP_HIGHUSER, GFP_KERNEL } from '../../core/event/gfp.ts';
import { GIB, KIB, MIB } from '../engine/units.ts';
import { defineExample, type Fact, failing, scene } from './example.ts';
import { device, dmaMapSg, dmaMapSingle, kernelRead, kernelWrite, kmalloc, pageAlloc } from './facts.ts';
import { LINUX_ADDRESSING, OSTEP_LINUX } from './sources.ts';

export const allLowmem = defineExample({
  name: 'all-lowmem',
  title: '512 MB of RAM: all of it is low memory',
  doc:
    'Where all RAM fits into the direct map, every page frame has a kernel logical address, PAGE_OFFSET above ' +
    'its physical one, and there is no high memory: even a page that might be high needs no kmap.',
  source: LINUX_ADDRESSING,
  layout: '3g1g',
  ramBytes: 512 * MIB,
  scenes: [
    scene('a page for the kernel', pageAlloc(1, 0, GFP_KERNEL)),
    scene(
      'a page that may be high memory: there is none, so this one has an address too',
      pageAlloc(2, 0, GFP_HIGHUSER),
    ),
    scene(
      'the kernel uses both where they are; one entry of 4 MiB maps both, so the walk for the first serves the second',
      kernelWrite(1),
      kernelWrite(2),
    ),
    scene('kmap has nothing to do: it answers with the kernel logical address, and takes no slot', {
      kind: 'kmap',
      object: 2,
      page: 0,
    }),
  ],
});

const KMAP: Fact = { kind: 'kmap', object: 1, page: 0 };
const KUNMAP: Fact = { kind: 'kunmap', object: 1, page: 0 };

export const highmemKmap = defineExample({
  name: 'highmem-kmap',
  title: '4 GB of RAM: 3,200 MB of high memory, reached through kmap',
  doc:
    'The direct map ends at 896 MB. What lies above has no kernel address of its own; the kernel borrows one ' +
    'from the 128 MB that it keeps above the direct map. Its own data stays low.',
  source: LINUX_ADDRESSING,
  layout: '3g1g',
  ramBytes: 4 * GIB,
  scenes: [
    scene(
      'a page for a process: it comes from high memory, without a kernel address',
      pageAlloc(1, 0, GFP_HIGHUSER),
    ),
    failing('high-page', 'there is no address by which the kernel could touch it', kernelWrite(1)),
    scene('kmap lends it a slot at the top of the address space', KMAP, kernelWrite(1)),
    scene(
      'the slot is given back; its entry stays until kmap has gone through all slots, so a late read goes unnoticed',
      KUNMAP,
      kernelRead(1),
    ),
    scene(
      'the kernel allocates for itself: that is low memory, with an address for good',
      kmalloc(2, 4 * KIB),
    ),
    scene('which it uses at once', kernelWrite(2)),
  ],
});

/** Pages taken before the vmalloc; every other one is given back, so that holes of a page lie all over. */
const SCATTERED_PAGES = 64;
const VMALLOC_BYTES = 16 * MIB;
const scattered = Array.from({ length: SCATTERED_PAGES }, (_, i) => 100 + i);

export const vmalloc16m = defineExample({
  name: 'vmalloc-16m',
  title: '16 MB from vmalloc: one range of addresses, frames all over RAM',
  doc:
    'vmalloc takes page frames one by one, wherever they are free, and maps them to one range of kernel virtual ' +
    'addresses. No constant offset leads from those to physical ones, and 16 MB are more than any block of ' +
    'contiguous frames that the page allocator gives (4 MB).',
  source: OSTEP_LINUX,
  layout: '3g1g',
  ramBytes: 512 * MIB,
  scenes: [
    scene('memory in use, page by page', ...scattered.map((object) => pageAlloc(object, 0, GFP_KERNEL))),
    scene(
      'every other page is given back: holes of a page each',
      ...scattered.filter((_, i) => i % 2 === 0).map((object): Fact => ({ kind: 'page_free', object })),
    ),
    failing('too-large', 'kmalloc of 16 MB: no block of frames is that large', kmalloc(1, VMALLOC_BYTES)),
    scene('vmalloc of 16 MB', { kind: 'vmalloc', object: 2, size: VMALLOC_BYTES }),
    scene(
      'its start, its middle, its end: the addresses are 8 MB apart, the frames are not (that were 0x800 of them)',
      kernelWrite(2),
      kernelWrite(2, VMALLOC_BYTES / 2),
      kernelWrite(2, VMALLOC_BYTES - 8),
    ),
    scene('a device with 32 address bits', device(1, 32)),
    failing(
      'not-contiguous',
      'it cannot have the buffer as one piece: behind the first frame it would read what is not in the buffer',
      dmaMapSingle(2, 1, VMALLOC_BYTES),
    ),
    scene(
      'as a list of its frames, those in a row as one entry, it may have it',
      dmaMapSg(2, 1, VMALLOC_BYTES),
    ),
  ],
});

const DMA_BYTES = 64 * KIB;

export const kmallocDma = defineExample({
  name: 'kmalloc-dma',
  title: 'kmalloc: contiguous in RAM too, and fit for DMA',
  doc:
    'What is contiguous in the direct map is contiguous in RAM, so a device that knows nothing of page tables ' +
    'can be given a kmalloc buffer: its address less PAGE_OFFSET. For ISA devices GFP_DMA keeps it below 16 MB.',
  source: OSTEP_LINUX,
  layout: '3g1g',
  ramBytes: 512 * MIB,
  scenes: [
    scene('a buffer of 64 KiB: 16 pages in a row', kmalloc(1, DMA_BYTES)),
    scene(
      'the driver writes to the first page and reads from the last, 15 frames behind; one entry of 4 MiB maps both',
      kernelWrite(1),
      kernelRead(1, DMA_BYTES - 8),
    ),
    scene(
      'a device with 32 address bits is given all of it at once',
      device(1, 32),
      dmaMapSingle(1, 1, DMA_BYTES),
    ),
    scene('an ISA device drives 24 address bits', device(2, 24)),
    failing('beyond-dma-mask', 'so it does not reach that buffer', dmaMapSingle(1, 2, DMA_BYTES)),
    scene(
      'GFP_DMA gives one below 16 MB, which it does',
      kmalloc(2, 4 * KIB, GFP_DMA),
      kernelWrite(2),
      dmaMapSingle(2, 2, 4 * KIB),
    ),
  ],
});
