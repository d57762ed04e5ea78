/**
 * The windows of arm64's kernel half: constants of VA_BITS and of the page size. Sources, all v6.1: arch/arm64/include/asm/
 * {memory,pgtable,vmalloc,fixmap}.h, Documentation/arm64/memory.rst. Before 5.4 the two halves of the kernel's addresses
 * were the other way round; from 6.5 on other sizes hold.
 */
import type { Architecture } from '../../arch/architecture.ts';
import { addressOf, MIB } from '../../base/units.ts';
import type { AddressRange } from '../layout.ts';

export interface Arm64Windows {
  readonly vaBits: bigint;
  /** TASK_SIZE: all of the lower half. */
  readonly taskSize: bigint;
  readonly pageOffset: bigint;
  /** First address above the linear map, however much RAM there is. */
  readonly pageEnd: bigint;
  readonly modules: AddressRange;
  readonly vmalloc: AddressRange;
  /** FIXADDR_START to FIXADDR_TOP. */
  readonly fixmap: AddressRange;
  readonly pciIo: AddressRange;
  readonly vmemmap: AddressRange;
}

/** MODULES_VSIZE. */
const MODULES_BYTES = 128n * MIB;
/** PCI_IO_SIZE, and the 8 MiB above it and below it that stay empty. */
const PCI_IO_BYTES = 16n * MIB;
const GAP_BYTES = 8n * MIB;
/** VMALLOC_END is so much below VMEMMAP_START. */
const VMALLOC_GAP_BYTES = 256n * MIB;
/** STRUCT_PAGE_MAX_SHIFT: 64 bytes. */
const STRUCT_PAGE_SHIFT = 6n;

/** `optionPages`: of the fixmap, for what the kernel is configured with (APEI, KASLR). */
export function arm64Windows({ virtualBits, pageShift }: Architecture, optionPages = 0): Arm64Windows {
  const vaBits = BigInt(virtualBits - 1);
  const top = 1n << 64n;
  const pageOffset = top - (1n << vaBits);
  const pageEnd = top - (1n << (vaBits - 1n));
  const modules = { start: pageEnd, end: pageEnd + MODULES_BYTES };
  // VMEMMAP_SHIFT: room for the struct pages of the whole linear map.
  const vmemmapShift = BigInt(pageShift) - STRUCT_PAGE_SHIFT;
  const vmemmapStart = top - (1n << (vaBits - vmemmapShift));
  const vmemmap = { start: vmemmapStart, end: vmemmapStart + ((pageEnd - pageOffset) >> vmemmapShift) };
  const fixaddrTop = vmemmapStart - 32n * MIB;
  const pciIoEnd = vmemmapStart - GAP_BYTES;
  return {
    vaBits,
    taskSize: 1n << vaBits,
    pageOffset,
    pageEnd,
    modules,
    vmalloc: { start: modules.end, end: vmemmapStart - VMALLOC_GAP_BYTES },
    fixmap: { start: fixaddrTop - fixmapBytes(pageShift, optionPages), end: fixaddrTop },
    pciIo: { start: pciIoEnd - PCI_IO_BYTES, end: pciIoEnd },
    vmemmap,
  };
}

/** enum fixed_addresses: a hole, the device tree with room for alignment (MAX_FDT_SIZE and 2 MiB), and devices' pages. */
const FDT_BYTES = 4n * MIB;
/** FIX_HOLE, FIX_EARLYCON_MEM_BASE, FIX_TEXT_POKE0, and the three of the entry trampoline (UNMAP_KERNEL_AT_EL0). */
const DEVICE_PAGES = 6;

/** FIXADDR_SIZE: __end_of_permanent_fixed_addresses pages. */
function fixmapBytes(pageShift: number, optionPages: number): bigint {
  return FDT_BYTES + addressOf(DEVICE_PAGES + optionPages, pageShift);
}
