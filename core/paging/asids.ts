/**
 * Under which asids a cpu knows address spaces. The first few stand in the cpu's own row, further ones, of processors that
 * have more, in rows of their own.
 *
 * Simplified: of an ARM's 256 or 65,536 a cpu's TLBs keep as many apart as their keys have room for (tlb/keys.ts). An address
 * space that comes back after more than 62 others has lost its entries there, which few TLBs would still hold.
 */
import type { Draft } from '../machine/draft.ts';
import type { Platform } from '../machine/machine.ts';
import { CPU, MOST_ASIDS } from '../state/cpus.ts';

interface Rows {
  get(row: number, field: number): number;
}

/** What is read: a machine or a draft. */
interface ReadsAsids {
  readonly platform: Pick<Platform, 'mmu'>;
  readonly cpus: Rows;
  readonly asidMms: Rows;
}

/** Rows of `asidMms` for each cpu. */
const ROWS = 64;

/** The address space of an asid (from 1 on); 0: none. */
export function mmOfAsid({ cpus, asidMms }: Omit<ReadsAsids, 'platform'>, cpu: number, asid: number): number {
  return asid <= MOST_ASIDS ? cpus.get(cpu, CPU.asidMm + asid - 1) : asidMms.get(cpu * ROWS + asid, 0);
}

export function setMmOfAsid({ cpus, asidMms }: Draft, cpu: number, asid: number, mm: number): void {
  if (asid <= MOST_ASIDS) cpus.set(cpu, CPU.asidMm + asid - 1, mm);
  else asidMms.set(cpu * ROWS + asid, 0, mm);
}

/** The asid under which a cpu holds entries of an address space; 0 when it holds none. */
export function asidOf(of: ReadsAsids, cpu: number, mm: number): number {
  const { nrAsids } = of.platform.mmu;
  for (let asid = 1; asid <= nrAsids; asid++) if (mmOfAsid(of, cpu, asid) === mm) return asid;
  return 0;
}
