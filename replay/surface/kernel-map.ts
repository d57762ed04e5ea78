/** What the kernel of a layout maps once it is up, and what it tells of it: page tables, constants, /proc/iomem. */
export type { KernelConstants, KernelMapping } from '../../core/layout/booted.ts';
export { kernelConstants } from '../../core/layout/dump/constants.ts';
export { type DirectMapPiece, directMap } from '../../core/layout/dump/direct-map.ts';
export { kernelMappings } from '../../core/layout/dump/kernel-map.ts';
export { type PhysicalResource, physicalResources } from '../../core/layout/firmware/resources.ts';
