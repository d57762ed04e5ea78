/** A failure as a kernel reported it: what was asked for, and the state of memory that it printed along. */

/** What failed, in the words of the line that says so. Sizes in bytes unless named otherwise. */
export type FailedRequest =
  | PageRequest
  | AreaRequest
  | BounceRequest
  | {
      readonly kind: 'cma';
      readonly pages: number;
      readonly freePages?: number;
      readonly totalPages?: number;
      readonly errno?: number;
    }
  | { readonly kind: 'percpu'; readonly bytes: number; readonly reason: string }
  /** `bytes`: of the pool. */
  | { readonly kind: 'coherent-pool'; readonly bytes?: number }
  | { readonly kind: 'kmap'; readonly task: string; readonly seconds: number }
  | ModuleRequest
  | IgnoredRam;

/** Page frames: refused, or somebody was killed for them. */
export interface PageRequest {
  readonly kind: 'pages';
  readonly event: 'failure' | 'oom' | 'stall';
  readonly order: number;
  /** As printed: `0xcc0(GFP_KERNEL)`, `0x20`; undefined: not told. */
  readonly gfp?: string;
  readonly task?: string;
  /** A group of processes was at its own limit. */
  readonly cgroup?: { readonly usageKb?: number; readonly limitKb?: number };
  /** A slab cache asked. */
  readonly cache?: string;
}

/** A place in the vmalloc window, or in that of the modules. */
export interface AreaRequest {
  readonly kind: 'area';
  /** Of vmalloc(), without the guard page; undefined: the kernel did not say. */
  readonly bytes?: number;
  /** Of the area in the window, with the guard page. */
  readonly areaBytes?: number;
  /** Where it had to lie, as far as the kernel says. */
  readonly range?: readonly [start: bigint, end: bigint];
  /** `space`: no hole; `pages`: the hole was there, page frames were not; `limit`: more than there is RAM. */
  readonly lacks: 'space' | 'pages' | 'limit';
  readonly task?: string;
}

/** A bounce buffer of the swiotlb pool. */
export interface BounceRequest {
  readonly kind: 'bounce';
  readonly bytes: number;
  readonly device?: string;
  readonly totalSlots?: number;
  readonly usedSlots?: number;
}

/** A module: no memory for it, or no place within reach. */
export interface ModuleRequest {
  readonly kind: 'module';
  readonly module?: string;
  readonly reason: string;
  /** Whose words these are, where not every kernel has them. */
  readonly arch?: string;
}

/** Told at boot: RAM that the kernel leaves alone. */
export interface IgnoredRam {
  readonly kind: 'unused-ram';
  /** What a kernel that uses it needs. */
  readonly needs: 'highmem' | 'pae';
  /** Whose words these are. */
  readonly arch: string;
  /** MiB, rounded down: what is used, and what there is; undefined: not told. */
  readonly usedMb?: number;
  readonly coveredMb?: number;
}

/** Of all zones that there are (include/linux/mmzone.h, 2.6.0 to 7.0), as a part of a pattern. */
export const ZONE_NAMES = 'DMA32|DMA|Normal|HighMem|Movable|Device';

/** A zone as Mem-Info tells of it; sizes in KiB. */
export interface ReportedZone {
  readonly node: number;
  readonly zone: string;
  readonly free: number;
  readonly min: number;
  readonly low: number;
  readonly high: number;
  readonly boost: number;
  readonly freeCma: number;
  readonly highAtomic: number;
  readonly present: number;
  /** `present` where the kernel does not tell it apart (before 3.9). */
  readonly managed: number;
  /** All that the line tells, by the kernel's names. */
  readonly sizes: Readonly<Record<string, number>>;
  readonly allUnreclaimable?: boolean;
  /** By rank of the zone asked for, in pages. */
  readonly reserve: readonly number[];
  /** Undefined: the report has no such line. */
  readonly blocks?: readonly FreeBlocks[];
}

/** Free blocks of one order, and the migrate types that have some: letters of U M E R H C I; '' where they are not told. */
export interface FreeBlocks {
  readonly order: number;
  readonly count: number;
  readonly types: string;
}

export interface ReportedTask {
  readonly pid: number;
  readonly name: string;
  /** Pages. */
  readonly totalVm: number;
  readonly rss: number;
}

/** A failure with what the kernel printed below it; sizes of zones in KiB. */
export interface FailureReport {
  /** Lines of the file, from 1: the first and the last one that belong to it. */
  readonly line: number;
  readonly lastLine: number;
  /** Undefined: only the state of memory (SysRq m). */
  readonly request: FailedRequest | undefined;
  readonly zones: readonly ReportedZone[];
  /** Names of zones without a page, where they are told of: they have a place in every reserve. */
  readonly emptyZones: readonly string[];
  /** By the kernel's names, in pages: `slab_unreclaimable`, `pagetables`. */
  readonly totals: Readonly<Record<string, number>>;
  /** Sums over nodes of what only they are told of, in KiB: `kernel_stack`. */
  readonly nodes: Readonly<Record<string, number>>;
  readonly ramPages?: number;
  readonly highPages?: number;
  readonly reservedPages?: number;
  readonly cmaPages?: number;
  readonly swapKb?: { readonly free?: number; readonly total?: number };
  readonly tasks: readonly ReportedTask[];
  /** Functions of the call trace, innermost first. */
  readonly trace: readonly string[];
  readonly killed?: string;
  /** `5.4.58`, of the kernel that printed it. */
  readonly kernel?: string;
  /** What kernels call their processor, as far as the report shows it: `i386`. */
  readonly arch?: string;
  /** KiB of a page, as the smallest blocks show. */
  readonly pageKb: number;
}
