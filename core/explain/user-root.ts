/** What user mode sees of an address with page-table isolation: a second root, next to the kernel's own (paging/kpti.ts). */
import { pageNumber } from '../layout/regions.ts';
import type { Machine, Mm } from '../machine/machine.ts';
import { TABLE } from '../paging/tables.ts';

export interface UserRootFacts {
  /** Frame of the root, and the entry there through which a walk would go. */
  readonly rootPfn: number;
  readonly level: string;
  readonly index: number;
  readonly entryAddress: bigint;
  /** A copy of the other root's entry, for addresses of user space; else nothing is there. */
  readonly isCopy: boolean;
}

/** Undefined without isolation. */
export function userRootOf(machine: Machine, mm: Mm, address: bigint): UserRootFacts | undefined {
  const { layout, mmu } = machine.platform;
  if (!mmu.kpti) return undefined;
  const { name, scale, mask } = mmu.levels[0]!;
  const rootPfn = machine.tables.get(mm.root, TABLE.pfn) + 2 ** mmu.rootOrder;
  const index = (pageNumber(layout, address) * scale) & mask;
  const offset = BigInt(index * layout.arch.translation.entryBytes);
  const entryAddress = (BigInt(rootPfn) << BigInt(layout.pageShift)) + offset;
  return { rootPfn, level: name, index, entryAddress, isCopy: address < layout.taskSize };
}
