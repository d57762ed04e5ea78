/**
 * Outcomes: what one machine made of each event of a batch, in columns parallel to the batch.
 *
 * An access that hit the first-level TLB leaves `flags` and `status` zero, so that whoever looks for what
 * happened can skip it: nearly all references are such.
 */

/** Why an event could not be done, or 0. `reason` is a sentence for people. */
export const STATUSES = [
  { name: 'ok', reason: 'done' },
  {
    name: 'out-of-memory',
    reason: 'no zone that the request may use has enough free pages above its watermark',
  },
  {
    name: 'out-of-lowmem',
    reason:
      'low memory is used up; free high memory cannot serve a request that needs a kernel logical address',
  },
  { name: 'fragmented', reason: 'enough pages are free, but no block of this order' },
  {
    name: 'vmalloc-space',
    reason: 'no hole of the vmalloc window is large enough (out of address space, not memory)',
  },
  { name: 'user-space', reason: 'no gap of the user address space is large enough' },
  { name: 'kmap-slots', reason: 'every pkmap slot is in use: kmap() would sleep until one is given back' },
  {
    name: 'too-large',
    reason: 'larger than can be done at once: a block of MAX_ORDER, a reference above a page',
  },
  { name: 'high-page', reason: 'a high memory page without a kmap has no kernel address' },
  { name: 'no-mapping', reason: 'nothing is mapped at this address (SIGSEGV, or an oops in kernel mode)' },
  { name: 'protection', reason: 'the mapping forbids this kind of access (SIGSEGV)' },
  { name: 'privilege', reason: 'user mode touched a kernel page (SIGSEGV): only a trap into the kernel may' },
  { name: 'no-object', reason: 'the object does not exist here (its allocation failed, or it is gone)' },
  { name: 'no-process', reason: 'no such process here, or this cpu runs none' },
  { name: 'is-ram', reason: 'ioremap() refuses ordinary RAM' },
  { name: 'exists', reason: 'an object or process with this number is still alive' },
  { name: 'beyond-file', reason: 'the page lies beyond the end of its file (SIGBUS)' },
  { name: 'no-cache', reason: 'the slab cache does not exist here' },
  { name: 'bad-cache', reason: 'no slab can hold objects of this size and alignment (-EINVAL)' },
  { name: 'cache-in-use', reason: 'objects of the slab cache are still alive: it cannot be destroyed' },
  {
    name: 'invalid',
    reason:
      'the kernel refuses these arguments (EINVAL): size 0, an address beyond what the machine has, what was locked',
  },
  {
    name: 'kmap-local-slots',
    reason: 'every kmap_local slot of this cpu is in use: the kernel stops (BUG_ON)',
  },
  {
    name: 'out-of-order',
    reason: 'kunmap_local() of a page that this cpu did not map last: the kernel warns',
  },
  { name: 'no-device', reason: 'the device does not exist here' },
  { name: 'bad-dma-mask', reason: 'no zone is low enough for a device with so few address bits (-EIO)' },
  {
    name: 'device-in-use',
    reason: 'memory is still mapped for the device: it would go on reading and writing it',
  },
  {
    name: 'not-contiguous',
    reason:
      'the pages of this buffer may lie anywhere in RAM, so it has no one bus address: give the device ' +
      'its frames, with dma_map_page() or dma_map_sg() of the object that owns them',
  },
  {
    name: 'not-ram',
    reason: 'device memory has no page frame of RAM: another device reaches it with dma_map_resource() only',
  },
  {
    name: 'beyond-dma-mask',
    reason: 'the memory lies above what the device can address, and no bounce buffer lies below',
  },
  {
    name: 'no-bounce-buffers',
    reason: 'nowhere in the pool of bounce buffers are enough slots free in a row (swiotlb buffer is full)',
  },
  { name: 'iova-space', reason: 'no gap of the device’s I/O address space is large enough' },
  {
    name: 'dma-mapped',
    reason:
      'a device may still read or write this memory: unmap it first (a kernel would let it go, and the ' +
      'device would corrupt whoever gets it next)',
  },
  { name: 'oom-killed', reason: 'memory ran out, and the OOM killer ended the process that asked' },
] as const;

export type StatusName = (typeof STATUSES)[number]['name'];

