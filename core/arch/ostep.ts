/**
 * The processor of an exercise: Arpaci-Dusseau, "Operating Systems: Three Easy Pieces", ch. 20 (the homework program
 * paging-multilevel-translate.py). Pages of 32 bytes, 128 frames, entries of one byte: a valid bit, which is the highest,
 * and the number of the frame.
 *
 * Besides that of the book, with two levels and addresses of 15 bits, one with a linear table and 14 bits. What the book
 * has no use for is left out: rights, large pages, bits that the hardware sets.
 */
import type { Architecture } from './architecture.ts';
import { bitFormat } from './entry-format.ts';
import { type PageTableLevel, RADIX } from './translation.ts';
import { X86_32 } from './x86-32.ts';

const PAGE_SHIFT = 5;
const FRAME_BITS = 7;
const VALID_BIT = 7;

function ostep(virtualBits: number, levels: readonly PageTableLevel[]): Architecture {
  const physicalBits = PAGE_SHIFT + FRAME_BITS;
  return {
    ...X86_32,
    name: 'ostep',
    wordBits: virtualBits,
    pointerBytes: 2,
    virtualBits,
    physicalBits,
    pageShift: PAGE_SHIFT,
    translation: { ...RADIX, levels, entryBytes: 1, largePageLevels: [], nx: false },
    entries: bitFormat({ bits: { present: VALID_BIT }, frameAt: 0, frameBits: FRAME_BITS }),
    asids: { count: 2, usual: true },
    hasSegments: false,
    port: {
      ...X86_32.port,
      zoneNames: ['Normal'],
      memoryBits: physicalBits,
      lowReservedBytes: 0,
      firmwareWindow: undefined,
      fixedResources: [],
      hasHugePages: false,
      kernelHalf: 'shared',
      kmallocMinBytes: 8,
      cacheLineBytes: 32,
      pieBase: () => 0x200n,
    },
  };
}

export const OSTEP_TWO_LEVELS = ostep(15, [
  { name: 'pde', bits: 5 },
  { name: 'pte', bits: 5 },
]);
export const OSTEP_LINEAR = ostep(14, [{ name: 'pte', bits: 9 }]);
