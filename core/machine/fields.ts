/** Indexes of the fields in the rows of a machine's tables: `machine.frames.get(pfn, fields.FRAME.use)`. */
export { DEVICE, MAPPING as DMA_MAPPING, SEGMENT as DMA_SEGMENT } from '../dma/dma-tables.ts';
export { KMAP } from '../kmap/kmap.ts';
export { LRU } from '../pages/lru-links.ts';
export { SWAP } from '../pages/swap.ts';
export { TABLE } from '../paging/tables.ts';
export { FRAME, USE_NAMES } from '../phys/frames.ts';
export { CACHE, SLAB, SLAB_CPU } from '../slab/tables.ts';
export { CPU } from '../state/cpus.ts';
export { OBJECT } from '../state/objects.ts';
