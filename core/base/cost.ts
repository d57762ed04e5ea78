/**
 * What things cost in simulated time. All integers, nanoseconds, so that sums do not depend on their order.
 *
 * The defaults are round figures for a 2-3 GHz x86 server, meant for comparing layouts with each other, not for
 * predicting a clock. Sources: TLB and walk latencies from the Intel 64 and IA-32 Architectures Optimization
 * Reference Manual (STLB hit 7-9 cycles; a walk is up to one memory reference a level, mostly cache hits);
 * minor fault, fork and context switch from lmbench figures for such machines (about 0.5 us, tens of us, 1-2 us);
 * a disk read as an SSD's 80 us, a write as its 20 us into the cache of the drive, a request's way through the block layer as
 * half a microsecond; a scanned page as some cache misses
 * (struct page, page-table entry), one that is passed over as one that hits; what reading a page takes of the cpu is in the disk's time; a write of CR3 as "on the order of a hundred cycles" (Documentation/x86/pti.rst,
 * v6.1). Every one can be overridden.
 */
export interface Costs {
  /** A reference whose translation hits the first-level TLB. */
  readonly accessNs: number;
  /** Extra for a hit in the second-level TLB. */
  readonly l2TlbHitNs: number;
  /** Each page-table entry read by a walk. */
  readonly walkReferenceNs: number;
  /** Entering and leaving the page fault handler. */
  readonly faultNs: number;
  /** Clearing a page. */
  readonly clearPageNs: number;
  /** Copying a page. */
  readonly copyPageNs: number;
  /** Reading a page from disk. */
  readonly diskReadNs: number;
  /** Making a page of a file ready to be read, asking the disk for it, and being told that it is there. */
  readonly fileReadNs: number;
  /** Writing a page to disk: a file's dirty page, or an anonymous page to the swap area. */
  readonly diskWriteNs: number;
  /** What passes at least from handing a page to the disk to its being written, however little the disk has to do. */
  readonly diskDelayNs: number;
  /** Making a page ready to be written, which the disk then does beside; and, a page, handing a request to the disk. */
  readonly diskSubmitNs: number;
  readonly diskRequestNs: number;
  /** Reclaim: looking at a page and at whoever maps it; and what each round of it costs beside. */
  readonly scanPageNs: number;
  /** Passing over a page of a zone that does not help. */
  readonly passPageNs: number;
  readonly scanRoundNs: number;
  /** A system call's entry and exit: mmap, munmap, brk, fork, exec, exit. */
  readonly syscallNs: number;
  /** Each page-table entry that fork copies or unmap clears. */
  readonly pteNs: number;
  readonly contextSwitchNs: number;
  /** With page-table isolation: each way into the kernel or out of it. */
  readonly cr3WriteNs: number;
  /** alloc_pages and __free_pages. */
  readonly pageAllocNs: number;
  readonly pageFreeNs: number;
  /** kmalloc and kmem_cache_alloc, and their frees. */
  readonly kmallocNs: number;
  readonly kfreeNs: number;
  /** kmem_cache_create and kmem_cache_destroy. */
  readonly cacheNs: number;
  /** vmalloc, ioremap and their frees, without their pages and entries. */
  readonly vmapAreaNs: number;
  readonly kmapNs: number;
  /** Telling another cpu to drop TLB entries (an inter-processor interrupt). */
  readonly shootdownNs: number;
  /** Mapping, unmapping or syncing a buffer for a device, without copies; again for each further segment. */
  readonly dmaMapNs: number;
  /** Telling an IOMMU to drop what it remembers of a mapping, and waiting for it. */
  readonly iotlbFlushNs: number;
}

/** What a machine takes things to cost unless it is told otherwise, in nanoseconds. */
export const DEFAULT_COSTS: Costs = {
  accessNs: 1,
  l2TlbHitNs: 3,
  walkReferenceNs: 5,
  faultNs: 500,
  clearPageNs: 100,
  copyPageNs: 200,
  diskReadNs: 80_000,
  fileReadNs: 0,
  diskWriteNs: 20_000,
  diskDelayNs: 0,
  diskSubmitNs: 500,
  diskRequestNs: 0,
  scanPageNs: 100,
  passPageNs: 10,
  scanRoundNs: 1_000,
  syscallNs: 200,
  pteNs: 10,
  contextSwitchNs: 1_200,
  cr3WriteNs: 40,
  pageAllocNs: 100,
  pageFreeNs: 80,
  kmallocNs: 30,
  kfreeNs: 25,
  cacheNs: 10_000,
  vmapAreaNs: 400,
  kmapNs: 40,
  shootdownNs: 2_000,
  dmaMapNs: 20,
  iotlbFlushNs: 700,
};
