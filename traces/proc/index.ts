/** The kernel's own reports, parsed: real ones and those that vmsplit prints of its machines. */
import { parseBuddyinfo } from './buddyinfo.ts';
import { parseIomem } from './iomem.ts';
import { parseKernelPageTables } from './kernel-page-tables.ts';
import { parseMaps } from './maps.ts';
import { parseMeminfo } from './meminfo.ts';
import { parsePagemap } from './pagemap.ts';
import { parsePagetypeinfo } from './pagetypeinfo.ts';
import { parsePmap } from './pmap.ts';
import { parseSlabinfo } from './slabinfo.ts';
import { parseSmaps } from './smaps.ts';
import { parseVmallocinfo } from './vmallocinfo.ts';
import { parseZoneinfo } from './zoneinfo.ts';

export { type BuddyinfoZone, formatBuddyinfo, pagesOfBlocks, parseBuddyinfo } from './buddyinfo.ts';
export type { InitialArea } from './initial-areas.ts';
export {
  type InitialCache,
  type InitialState,
  type InitialZone,
  initialAreas,
  initialMemory,
  initialRam,
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
export { formatMaps, type MapsLine, parseMaps } from './maps.ts';
export { formatMeminfo, type Meminfo, parseMeminfo } from './meminfo.ts';
export { formatPagemap, type PagemapMapping, type PagemapPage, parsePagemap } from './pagemap.ts';
export {
  formatPagetypeinfo,
  type PagetypeBlocks,
  type PagetypeFree,
  type Pagetypeinfo,
  parsePagetypeinfo,
} from './pagetypeinfo.ts';
export { formatPmap, type Pmap, type PmapMapping, parsePmap } from './pmap.ts';
export { type ProcSection, procSections } from './sections.ts';
export { formatSlabinfo, parseSlabinfo, type SlabinfoCache } from './slabinfo.ts';
export { formatSmaps, parseSmaps, type SmapsMapping } from './smaps.ts';
export { formatStatus, type ProcessStatus, parseStatus, statusKb } from './status.ts';
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
  maps: parseMaps,
  smaps: parseSmaps,
  pmap: parsePmap,
  pagemap: parsePagemap,
} as const;

/** The name of such a file. */
export type ProcName = keyof typeof PROC_PARSERS;