export const OK = 0;
export const OUT_OF_MEMORY = 1;
export const OUT_OF_LOWMEM = 2;
export const FRAGMENTED = 3;
export const VMALLOC_SPACE = 4;
export const USER_SPACE = 5;
export const KMAP_SLOTS = 6;
export const TOO_LARGE = 7;
export const HIGH_PAGE = 8;
export const NO_MAPPING = 9;
export const PROTECTION = 10;
export const PRIVILEGE = 11;
export const NO_OBJECT = 12;
export const NO_PROCESS = 13;
export const IS_RAM = 14;
export const EXISTS = 15;
export const BEYOND_FILE = 16;
export const NO_CACHE = 17;
export const BAD_CACHE = 18;
export const CACHE_IN_USE = 19;
export const INVALID = 20;
export const KMAP_LOCAL_SLOTS_USED = 21;
export const OUT_OF_ORDER = 22;
export const NO_DEVICE = 23;
export const BAD_DMA_MASK = 24;
export const DEVICE_IN_USE = 25;
export const NOT_CONTIGUOUS = 26;
export const NOT_RAM = 27;
export const BEYOND_DMA_MASK = 28;
export const NO_BOUNCE_BUFFERS = 29;
export const IOVA_SPACE = 30;
export const DMA_MAPPED = 31;
export const OOM_KILLED = 32;

/** `flags` bits 0-1: how an access was translated (the worst of its pages). */
export const TLB_L1 = 0;
export const TLB_L2 = 1;
export const TLB_WALK = 2;
export const TLB_MASK = 3;

/** `flags` bits 2-4: the page fault that an access took (the last of its pages). */
export const FAULT_SHIFT = 2;
export const FAULT_MASK = 7 << FAULT_SHIFT;
export const FAULT_NAMES = [
  'none',
  'demand-zero',
  'zero-page',
  'copy-on-write',
  'file-minor',
  'file-major',
  'swap-in',
  'vmalloc',
] as const;
export const FAULT_NONE = 0;
export const FAULT_DEMAND_ZERO = 1;
export const FAULT_ZERO_PAGE = 2;
export const FAULT_COW = 3;
export const FAULT_FILE_MINOR = 4;
export const FAULT_FILE_MAJOR = 5;
/** The page was in the swap area. */
export const FAULT_SWAP = 6;
/** The tables of the process lacked an entry of the kernel's half (paging/kernel-entries.ts). */
export const FAULT_VMALLOC = 7;

/** `flags` bits 5-7: the type of address that an allocation or mapping gave. */
export const ADDRESS_SHIFT = 5;
export const ADDRESS_NAMES = [
  'none',
  'user-virtual',
  'kernel-logical',
  'kernel-virtual',
  'physical',
  'bus',
] as const;
export const ADDRESS_USER = 1;
export const ADDRESS_LOGICAL = 2;
export const ADDRESS_VIRTUAL = 3;
/** Page frames without a kernel address: high memory. */
export const ADDRESS_PHYSICAL = 4;
/** What a device puts on the bus; `vpn` is a page of bus addresses. */
export const ADDRESS_BUS = 5;

export interface Outcomes {
  readonly count: number;
  /** Index into STATUSES. */
  readonly status: Uint8Array;
  readonly flags: Uint8Array;
  readonly latencyNs: Uint32Array;
  /** First virtual page number of what an allocation or mapping gave; 0 for accesses. */
  readonly vpn: Float64Array;
  /** First page frame of what an allocation gave (physically contiguous ones only). */
  readonly pfn: Float64Array;
}

/** Outcomes while a fold fills them in. */
export class OutcomesDraft implements Outcomes {
  readonly count: number;
  readonly status: Uint8Array;
  readonly flags: Uint8Array;
  readonly latencyNs: Uint32Array;
  vpn: Float64Array;
  pfn: Float64Array;
  private ownsVpn = false;
  private ownsPfn = false;

  constructor(count: number) {
    this.count = count;
    // Whole words, so that readers can look at four events at a time.
    const padded = (count + 3) & ~3;
    this.status = new Uint8Array(padded);
    this.flags = new Uint8Array(padded);
    this.latencyNs = new Uint32Array(count);
    this.vpn = zeros(count);
    this.pfn = zeros(count);
  }

  /** Notes where something was put. Most batches are accesses only and need no columns for this. */
  place(at: number, vpn: number, pfn: number): void {
    if (vpn !== 0) {
      if (!this.ownsVpn) this.vpn = new Float64Array(this.count);
      this.ownsVpn = true;
      this.vpn[at] = vpn;
    }
    if (pfn !== 0) {
      if (!this.ownsPfn) this.pfn = new Float64Array(this.count);
      this.ownsPfn = true;
      this.pfn[at] = pfn;
    }
  }
}

/** Never written: the column of all batches in which nothing was placed. */
let sharedZeros = new Float64Array(0);

function zeros(count: number): Float64Array {
  if (sharedZeros.length < count) sharedZeros = new Float64Array(count);
  return sharedZeros;
}
