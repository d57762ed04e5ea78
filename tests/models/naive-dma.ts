/** DMA the slow way: the bounce pool as kernel/dma/swiotlb.c (v6.1) writes it, I/O addresses in a plain list. */
import type { KindName } from '../../core/event/kinds.ts';

/** What devices, and the memory that is mapped for them, need. */
export const DMA_KINDS: readonly KindName[] = [
  'spawn',
  'fork',
  'switch',
  'exit',
  'mmap',
  'munmap',
  'file',
  'page_alloc',
  'page_free',
  'kmalloc',
  'kfree',
  'vmalloc',
  'vfree',
  'device',
  'dma_alloc_coherent',
  'dma_free_coherent',
  'dma_map_single',
  'dma_map_page',
  'dma_map_sg',
  'dma_unmap',
  'dma_sync',
  'device_remove',
];

const IO_TLB_SIZE = 2048;
const IO_TLB_SEGSIZE = 128;

/** io_tlb_mem: slots with the length of the free run that begins there, areas with a place to go on from. */
export class NaivePool {
  private readonly list: number[];
  private readonly areas: { index: number; used: number }[];
  private readonly areaSlots: number;

  constructor(slots: number, areas: number) {
    this.list = Array.from({ length: slots }, (_, i) => IO_TLB_SEGSIZE - (i % IO_TLB_SEGSIZE));
    this.areas = Array.from({ length: areas }, () => ({ index: 0, used: 0 }));
    this.areaSlots = slots / areas;
  }

  get free(): number {
    return this.list.length - this.areas.reduce((sum, { used }) => sum + used, 0);
  }

  /** swiotlb_find_slots(): the first slot, or -1. */
  find(cpu: number, bytes: number): number {
    let area = cpu & (this.areas.length - 1);
    const start = area;
    do {
      const slot = this.findIn(area, bytes);
      if (slot >= 0) return slot;
      if (++area >= this.areas.length) area = 0;
    } while (area !== start);
    return -1;
  }

  private findIn(areaIndex: number, bytes: number): number {
    const area = this.areas[areaIndex]!;
    const nslots = Math.ceil(bytes / IO_TLB_SIZE);
    const stride = bytes >= 4096 ? 2 : 1;
    const wrapped = (index: number): number => (index >= this.areaSlots ? 0 : index);
    if (nslots > this.areaSlots - area.used) return -1;
    let index = wrapped(Math.ceil(area.index / stride) * stride);
    const wrap = index;
    const base = areaIndex * this.areaSlots;
    while (this.list[base + index]! < nslots) {
      index = wrapped(index + stride);
      if (index === wrap) return -1;
    }
    for (let i = base + index; i < base + index + nslots; i++) this.list[i] = 0;
    let count = 0;
    for (
      let i = base + index - 1;
      i >= 0 && i % IO_TLB_SEGSIZE !== IO_TLB_SEGSIZE - 1 && this.list[i]! > 0;
      i--
    )
      this.list[i] = ++count;
    area.index = index + nslots < this.areaSlots ? index + nslots : 0;
    area.used += nslots;
    return base + index;
  }

  /** swiotlb_release_slots(). */
  release(slot: number, bytes: number): void {
    const nslots = Math.ceil(bytes / IO_TLB_SIZE);
    const behind = slot + nslots;
    let count = behind % IO_TLB_SEGSIZE !== 0 ? this.list[behind]! : 0;
    for (let i = behind - 1; i >= slot; i--) this.list[i] = ++count;
    for (let i = slot - 1; i >= 0 && i % IO_TLB_SEGSIZE !== IO_TLB_SEGSIZE - 1 && this.list[i]! > 0; i--)
      this.list[i] = ++count;
    this.areas[Math.floor(slot / this.areaSlots)]!.used -= nslots;
  }
}

/** One device's I/O address space, in pages: everything taken, and the highest place that is left. */
export class NaiveIova {
  private taken: { start: number; end: number }[] = [{ start: 0xfee00, end: 0xfef00 }];

  /** The first page of the highest aligned place below `limit` for this many pages. */
  take(pages: number, limit: number): number | undefined {
    const size = pages < 32 ? roundUp(pages) : pages;
    const align = roundUp(pages);
    const tops = [limit, ...this.taken.map(({ start }) => start)].filter((top) => top <= limit);
    const starts = tops
      .map((top) => Math.floor((top - size) / align) * align)
      .filter(
        (start) => start >= 1 && !this.taken.some((one) => one.start < start + size && start < one.end),
      );
    if (starts.length === 0) return undefined;
    const start = Math.max(...starts);
    this.taken.push({ start, end: start + size });
    return start;
  }

  release(start: number): void {
    this.taken = this.taken.filter((one) => one.start !== start);
  }
}

function roundUp(pages: number): number {
  let power = 1;
  while (power < pages) power *= 2;
  return power;
}
