/** glibc's malloc as a model: what it asks of the system, where blocks lie, what it touches. */
export { Malloc } from './malloc.ts';
export { chunkBytes, firstBlock, type MallocSizes, SIZES_32, SIZES_32_WIDE, SIZES_64 } from './sizes.ts';
export type { MallocSystem } from './system.ts';
