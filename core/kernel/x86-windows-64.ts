/** Where x86 kernels of 64 bits have their windows, by version. */
import { MIB, TIB } from '../base/units.ts';
import { type Era, inEra } from './eras.ts';
import type { LinuxVersion } from './version.ts';

interface Range {
  readonly start: bigint;
  readonly end: bigint;
}

/** The bases on 64 bits, with four and with five levels of tables. */
export interface Windows64 {
  readonly pageOffset: { readonly four: bigint; readonly five: bigint };
  /** MAX_PHYSMEM_BITS with four levels. */
  readonly physicalBits: bigint;
  readonly vmalloc: Range;
  readonly vmemmap: Range;
  /** LDT_BASE_ADDR, as an entry of the top level; undefined: the LDT lies elsewhere. */
  readonly ldtEntry: bigint | undefined;
  readonly hasEntryArea: boolean;
  /** KERNEL_IMAGE_SIZE: modules begin above the kernel's own mapping. */
  readonly imageBytes: bigint;
  readonly modulesEnd: bigint;
  readonly fixaddrTop: bigint;
}

const PAGE_64_H = 'arch/x86/include/asm/page_64_types.h, __PAGE_OFFSET';
const TYPES_64_H = 'arch/x86/include/asm/pgtable_64_types.h';
const MM_TXT = 'Documentation/x86/x86_64/mm.txt';

const PAGE_OFFSETS_64: readonly Era<Windows64['pageOffset']>[] = [
  { since: '4.20', value: { four: 0xffff888000000000n, five: 0xff11000000000000n }, source: PAGE_64_H },
  { since: '2.6.27', value: { four: 0xffff880000000000n, five: 0xff10000000000000n }, source: PAGE_64_H },
  {
    since: '2.6.11',
    value: { four: 0xffff810000000000n, five: 0xff10000000000000n },
    source: 'include/asm-x86_64/page.h, __PAGE_OFFSET',
  },
];

const VMALLOCS_64: readonly Era<Pick<Windows64, 'vmalloc' | 'vmemmap' | 'physicalBits'>>[] = [
  {
    since: '2.6.31',
    value: {
      vmalloc: sized(0xffffc90000000000n, 32n * TIB),
      vmemmap: sized(0xffffea0000000000n, TIB),
      physicalBits: 46n,
    },
    source: `${TYPES_64_H}, VMALLOC_START, VMEMMAP_START; asm/sparsemem.h, MAX_PHYSMEM_BITS`,
  },
  {
    since: '2.6.11',
    value: {
      vmalloc: sized(0xffffc20000000000n, 32n * TIB),
      vmemmap: sized(0xffffe20000000000n, TIB),
      physicalBits: 44n,
    },
    source: `include/asm-x86/pgtable_64.h, VMALLOC_START, VMEMMAP_START; ${MM_TXT}`,
  },
];

const LDTS_64: readonly Era<bigint | undefined>[] = [
  { since: '4.20', value: -240n, source: `${TYPES_64_H}, LDT_PGD_ENTRY` },
  { since: '4.15', value: -3n, source: `${TYPES_64_H}, LDT_PGD_ENTRY` },
  { since: '2.6.0', value: undefined, source: MM_TXT },
];

const ENTRY_AREAS_64: readonly Era<boolean>[] = [
  { since: '4.15', value: true, source: `${TYPES_64_H}, CPU_ENTRY_AREA_PGD` },
  { since: '2.6.0', value: false, source: MM_TXT },
];

const IMAGES_64: readonly Era<Pick<Windows64, 'imageBytes' | 'modulesEnd'>>[] = [
  {
    since: '2.6.39',
    value: { imageBytes: 512n * MIB, modulesEnd: 0xffffffffff000000n },
    source: `${TYPES_64_H}, MODULES_VADDR, MODULES_END`,
  },
  {
    since: '2.6.26',
    value: { imageBytes: 512n * MIB, modulesEnd: 0xfffffffffff00000n },
    source: `include/asm-x86/pgtable_64.h, MODULES_VADDR, MODULES_END`,
  },
  {
    since: '2.6.11',
    value: { imageBytes: 128n * MIB, modulesEnd: 0xfffffffffff00000n },
    source: 'include/asm-x86_64/pgtable.h, MODULES_VADDR',
  },
];

const FIXADDR_TOPS_64: readonly Era<bigint>[] = [
  {
    since: '3.16',
    value: 0xffffffffff7ff000n,
    source: 'arch/x86/include/asm/fixmap.h, FIXADDR_TOP: above VSYSCALL_ADDR',
  },
  {
    since: '2.6.11',
    value: 0xffffffffffdff000n,
    source: 'arch/x86/include/asm/fixmap.h, FIXADDR_TOP: VSYSCALL_END - PAGE_SIZE',
  },
];

export function windows64(version: LinuxVersion): Windows64 {
  return {
    pageOffset: inEra(PAGE_OFFSETS_64, version),
    ...inEra(VMALLOCS_64, version),
    ldtEntry: inEra(LDTS_64, version),
    hasEntryArea: inEra(ENTRY_AREAS_64, version),
    ...inEra(IMAGES_64, version),
    fixaddrTop: inEra(FIXADDR_TOPS_64, version),
  };
}

function sized(start: bigint, bytes: bigint): Range {
  return { start, end: start + bytes };
}
