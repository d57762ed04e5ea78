/** State of paging: page tables, and who has which ASID. */
import { table } from '../state/parts.ts';

export const pagingState = {
  /** Page-table pages: their frame and number of entries in use; see tables.ts. */
  tables: table(2, { cells: 'int32', stride: 3, leafBits: 6 }),
  /** Page-table entries: row = table row * entries per table + index. */
  ptes: table(3, { cells: 'float64', stride: 1, leafBits: 8 }),
  /** Address spaces by cpu and asid, as far as the rows of cpus have no room; see asids.ts. */
  asidMms: table(17, { cells: 'int32', stride: 1, leafBits: 6 }),
  /** Of processors whose ASIDs are given out by generations (asid-generations.ts): by address space, by cpu, by ASID. */
  asidContexts: table(18, { cells: 'float64', stride: 2, leafBits: 5 }),
  asidCpus: table(19, { cells: 'float64', stride: 5, leafBits: 3 }),
  asidMap: table(112, { cells: 'int32', stride: 1, leafBits: 6 }),
};

/** Its single numbers: indexes of `vars`. */
export const PAGING_VAR = {
  /** Rows of `tables` ever used, and the head of the list of free ones (0 = none; row 0 is never used). */
  tableRows: 0,
  freeTable: 1,
  /** Last-level tables that came into the kernel's half since boot; see kernel-entries.ts. */
  kernelTables: 35,
} as const;
