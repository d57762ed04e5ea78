/**
 * TTBR0 and TTBR1: which of them translates an address, and by what rule.
 *
 * Sources: ARM Architecture Reference Manual ARMv7-A, B3.5.4 (short) and B3.6.4 (long descriptors), ARMv8-A, D5.2; v6.1:
 * v7_ttb_setup of arch/arm/mm/proc-v7-2level.S and proc-v7-3level.S, arch/arm/include/asm/pgtable-3level-hwdef.h
 * (TTBR1_SIZE, TTBR1_OFFSET), arch/arm64/mm/proc.S (TCR_EL1).
 */
import type { RootChoice, RootSpace } from './architecture.ts';

/** TTBCR is 0: N = 0, and then TTBR0 serves the whole address space. TTBR1 holds the kernel's table and is not read. */
export function shortRoot(): RootChoice {
  return {
    register: 'TTBR0',
    rule: 'TTBCR.N is 0, so it translates every address and TTBR1 none; each process has copies of the kernel entries',
  };
}

const GIB_SHIFT = 30n;

/** TTBCR.T1SZ, PAGE_OFFSET / 1 GiB - 1: only where RAM does not begin above PAGE_OFFSET, else secondary cpus could not start. */
export function lpaeRoot({ pageOffset, physicalBase }: RootSpace, address: bigint): RootChoice {
  const size = Number(pageOffset >> GIB_SHIFT) - 1;
  if (size === 0) return { register: 'TTBR0', rule: 'TTBCR.T1SZ is 0: it translates every address' };
  if (physicalBase > pageOffset)
    return {
      register: 'TTBR0',
      rule: 'TTBCR.T1SZ is left 0, since RAM begins above PAGE_OFFSET: it translates every address',
    };
  const from = `0x${pageOffset.toString(16)}`;
  if (address < pageOffset)
    return { register: 'TTBR0', rule: `TTBCR.T1SZ is ${size}: below ${from}, with modules and kmap` };
  const start = size === 2 ? ', where the hardware begins at the second level (pmd)' : '';
  return { register: 'TTBR1', rule: `TTBCR.T1SZ is ${size}: from ${from} on${start}` };
}

/** The bits above VA_BITS: TCR_EL1.T0SZ and T1SZ are both 64 - VA_BITS. */
export function arm64Root(vaBits: number): (space: RootSpace, address: bigint) => RootChoice {
  const bits = `bits ${vaBits} to 63 of the address are`;
  return (_, address) =>
    address >> 63n === 1n
      ? { register: 'TTBR1', rule: `${bits} all set (T1SZ is ${64 - vaBits}): the kernel's table` }
      : { register: 'TTBR0', rule: `${bits} all clear (T0SZ is ${64 - vaBits}): the process's table` };
}
