/** What 32-bit processors, and the kernels for them, have in common, whichever they are. */
import { MIB } from '../base/units.ts';
import type { Architecture } from './architecture.ts';
import type { Port } from './port.ts';
import { RADIX, type Translation } from './translation.ts';

export const PROCESSOR_32 = {
  wordBits: 32,
  pointerBytes: 4,
  virtualBits: 32,
  pageShift: 12,
  pageWindows: undefined,
  regionShift: undefined,
} as const satisfies Partial<Architecture>;

export const PORT_32 = {
  zoneNames: ['DMA', 'Normal', 'HighMem'],
  memoryModel: { kind: 'flat' },
  vmallocEndIsLastByte: false,
  /** ELF_ET_DYN_BASE, whatever user space there is. */
  pieBase: () => 4n * MIB,
} as const satisfies Partial<Port>;

/** PAE and LPAE: three levels of 64-bit entries, of which one of the second level can map 2 MiB. */
export const WIDE_TABLES: Translation = {
  ...RADIX,
  levels: [
    { name: 'pgd', bits: 2 },
    { name: 'pmd', bits: 9 },
    { name: 'pte', bits: 9 },
  ],
  entryBytes: 8,
  largePageLevels: [1],
  nx: true,
};
