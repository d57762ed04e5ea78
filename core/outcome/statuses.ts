/** Statuses: why an event could not be done. One row each; what tells failures asks the row. */
import { byCode } from '../base/code-table.ts';
import type { Space } from '../event/field-types.ts';

interface StatusRow {
  /** What an outcome stores. Never reused for another meaning: digests cover it. */
  readonly code: number;
  /** The rule that was broken: a sentence for people. */
  readonly reason: string;
  /** Which figures of the machine show it (replay's reasons); none when the rule says it all. */
  readonly figures?: FailureFigures;
  /** What the event lacked is of this number space, and not what the event is about. */
  readonly lacks?: Space;
  /** It only shows that something is there, or is not, because of what became of an earlier event. */
  readonly follows?: true;
  /** Memory or addresses were wanting: a machine that has more of them, or elsewhere, may do it. */
  readonly wants?: true;
  /** The hardware refused an access by a page fault, which tells an error code. */
  readonly faults?: true;
}

/** Figures behind a failure. */
export type FailureFigures =
  | 'zones'
  | 'zones of the kernel'
  | 'free blocks'
  | 'largest block'
  | 'vmalloc window'
  | 'user space'
  | 'kmap slots'
  | 'segment'
  | 'live objects'
  | 'live mappings'
  | 'reach of the device'
  | 'owner or cause'
  | 'cause';

const ROWS = {
  ok: {
    code: 0,
    reason: 'done',
  },
  'out-of-memory': {
    code: 1,
    reason: 'no zone that the request may use has enough free pages above its watermark',
    figures: 'zones',
    wants: true,
  },
  'out-of-lowmem': {
    code: 2,
    reason:
      'low memory is used up; free high memory cannot serve a request that needs a kernel logical address',
    figures: 'zones of the kernel',
    wants: true,
  },
  fragmented: {
    code: 3,
    reason: 'enough pages are free, but no block of this order',
    figures: 'free blocks',
    wants: true,
  },
  'vmalloc-space': {
    code: 4,
    reason: 'no hole of the vmalloc window is large enough (out of address space, not memory)',
    figures: 'vmalloc window',
    wants: true,
  },
  'user-space': {
    code: 5,
    reason: 'no gap of the user address space is large enough',
    figures: 'user space',
    wants: true,
  },
  'kmap-slots': {
    code: 6,
    reason: 'every pkmap slot is in use: kmap() would sleep until one is given back',
    figures: 'kmap slots',
    wants: true,
  },
  'too-large': {
    code: 7,
    reason: 'larger than can be done at once: a block of MAX_ORDER, a reference above a page',
    figures: 'largest block',
  },
  'high-page': {
    code: 8,
    reason: 'a high memory page without a kmap has no kernel address',
    figures: 'cause',
  },
  'no-mapping': {
    code: 9,
    reason: 'nothing is mapped at this address (SIGSEGV, or an oops in kernel mode)',
    figures: 'owner or cause',
    faults: true,
  },
  protection: {
    code: 10,
    reason: 'the mapping forbids this kind of access (SIGSEGV)',
    figures: 'segment',
    faults: true,
  },
  privilege: {
    code: 11,
    reason: 'user mode touched a kernel page (SIGSEGV): only a trap into the kernel may',
    figures: 'segment',
    faults: true,
  },
  'no-object': {
    code: 12,
    reason: 'the object does not exist here (its allocation failed, or it is gone)',
    figures: 'cause',
    follows: true,
  },
  'no-process': {
    code: 13,
    reason: 'no such process here, or this cpu runs none',
    figures: 'cause',
    follows: true,
  },
  'is-ram': {
    code: 14,
    reason: 'ioremap() refuses ordinary RAM',
  },
  exists: {
    code: 15,
    reason: 'an object or process with this number is still alive',
    follows: true,
  },
  'beyond-file': {
    code: 16,
    reason: 'the page lies beyond the end of its file (SIGBUS)',
    faults: true,
  },
  'no-cache': {
    code: 17,
    reason: 'the slab cache does not exist here',
    figures: 'cause',
    lacks: 'cache',
  },
  'bad-cache': {
    code: 18,
    reason: 'no slab can hold objects of this size and alignment (-EINVAL)',
  },
  'cache-in-use': {
    code: 19,
    reason: 'objects of the slab cache are still alive: it cannot be destroyed',
    figures: 'live objects',
  },
  invalid: {
    code: 20,
    reason:
      'the kernel refuses these arguments (EINVAL): size 0, an address beyond what the machine has, what was locked',
  },
  'kmap-local-slots': {
    code: 21,
    reason: 'every kmap_local slot of this cpu is in use: the kernel stops (BUG_ON)',
    wants: true,
  },
  'out-of-order': {
    code: 22,
    reason: 'kunmap_local() of a page that this cpu did not map last: the kernel warns',
  },
  'no-device': {
    code: 23,
    reason: 'the device does not exist here',
    figures: 'cause',
    lacks: 'device',
  },
  'bad-dma-mask': {
    code: 24,
    reason: 'no zone is low enough for a device with so few address bits (-EIO)',
  },
  'device-in-use': {
    code: 25,
    reason: 'memory is still mapped for the device: it would go on reading and writing it',
    figures: 'live mappings',
  },
  'not-contiguous': {
    code: 26,
    reason:
      'the pages of this buffer may lie anywhere in RAM, so it has no one bus address: give the device ' +
      'its frames, with dma_map_page() or dma_map_sg() of the object that owns them',
  },
  'not-ram': {
    code: 27,
    reason: 'device memory has no page frame of RAM: another device reaches it with dma_map_resource() only',
  },
  'beyond-dma-mask': {
    code: 28,
    reason: 'the memory lies above what the device can address, and no bounce buffer lies below',
    figures: 'reach of the device',
    wants: true,
  },
  'no-bounce-buffers': {
    code: 29,
    reason: 'nowhere in the pool of bounce buffers are enough slots free in a row (swiotlb buffer is full)',
    figures: 'reach of the device',
    wants: true,
  },
  'iova-space': {
    code: 30,
    reason: 'no gap of the device’s I/O address space is large enough',
    wants: true,
  },
  'dma-mapped': {
    code: 31,
    reason:
      'a device may still read or write this memory: unmap it first (a kernel would let it go, and the ' +
      'device would corrupt whoever gets it next)',
  },
  'oom-killed': {
    code: 32,
    reason: 'memory ran out, and the OOM killer ended the process that asked',
    wants: true,
  },
  'refused-too': {
    code: 33,
    reason: 'the request was refused where it was recorded, and is refused here too',
    figures: 'cause',
    follows: true,
  },
  'cma-only': {
    code: 34,
    reason:
      'what is free is kept for contiguous buffers (CMA) and lent to movable pages only: the kernel’s own requests never get it',
    figures: 'zones',
    wants: true,
  },
  'cma-space': {
    code: 35,
    reason: 'the memory kept for contiguous buffers (CMA) has no free range that is long enough',
    figures: 'zones',
    wants: true,
  },
} as const satisfies Record<string, StatusRow>;

