/** The kinds of failures, each in words, and the figures that a verdict holds. */
export const VERDICT_KINDS = {
  'module-window': 'the window of the modules is full',
  'vmalloc-space': 'the vmalloc window has no hole that is large enough',
  'cma-only': 'what is free is kept for CMA',
  'lowmem-fragmented': 'low memory is in pieces',
  'lowmem-exhausted': 'low memory is used up, high memory is not',
  'dma-zone-exhausted': 'the zone that the device reaches is used up',
  fragmented: 'memory is in pieces',
  'atomic-reserve': 'what is free is kept for requests that cannot wait',
  'out-of-memory': 'memory is used up',
  'cgroup-limit': 'a group of processes is at its limit',
  'larger-than-ram': 'more was asked for than there is RAM',
  transient: 'memory had come free when the report was printed',
  unexplained: 'the report lacks the state of memory',
  'swiotlb-full': 'the pool of bounce buffers is full',
  'swiotlb-segment': 'a bounce buffer can never be that large',
  'cma-space': 'the CMA area has no free run that is long enough',
  'percpu-space': 'there is no room for another chunk of per-cpu memory',
  'coherent-pool': 'the pool for coherent memory without waiting is used up',
  'user-space': 'a process has no room for it in its address space',
  'kmap-slots': 'the kmap window has no free slot',
  'module-reach': 'the module lies too far from the kernel for its branches',
  'module-memory': 'a module found no memory; why is not told',
  'no-highmem': 'the kernel has no high memory and leaves RAM alone',
  'no-pae': 'the kernel has no PAE and leaves RAM above 4 GiB alone',
} as const;

/** A key of VERDICT_KINDS. */
export type VerdictKind = keyof typeof VERDICT_KINDS;

/** Told at boot, of RAM that the kernel leaves alone. */
export function isOfUnusedRam(kind: VerdictKind | undefined): boolean {
  return kind === 'no-highmem' || kind === 'no-pae';
}

export interface OrderMark {
  readonly order: number;
  readonly freeKb: number;
  readonly markKb: number;
}

/** Sizes in the unit of the name; what a kind does not have, or the report does not tell, is missing. */
export interface Verdict {
  readonly kind: VerdictKind;
  /** Of the request: its line, who asked. */
  readonly line: number;
  readonly task?: string | undefined;
  readonly requestBytes?: number | undefined;
  readonly order?: number | undefined;
  /** As printed. */
  readonly gfp?: string | undefined;
  /** Where an area had to lie. */
  readonly window?: 'modules' | 'vmalloc' | undefined;
  readonly rangeBytes?: number | undefined;
  /** Whether the boot option vmalloc= makes that window larger. */
  readonly vmallocOptionHelps?: boolean | undefined;
  readonly swiotlbOptionHelps?: boolean | undefined;
  /** The zone that decided, and what it compared. */
  readonly zone?: string | undefined;
  readonly node?: number | undefined;
  readonly freeKb?: number | undefined;
  readonly freeCmaKb?: number | undefined;
  readonly usableKb?: number | undefined;
  readonly minKb?: number | undefined;
  /** Of all zones together. */
  readonly minFreeKb?: number | undefined;
  readonly markKb?: number | undefined;
  readonly mark?: 'min' | 'high' | undefined;
  readonly reserveKb?: number | undefined;
  /** Before 4.4: in blocks of an order and above, what was there of all pages, and what had to stay. */
  readonly orderMark?: OrderMark | undefined;
  readonly largestKb?: number | undefined;
  readonly refusedBy?: string | undefined;
  /** High memory was free, and how much. */
  readonly highFree?: boolean | undefined;
  readonly highFreeKb?: number | undefined;
  readonly ramPages?: number | undefined;
  readonly highPages?: number | undefined;
  readonly cmaPages?: number | undefined;
  readonly freePages?: number | undefined;
  readonly totalPages?: number | undefined;
  /** Of per-cpu memory, as printed. */
  readonly reason?: string | undefined;
  readonly totalSlots?: number | undefined;
  readonly usedSlots?: number | undefined;
  readonly usedMb?: number | undefined;
  readonly coveredMb?: number | undefined;
  readonly usageKb?: number | undefined;
  readonly limitKb?: number | undefined;
  readonly killed?: string | undefined;
}
