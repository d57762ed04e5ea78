/** glibc's malloc as a model: what it asks of the system, where blocks lie, what it touches. */
export { Malloc } from './malloc.ts';
export { HEADER_BYTES } from './sizes.ts';
export type { MallocSystem } from './system.ts';
