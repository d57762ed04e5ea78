/** What kernels of x86 print and list alike, of 32 and of 64 bits. */
import type { Facts } from '../firmware/log-facts.ts';

/** Lines of arch/x86 alone. */
export const X86_FACTS = {
  /** Which page tables: 4 GiB without PAE, 64 GiB with it, more on 64 bits (MAX_ARCH_PFN of arch/x86/kernel/e820.c). */
  maxArchPfn: /max_arch_pfn = 0x([0-9a-f]{1,16})/,
  nx: /NX \(Execute Disable\) protection: (active)/,
  zoneDma32: /^.{0,80}\b(DMA32) +(?:\[mem )?0x/,
  /** An address of the upper half. */
  wide: /\b((?:0x)?ffff[89a-f][0-9a-f]{11})\b/,
} as const;

/** Frames that page tables can name without PAE and with it. */
export const PFNS_NARROW = 0x100000;
export const PFNS_PAE = 0x1000000;

export function maxArchPfn({ maxArchPfn: fact }: Facts): number | undefined {
  return fact && Number.parseInt(fact.groups[0]!, 16);
}

export function releaseOf({ release }: Facts): string {
  return release?.groups[0] ?? '';
}

/** A processor of either kind of kernel, which it does not tell. */
export const X86_CPUINFO = /^vendor_id\s*:/m;
