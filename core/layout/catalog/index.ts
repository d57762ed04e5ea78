/**
 * Layouts: address spaces as data. `buildLayout` makes one from a name and an amount of RAM; everything else here
 * reads it. Imports nothing of ours but core/base.
 */

export type * from '../booted.ts';
export { kernelConstants } from '../dump/constants.ts';
export { type DirectMapPiece, directMap } from '../dump/direct-map.ts';
export { type DirectMapPages, directMapPages } from '../dump/direct-map-pages.ts';
export { type AddressSpaceFigures, addressSpaceFigures } from '../dump/figures.ts';
export { kernelMappingOf, kernelMappings } from '../dump/kernel-map.ts';
export {
  type DumpEntry,
  type DumpPart,
  type DumpRange,
  dumpMarkers,
  foldEntries,
  pageTableDump,
} from '../dump/page-table-dump.ts';
export { type Contradiction, contradictions, contradictionText, isMachineOf } from '../dump/report-check.ts';
export { exportLayout } from '../file/layout-export.ts';
export { type CustomLayout, parseLayoutFile } from '../file/layout-file.ts';
export type { BootOptions } from '../firmware/boot-options.ts';
export { type CmaOption, cmaOption } from '../firmware/boot-options.ts';
export {
  type Dialect,
  dialectOfArchitecture,
  hasPageSizes,
  type LayoutFacts,
  type MachineKind,
} from '../firmware/dialect.ts';
export { ramFromSize, ramOf } from '../firmware/memory-map.ts';
export {
  type Finding,
  layoutNameOf,
  type MemoryReport,
} from '../firmware/memory-report.ts';
export { withRam } from '../firmware/parse-memory-map.ts';
export { kernelOf, reportCma, reportOptions, USUAL_NR_CPUS } from '../firmware/report-options.ts';
export { type PhysicalResource, physicalResources } from '../firmware/resources.ts';
export type * from '../layout.ts';
export { type UnusedRam, unusedRam, usedRamBytes, userSpaceBytes } from '../ram.ts';
export { mmapLegacyBase, pageNumber, regionOf, regionOfKind, toHex } from '../regions.ts';
export { SPLITS, type SplitName } from '../splits.ts';
export {
  architectureOf,
  buildCustomLayout,
  buildLayout,
  buildOwnLayout,
  layoutNames,
  toyLayoutNames,
} from './catalog.ts';
export { DIALECTS, dialectNamed, dialectOf, parseMemoryMap, readMemoryReport } from './dialects.ts';
