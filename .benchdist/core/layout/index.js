/**
 * Layouts: address spaces as data. `buildLayout` makes one from a name and an amount of RAM; everything else here
 * reads it. Imports nothing of ours but core/errors.ts.
 */
export { buildCustomLayout, buildLayout, layoutNames } from './catalog.js';
export { kernelConstants, mmapLegacyBase } from './constants.js';
export { directMap } from './direct-map.js';
export { directMapPages } from './direct-map-pages.js';
export { oracleFigures } from './figures.js';
export { kernelMappingOf, kernelMappings } from './kernel-map.js';
export { exportLayout } from './layout-export.js';
export { parseLayoutFile } from './layout-file.js';
export { ramFromSize, ramOf } from './memory-map.js';
export { dumpMarkers, foldEntries, pageTableDump, } from './page-table-dump.js';
export { parseMemoryMap } from './parse-memory-map.js';
export { regionOf, regionOfKind, toHex } from './regions.js';
export { physicalResources } from './resources.js';
//# sourceMappingURL=index.js.map