/** The name of a row of STATUSES: what became of an event. */
export type StatusName = keyof typeof ROWS;

/** By name. */
export const STATUS: Readonly<Record<StatusName, StatusRow>> = ROWS;
/** By code. */
export const STATUSES = byCode<StatusName, StatusRow>(ROWS);

export const OK = ROWS.ok.code;
export const OUT_OF_MEMORY = ROWS['out-of-memory'].code;
export const OUT_OF_LOWMEM = ROWS['out-of-lowmem'].code;
export const FRAGMENTED = ROWS.fragmented.code;
export const VMALLOC_SPACE = ROWS['vmalloc-space'].code;
export const USER_SPACE = ROWS['user-space'].code;
export const KMAP_SLOTS = ROWS['kmap-slots'].code;
export const TOO_LARGE = ROWS['too-large'].code;
export const HIGH_PAGE = ROWS['high-page'].code;
export const NO_MAPPING = ROWS['no-mapping'].code;
export const PROTECTION = ROWS.protection.code;
export const PRIVILEGE = ROWS.privilege.code;
export const NO_OBJECT = ROWS['no-object'].code;
export const NO_PROCESS = ROWS['no-process'].code;
export const IS_RAM = ROWS['is-ram'].code;
export const EXISTS = ROWS.exists.code;
export const BEYOND_FILE = ROWS['beyond-file'].code;
export const NO_CACHE = ROWS['no-cache'].code;
export const BAD_CACHE = ROWS['bad-cache'].code;
export const CACHE_IN_USE = ROWS['cache-in-use'].code;
export const INVALID = ROWS.invalid.code;
export const KMAP_LOCAL_SLOTS_USED = ROWS['kmap-local-slots'].code;
export const OUT_OF_ORDER = ROWS['out-of-order'].code;
export const NO_DEVICE = ROWS['no-device'].code;
export const BAD_DMA_MASK = ROWS['bad-dma-mask'].code;
export const DEVICE_IN_USE = ROWS['device-in-use'].code;
export const NOT_CONTIGUOUS = ROWS['not-contiguous'].code;
export const NOT_RAM = ROWS['not-ram'].code;
export const BEYOND_DMA_MASK = ROWS['beyond-dma-mask'].code;
export const NO_BOUNCE_BUFFERS = ROWS['no-bounce-buffers'].code;
export const IOVA_SPACE = ROWS['iova-space'].code;
export const DMA_MAPPED = ROWS['dma-mapped'].code;
export const OOM_KILLED = ROWS['oom-killed'].code;
export const REFUSED_TOO = ROWS['refused-too'].code;
export const CMA_ONLY = ROWS['cma-only'].code;
export const CMA_SPACE = ROWS['cma-space'].code;
