/**
 * Layouts: address spaces as data. `buildLayout` makes one from a name and an amount of RAM; everything else here
 * reads it. Imports nothing of ours but core/errors.ts.
 */
export { buildCustomLayout, buildLayout, layoutNames } from './catalog.ts';
export { type KernelConstants, kernelConstants, mmapLegacyBase } from './constants.ts';
export { type DirectMapPiece, directMap } from './direct-map.ts';
export { type DirectMapPages, directMapPages } from './direct-map-pages.ts';
export { type OracleFigures, oracleFigures } from './figures.ts';
export { type KernelMapping, kernelMappingOf, kernelMappings } from './kernel-map.ts';
export type * from './layout.ts';
export { exportLayout } from './layout-export.ts';
export { type CustomLayout, parseLayoutFile } from './layout-file.ts';
export { ramFromSize, ramOf } from './memory-map.ts';
export {
  type DumpEntry,
  type DumpMarker,
  type DumpPart,
  type DumpRange,
  dumpMarkers,
  foldEntries,
  pageTableDump,
} from './page-table-dump.ts';
export { parseMemoryMap } from './parse-memory-map.ts';
export { pageNumber, regionOf, regionOfKind, toHex } from './regions.ts';
export { type PhysicalResource, physicalResources } from './resources.ts';
