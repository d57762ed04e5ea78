/**
 * A kernel: what a version computes and does on every processor. Windows, zones and their marks, per-cpu lists, where
 * programs' mappings go, how new kernel mappings reach the processes.
 *
 * What differs by processor is the architecture's (arch/architecture.ts, arch/port.ts). linux-6.1.ts is the kernel
 * whose figures are checked against booted ones; the others are made from it.
 */
import type { ZoneName } from '../arch/port.ts';
import type { PcpRules } from './pcp-rules.ts';
import type { LinuxVersion } from './version.ts';

/** The vmalloc window, in bytes or pages. */
export interface VmallocRules {
  /** VMALLOC_OFFSET: what lies unused between the direct map and the window, for overruns to hit. */
  readonly holeBytes: bigint;
  /** VMALLOC_START is a multiple of the hole's size. */
  readonly startIsAligned: boolean;
  /** __VMALLOC_RESERVE: what the direct map leaves for the window, unless vmalloc= says otherwise. */
  readonly reserveBytes: bigint;
  /** vmalloc= is the size of the window, and the hole comes on top (parse_vmalloc); else it includes the hole. */
  readonly optionExcludesHole: boolean;
  /** Unmapped pages behind every area. */
  readonly guardPages: number;
}

/** How far zones may be drained. */
export interface WatermarkRules {
  /** Bounds of min_free_kbytes, which is 4 * sqrt(KiB of low memory) between them. */
  readonly minFreeKib: { readonly least: number; readonly most: number };
  /** watermark_scale_factor: low and high are at least so many 10,000ths of the zone apart. */
  readonly scaleFactor: number;
  /**
   * For which zones khugepaged raises min_free_kbytes where huge pages are in use (set_recommended_min_free_kbytes): for
   * those that GFP_USER may have, or for high memory too.
   */
  readonly khugepagedZones: 'none' | 'low' | 'all';
  /** Bounds of the min mark of high memory, in pages. */
  readonly highMemoryPages: { readonly least: number; readonly most: number };
  /** sysctl_lowmem_reserve_ratio: a request from above leaves 1/ratio of the pages above to a zone; 0: none. */
  readonly lowmemReserveRatio: Readonly<Record<ZoneName, number>>;
}

/** Where programs' mappings go, and what may be mapped; in bytes unless named otherwise. */
export interface UserSpaceRules {
  /** mmap_min_addr: nothing is mapped below. */
  readonly mmapMinBytes: bigint;
  /** STACK_TOP minus this is where mmap areas start, with the usual limit of the stack. */
  readonly stackGapBytes: bigint;
  /** RLIMIT_STACK that a process starts with. */
  readonly stackLimitBytes: bigint;
  /** stack_guard_gap: pages below a stack that stay empty. */
  readonly stackGuardPages: number;
  /** What execve maps of a stack beside the page with the arguments. */
  readonly stackExpandBytes: number;
}

/** Which large mappings begin where a huge page can, on kernels that are built with them (thp_get_unmapped_area). */
export interface HugeAlignment {
  /** Those of files, on file systems such as ext4 and XFS. */
  readonly files: boolean;
  /** Private anonymous ones: of a huge page or more, or only such that huge pages fill. */
  readonly anonymous: 'none' | 'large' | 'whole';
  /** Also on 32 bits, whose address space is soon in pieces. */
  readonly on32Bits: boolean;
  /** One that fits by chance goes to the top of its gap like others, not a huge page below it. */
  readonly keepsTop: boolean;
}

export interface Kernel {
  /** `linux-6.1`, `textbook`, ... */
  readonly name: string;
  /** Of Linux; that of 6.1 where books or another system leave something open. */
  readonly version: LinuxVersion;
  /** How far figures were compared with booted kernels of this version: all, where its windows lie, or none. */
  readonly checked: 'all' | 'windows' | 'none';
  /** Frame 0 is never used, whatever the firmware says. */
  readonly reservesFirstPage: boolean;
  /** The firmware's memory map is taken as it is, also where the port knows better. */
  readonly believesFirmware: boolean;
  /** Where struct pages are flat: the direct map has all frames up to the last, holes too. Else RAM only. */
  readonly mapsMemoryHoles: boolean;
  /** How an entry of the kernel's half gets into processes that have copies: by whoever adds it, or by a fault. */
  readonly kernelEntrySync: 'eager' | 'fault';
  /** Sizes of blocks: orders 0 to this less one (MAX_ORDER up to 6.3), as far as the machine goes (phys/zones.ts). */
  readonly maxOrder: number;
  readonly vmalloc: VmallocRules;
  readonly watermarks: WatermarkRules;
  readonly pcp: PcpRules;
  /** Movable requests have CMA's pages first while those are more than half of what is free (__rmqueue); else last. */
  readonly balancesCma: boolean;
  readonly userSpace: UserSpaceRules;
  readonly hugeAlignment: HugeAlignment;
  /** A store to the huge zero page gets a huge page, if there is one (do_huge_zero_wp_pmd); else a base page of it. */
  readonly hugeZeroWrite: 'huge' | 'base';
  /** sizeof(struct page) for pointers of so many bytes, and THREAD_SIZE. */
  structPageBytes(pointerBytes: number): number;
  kernelStackBytes(pointerBytes: number): number;
}
