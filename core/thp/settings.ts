/**
 * Transparent huge pages: whether the kernel maps large pages for processes by itself, and of which size
 * (/sys/kernel/mm/transparent_hugepage; mm/huge_memory.c, mm/khugepaged.c, v6.1).
 *
 * A huge page is what one entry of the last table but one maps: 2 MiB, or 4 MiB with tables of two levels. Every x86
 * can have them (HAVE_ARCH_TRANSPARENT_HUGEPAGE is set in the configuration of each captured kernel, also without
 * PAE); on the other machines the option does nothing.
 */
import { UsageError } from '../base/errors.ts';
import type { Layout } from '../layout/layout.ts';
import type { MmuGeometry } from '../paging/geometry.ts';

export const THP_MODES = ['always', 'madvise', 'never'] as const;
export type ThpMode = (typeof THP_MODES)[number];

/** Who waits for a huge page to become free: everybody, nobody, or who asked for huge pages by madvise(). */
export const THP_DEFRAG_MODES = ['always', 'defer', 'defer+madvise', 'madvise', 'never'] as const;
export type ThpDefrag = (typeof THP_DEFRAG_MODES)[number];

/** What the captured kernels are built with (CONFIG_TRANSPARENT_HUGEPAGE is not set), or set to. */
const DEFAULT_MODE: ThpMode = 'never';
/** DEFRAG_REQ_MADV of transparent_hugepage_flags. */
const DEFAULT_DEFRAG: ThpDefrag = 'madvise';
/** hugepage_init(): with less memory all is off; whoever turns it on by hand has no huge zero page. */
const LEAST_BYTES = 512 * 2 ** 20;

export interface ThpOptions {
  readonly mode?: ThpMode;
  readonly defrag?: ThpDefrag;
  /** use_zero_page: read faults map the huge zero page. By default not on a machine with less than 512 MiB. */
  readonly usesZeroPage?: boolean;
  /** khugepaged/scan_sleep_millisecs: 10,000 by default. */
  readonly scanSleepMs?: number;
  /** khugepaged/pages_to_scan: eight huge pages by default. */
  readonly pagesToScan?: number;
  /** khugepaged/max_ptes_none, max_ptes_swap, max_ptes_shared: all of a huge page but one, an eighth and a half by default. */
  readonly maxPtesNone?: number;
  readonly maxPtesSwap?: number;
  readonly maxPtesShared?: number;
}

/** khugepaged: how often it looks, how far, and what it puts up with. */
export interface Khugepaged {
  readonly periodNs: number;
  readonly pagesToScan: number;
  /** Entries of a huge page that may be empty, in the swap area, or of pages that others map too (max_ptes_...). */
  readonly maxPtesNone: number;
  readonly maxPtesSwap: number;
  readonly maxPtesShared: number;
  /** Whether it reclaims and compacts to find a huge page (khugepaged/defrag). */
  readonly defrag: boolean;
}

export interface HugePages {
  /** Else only where madvise(MADV_HUGEPAGE) asks for them. */
  readonly always: boolean;
  readonly defrag: ThpDefrag;
  /** Read faults map the huge zero page; else a huge page of the process's own. */
  readonly usesZeroPage: boolean;
  /** Base pages of a huge page, log2 of that, and the level whose entries map one. */
  readonly nrPages: number;
  readonly order: number;
  readonly level: number;
  readonly khugepaged: Khugepaged;
}

/** Undefined: none here. `totalPages`: what the allocator has, in all zones; undefined: enough. */
export function hugePages(
  layout: Layout,
  mmu: MmuGeometry,
  options: ThpMode | ThpOptions = {},
  totalPages = Number.POSITIVE_INFINITY,
): HugePages | undefined {
  const given = typeof options === 'string' ? { mode: options } : options;
  const { mode = DEFAULT_MODE, defrag = DEFAULT_DEFRAG } = given;
  if (!THP_MODES.includes(mode)) throw new UsageError(`thp ${mode}: expected one of ${THP_MODES.join(', ')}`);
  if (!THP_DEFRAG_MODES.includes(defrag))
    throw new UsageError(`thp defrag ${defrag}: expected one of ${THP_DEFRAG_MODES.join(', ')}`);
  const level = mmu.levels.length - 2;
  if (mode === 'never' || !layout.arch.port.hasHugePages) return undefined;
  if (mmu.levels[level]?.mayBeLarge !== true) return undefined;
  const nrPages = mmu.levels[level].span;
  const isLarge = totalPages * 2 ** layout.pageShift >= LEAST_BYTES;
  return {
    ...{ always: mode === 'always', defrag, usesZeroPage: given.usesZeroPage ?? isLarge },
    ...{ nrPages, order: Math.log2(nrPages), level },
    khugepaged: khugepaged(nrPages, given, isLarge),
  };
}

/** CONFIG_HZ of the distributions' x86 kernels. A sleep ends a tick after it is over (schedule_timeout, timer wheel). */
const TICK_NS = 4e6;
const NS_PER_MS = 1e6;
const DEFAULT_SLEEP_MS = 10_000;

/** An unsigned int (kstrtouint() of mm/khugepaged.c, v6.1). */
export const MOST_OF_SETTING = 2 ** 32 - 1;

/** khugepaged_init(), and what its files under /sys take. */
function khugepaged(nrPages: number, options: ThpOptions, defrag: boolean): Khugepaged {
  const { scanSleepMs = DEFAULT_SLEEP_MS, pagesToScan = nrPages * 8 } = options;
  const { maxPtesNone = nrPages - 1, maxPtesSwap = nrPages / 8, maxPtesShared = nrPages / 2 } = options;
  checkSetting('scan_sleep_millisecs', scanSleepMs, 1, MOST_OF_SETTING);
  checkSetting('pages_to_scan', pagesToScan, 1, MOST_OF_SETTING);
  checkSetting('max_ptes_none', maxPtesNone, 0, nrPages - 1);
  checkSetting('max_ptes_swap', maxPtesSwap, 0, nrPages - 1);
  checkSetting('max_ptes_shared', maxPtesShared, 0, nrPages - 1);
  return {
    periodNs: (Math.ceil((scanSleepMs * NS_PER_MS) / TICK_NS) + 1) * TICK_NS,
    ...{ pagesToScan, maxPtesNone, maxPtesSwap, maxPtesShared, defrag },
  };
}

function checkSetting(file: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most)
    throw new UsageError(`khugepaged/${file} ${value}: expected a whole number from ${least} to ${most}`);
}
