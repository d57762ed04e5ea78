/** The kernel's own reports, parsed: real ones and those that vmsplit prints of its machines. */
import { parseBuddyinfo } from './buddyinfo.ts';
import { parseIomem } from './iomem.ts';
import { parseKernelPageTables } from './kernel-page-tables.ts';
import { parseMeminfo } from './meminfo.ts';
import { parsePagetypeinfo } from './pagetypeinfo.ts';
import { parseSlabinfo } from './slabinfo.ts';
import { parseVmallocinfo } from './vmallocinfo.ts';
import { parseZoneinfo } from './zoneinfo.ts';

export { type BuddyinfoZone, formatBuddyinfo, pagesOfBlocks, parseBuddyinfo } from './buddyinfo.ts';
export {
  type InitialCache,
  type InitialState,
  type InitialZone,
  initialMemory,
  initialStateFrom,
  initialStateOf,
  SNAPSHOT_FILES,
} from './initial-state.ts';
export { formatIomem, type IomemResource, parseIomem } from './iomem.ts';
export {
  formatKernelPageTables,
  type PageTableMarker,
  type PageTableProtection,
  type PageTableRange,
  parseKernelPageTables,
} from './kernel-page-tables.ts';
export { formatMeminfo, type Meminfo, parseMeminfo } from './meminfo.ts';
export {
  formatPagetypeinfo,
  type PagetypeBlocks,
  type PagetypeFree,
  type Pagetypeinfo,
  parsePagetypeinfo,
} from './pagetypeinfo.ts';
export { type ProcSection, procSections } from './sections.ts';
export { formatSlabinfo, parseSlabinfo, type SlabinfoCache } from './slabinfo.ts';
export type { ProcPlace } from './text.ts';
export {
  type AddressDigits,
  formatVmallocinfo,
  parseVmallocinfo,
  type VmallocinfoArea,
} from './vmallocinfo.ts';
export { formatZoneinfo, type Pageset, parseZoneinfo, type ZoneinfoZone } from './zoneinfo.ts';

/** The parser of each file, by the file's name. */
export const PROC_PARSERS = {
  buddyinfo: parseBuddyinfo,
  pagetypeinfo: parsePagetypeinfo,
  zoneinfo: parseZoneinfo,
  meminfo: parseMeminfo,
  vmallocinfo: parseVmallocinfo,
  slabinfo: parseSlabinfo,
  iomem: parseIomem,
  kernel_page_tables: parseKernelPageTables,
} as const;

export type ProcName = keyof typeof PROC_PARSERS;
