/**
 * Linux 6.1. Sources, all v6.1: mm/page_alloc.c (watermarks, reserves, per-cpu lists), include/linux/mmzone.h, mm/mmap.c
 * and mm/Kconfig, include/uapi/linux/resource.h, fs/exec.c, arch/x86/mm/{mmap,pgtable_32}.c, asm/pgtable_32_areas.h,
 * asm/page_{32,64}_types.h.
 */
import { KIB, MIB } from '../base/units.ts';
import type { Kernel } from './kernel.ts';
import { PCP_6_1 } from './pcp-rules.ts';

export const LINUX_6_1: Kernel = {
  name: 'linux-6.1',
  version: { major: 6, minor: 1, patch: 0 },
  checked: 'all',
  /** trim_bios_range(). */
  reservesFirstPage: true,
  believesFirmware: false,
  /** init_mem_mapping(). */
  mapsMemoryHoles: false,
  /** arch_sync_kernel_mappings(). */
  kernelEntrySync: 'eager',
  maxOrder: 11,
  vmalloc: {
    holeBytes: 8n * MIB,
    startIsAligned: false,
    reserveBytes: 128n * MIB,
    optionExcludesHole: true,
    guardPages: 1,
  },
  watermarks: {
    minFreeKib: { least: 128, most: 262_144 },
    scaleFactor: 10,
    khugepagedZones: 'low',
    highMemoryPages: { least: 32, most: 128 },
    lowmemReserveRatio: { DMA: 256, DMA32: 256, Normal: 32, HighMem: 0 },
  },
  pcp: PCP_6_1,
  balancesCma: true,
  /** mm/huge_memory.c, __thp_get_unmapped_area(). */
  hugeAlignment: { files: true, anonymous: 'none', on32Bits: true, keepsTop: false },
  /** mm/huge_memory.c, do_huge_pmd_wp_page(): "goto fallback". */
  hugeZeroWrite: 'base',
  userSpace: {
    /** DEFAULT_MMAP_MIN_ADDR. */
    mmapMinBytes: 64n * KIB,
    /** gap_min of mmap_base(). */
    stackGapBytes: 128n * MIB,
    /** _STK_LIM. */
    stackLimitBytes: 8n * MIB,
    stackGuardPages: 256,
    /** setup_arg_pages(). */
    stackExpandBytes: 131_072,
  },
  /** As `alloc_pages` of the oracle machines shows: 32 and 64. */
  structPageBytes: (pointerBytes) => 8 * pointerBytes,
  /** 8 KiB on 32 bits, 16 KiB on 64. */
  kernelStackBytes: (pointerBytes) => 2048 * pointerBytes,
};
