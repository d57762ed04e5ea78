/**
 * TLBs of real processors, by name. What the sources do not tell (walk caches, how most sets replace) is as in the
 * default.
 */
import { type CacheShape, type MmuOptions, NO_CACHE } from './options.ts';

/** The TLBs of a processor; what `options` leaves out is as in DEFAULT_MMU. */
export interface MmuPreset {
  readonly description: string;
  readonly options: Partial<MmuOptions>;
}

const fullyAssociative = (ways: number): CacheShape => ({ sets: 1, ways });

/**
 * Intel486: one TLB of 8 sets of 4 ways, pseudo-LRU with 3 bits a set, emptied by every write of CR3 (Embedded
 * Intel486 Processor Hardware Reference Manual, figure 3-7). Page tables are read through the data cache.
 * Simplified: kernel pages are global, as on later processors.
 */
const I486: Partial<MmuOptions> = {
  unifiedL1: true,
  l1d: { sets: 8, ways: 4 },
  l2: NO_CACHE,
  pdeCache: NO_CACHE,
  replacement: 'plru',
  pcid: false,
};

/** P6 (Pentium Pro to III): descriptors 01H to 04H of CPUID leaf 2 (Intel SDM vol. 2A, CPUID). */
const P6: Partial<MmuOptions> = {
  l1i: { sets: 8, ways: 4, large: fullyAssociative(2) },
  l1d: { sets: 16, ways: 4, large: { sets: 2, ways: 4 } },
  l2: NO_CACHE,
  pcid: false,
};

/**
 * Atom N270 (Bonnell): CPUID leaf 2 tells 4FH, 59H, BAH, C0H (Intel SDM vol. 2A; intel_tlb_table of
 * arch/x86/kernel/cpu/intel.c, v6.1). The ways of 4FH are not told: taken as fully associative.
 */
const ATOM: Partial<MmuOptions> = {
  l1i: fullyAssociative(32),
  l1d: { ...fullyAssociative(16), large: { sets: 2, ways: 4 } },
  l2: { sets: 16, ways: 4, large: NO_CACHE },
  l2i: NO_CACHE,
  pcid: false,
};

/** Intel Skylake client (Optimization Reference Manual, table 2-12). */
const SKYLAKE: Partial<MmuOptions> = {
  l1i: { sets: 16, ways: 8, large: fullyAssociative(8) },
  l1d: { sets: 16, ways: 4, large: { sets: 8, ways: 4 }, huge: fullyAssociative(4) },
  l2: { sets: 128, ways: 12, huge: { sets: 4, ways: 4 } },
};

/**
 * AMD Zen 2 (Software Optimization Guide for family 17h models 30h and above, 2.7; all page sizes share the first
 * level, 1 GiB pages are not in the second). Sources differ on the ways of the 2,048 entries for data: 16 makes
 * whole sets. Simplified: the second level does not hold page directory entries too. No PCID before Zen 3.
 */
const ZEN2: Partial<MmuOptions> = {
  l1i: fullyAssociative(64),
  l1d: fullyAssociative(64),
  l2: { sets: 128, ways: 16, huge: NO_CACHE },
  l2i: { sets: 64, ways: 8, huge: NO_CACHE },
  pcid: false,
};

/** By name; `options` of one is what `mmu` of a machine takes. */
export const MMU_PRESETS: Readonly<Record<string, MmuPreset>> = {
  i486: { description: 'Intel486: one TLB of 32 entries, pseudo-LRU', options: I486 },
  p6: { description: 'Pentium Pro to III: one level, large pages apart', options: P6 },
  atom: { description: 'Atom N270: two levels for data, one for instructions', options: ATOM },
  skylake: { description: 'Intel Skylake: every page size in its own entries', options: SKYLAKE },
  zen2: { description: 'AMD Zen 2: large first level for all sizes, two second levels', options: ZEN2 },
};
