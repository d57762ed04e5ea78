/** State of DMA: devices, what is mapped for them, bounce buffers, I/O address spaces; see dma-tables.ts, swiotlb.ts. */
import { outOfDigest, ranges, table } from '../state/parts.ts';
import { RangeSet } from '../state/ranges.ts';

export const dmaState = {
  devices: table(120, { cells: 'int32', stride: 3, leafBits: 3 }),
  dmaMappings: table(121, { cells: 'float64', stride: 10, leafBits: 4 }),
  /** What leads to a mapping; see mapping-index.ts. */
  dmaLinks: outOfDigest(table(129, { cells: 'int32', stride: 2, leafBits: 6 })),
  dmaBuckets: outOfDigest(table(131, { cells: 'int32', stride: 1, leafBits: 6 })),
  dmaSegments: table(122, { cells: 'float64', stride: 7, leafBits: 4 }),
  bounceSlots: table(123, { cells: 'int32', stride: 1, leafBits: 8 }),
  bounceAreas: table(124, { cells: 'int32', stride: 2, leafBits: 2 }),
  /** What is free of the I/O address spaces, as page numbers; see iommu.ts. */
  iovaHoles: ranges(125, () => RangeSet.empty()),
};

/** Its single numbers: indexes of `vars`. */
export const DMA_VAR = {
  /** Rows of `dmaMappings` and `dmaSegments` ever used, and the heads of their lists of free ones. */
  mappingRows: 11,
  freeMapping: 12,
  segmentRows: 13,
  freeSegment: 14,
} as const;
