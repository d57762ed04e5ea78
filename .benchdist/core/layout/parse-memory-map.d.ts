import type { PhysicalRange } from './layout.ts';
/** The memory map in a text, ascending. Throws UsageError when there is no RAM or a line cannot be read. */
export declare function parseMemoryMap(text: string): PhysicalRange[];
