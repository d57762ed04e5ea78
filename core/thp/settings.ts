/**
 * Transparent huge pages: whether the kernel maps large pages for processes by itself, and of which size
 * (/sys/kernel/mm/transparent_hugepage/enabled; mm/huge_memory.c, v6.1).
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

/** What the captured kernels are built with (CONFIG_TRANSPARENT_HUGEPAGE is not set), or set to. */
const DEFAULT_MODE: ThpMode = 'never';

export interface HugePages {
  /** Else only where madvise(MADV_HUGEPAGE) asks for them. */
  readonly always: boolean;
  /** Base pages of a huge page, log2 of that, and the level whose entries map one. */
  readonly nrPages: number;
  readonly order: number;
  readonly level: number;
}

/** Undefined: none here. */
export function hugePages(
  layout: Layout,
  mmu: MmuGeometry,
  mode: ThpMode = DEFAULT_MODE,
): HugePages | undefined {
  if (!THP_MODES.includes(mode)) throw new UsageError(`thp ${mode}: expected one of ${THP_MODES.join(', ')}`);
  const level = mmu.levels.length - 2;
  if (mode === 'never' || !layout.arch.port.hasHugePages) return undefined;
  if (mmu.levels[level]?.mayBeLarge !== true) return undefined;
  const nrPages = mmu.levels[level].span;
  return { always: mode === 'always', nrPages, order: Math.log2(nrPages), level };
}
