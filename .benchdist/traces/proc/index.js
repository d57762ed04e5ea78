/** The kernel's own reports, parsed: real ones and those that vmsplit prints of its machines. */
import { parseBuddyinfo } from './buddyinfo.js';
import { parseIomem } from './iomem.js';
import { parseKernelPageTables } from './kernel-page-tables.js';
import { parseMaps } from './maps.js';
import { parseMeminfo } from './meminfo.js';
import { parsePagemap } from './pagemap.js';
import { parsePagetypeinfo } from './pagetypeinfo.js';
import { parsePmap } from './pmap.js';
import { parseSlabinfo } from './slabinfo.js';
import { parseSmaps } from './smaps.js';
import { parseVmallocinfo } from './vmallocinfo.js';
import { parseZoneinfo } from './zoneinfo.js';
export { formatBuddyinfo, pagesOfBlocks, parseBuddyinfo } from './buddyinfo.js';
export { initialMemory, initialStateFrom, initialStateOf, SNAPSHOT_FILES, } from './initial-state.js';
export { formatIomem, parseIomem } from './iomem.js';
export { formatKernelPageTables, parseKernelPageTables, } from './kernel-page-tables.js';
export { formatMaps, parseMaps } from './maps.js';
export { formatMeminfo, parseMeminfo } from './meminfo.js';
export { formatPagemap, parsePagemap } from './pagemap.js';
export { formatPagetypeinfo, parsePagetypeinfo, } from './pagetypeinfo.js';
export { formatPmap, parsePmap } from './pmap.js';
export { procSections } from './sections.js';
export { formatSlabinfo, parseSlabinfo } from './slabinfo.js';
export { formatSmaps, parseSmaps } from './smaps.js';
export { formatVmallocinfo, parseVmallocinfo, } from './vmallocinfo.js';
export { formatZoneinfo, parseZoneinfo } from './zoneinfo.js';
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
};
//# sourceMappingURL=index.js.map