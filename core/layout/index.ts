/**
 * Layouts: address spaces as data. `buildLayout` makes one from a name and an amount of RAM; everything else here
 * reads it. Imports nothing of ours but core/errors.ts.
 */
export { buildLayout, layoutNames } from './catalog.ts';
export { type OracleFigures, oracleFigures } from './figures.ts';
export type * from './layout.ts';
export { ramFromSize } from './memory-map.ts';
export { parseMemoryMap } from './parse-memory-map.ts';
export { regionOf, toHex } from './regions.ts';
