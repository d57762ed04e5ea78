/**
 * The kernel images that the layouts boot: where their sections lie in physical memory. Facts of a build, not of a
 * boot: the same for every amount of RAM and every option.
 *
 * Sources: `iomem` and `consts` of the oracle machines of each variant. `idt_table` is a page of bss
 * (arch/x86/kernel/idt.c, v6.1); how far into it the linker put it is seen in the `cpu_entry_area` walks. Layouts
 * that no machine was captured for have the image of the nearest one.
 */

import { alignUp, KIB, MIB, PAGE_SIZE } from '../../base/units.ts';
import type { AddressRange, KernelImage } from '../layout.ts';

/** CONFIG_PHYSICAL_START. */
const KERNEL_START = 16n * MIB;

/** First byte and last byte of a section, as /proc/iomem writes them. */
type Section = readonly [first: bigint, last: bigint];

function image(
  [codeEnd, rodata, data, bss, end]: readonly [bigint, Section, Section, Section, bigint],
  { idtPage, rootTable, realModePages }: { idtPage: bigint; rootTable: bigint; realModePages: number },
): KernelImage {
  const sections = {
    code: { start: KERNEL_START, end: codeEnd },
    rodata: sectionRange(rodata),
    data: sectionRange(data),
    bss: sectionRange(bss),
  };
  const idtTable = sections.bss.start + idtPage * PAGE_SIZE;
  return {
    start: KERNEL_START,
    end: sections.bss.end,
    ...sections,
    brkEnd: end,
    rootTable,
    idtTable,
    realModePages,
  };
}

function sectionRange([first, last]: Section): AddressRange {
  return { start: first, end: last + 1n };
}

/**
 * Where the sections of a build end, and where those begin that are aligned to more than a page. Read-only data fill
 * what lies between code and data; the root page table is the third page of bss, `idt_table` the fifth; the real-mode
 * trampoline takes 4 pages.
 */
type Build32 = readonly [codeEnd: bigint, data: Section, bss: Section];

const BUILD_3G: Build32 = [0x1298088n, [0x1364000n, 0x145821fn], [0x14b9000n, 0x1520fffn]];
/** CONFIG_SMP off. */
const BUILD_3G_UP: Build32 = [0x11f96a8n, [0x1294000n, 0x1382f5fn], [0x13c7000n, 0x142bfffn]];
const BUILD_3G_OPT: Build32 = [0x1240028n, [0x12e8000n, 0x13c9b5fn], [0x1425000n, 0x148bfffn]];
const BUILD_2G: Build32 = [0x123ff88n, [0x12e7000n, 0x13c9b5fn], [0x1425000n, 0x148bfffn]];
const BUILD_2G_OPT: Build32 = [0x1240008n, [0x12e8000n, 0x13c9b5fn], [0x1425000n, 0x148bfffn]];
const BUILD_1G: Build32 = [0x1240008n, [0x12e8000n, 0x13c9b5fn], [0x1425000n, 0x148bfffn]];
const BUILD_PAE: Build32 = [0x124c608n, [0x12f5000n, 0x13d8e5fn], [0x1438000n, 0x149bfffn]];
const BUILD_NOHIGHMEM: Build32 = [0x123e968n, [0x12e6000n, 0x13c785fn], [0x1423000n, 0x1483fffn]];

/** By PAGE_OFFSET. */
const BUILDS: ReadonlyMap<bigint, Build32> = new Map([
  [0xc0000000n, BUILD_3G],
  [0xb0000000n, BUILD_3G_OPT],
  [0x80000000n, BUILD_2G],
  [0x78000000n, BUILD_2G_OPT],
  [0x40000000n, BUILD_1G],
]);

/** What a 32-bit kernel is configured as. */
interface Build32Options {
  readonly pageOffset: bigint;
  readonly pae: boolean;
  readonly highmem: boolean;
  readonly smp: boolean;
}

/** The captured build, or else the one that has most in common with it. */
function buildOf({ pageOffset, pae, highmem, smp }: Build32Options): Build32 {
  if (pae) return BUILD_PAE;
  if (!highmem) return BUILD_NOHIGHMEM;
  return pageOffset === 0xc0000000n && !smp ? BUILD_3G_UP : BUILDS.get(pageOffset)!;
}

export function image32(options: Build32Options): KernelImage {
  const [codeEnd, data, bss] = buildOf(options);
  const rodata: Section = [alignUp(codeEnd, PAGE_SIZE), data[0] - 1n];
  const rootTable = bss[0] + 2n * PAGE_SIZE;
  const brkEnd = bss[1] + 1n + brkBytes(options);
  return image([codeEnd, rodata, data, bss, brkEnd], { idtPage: 4n, rootTable, realModePages: 4 });
}

/**
 * What the kernel reserves behind its bss, v6.1: page tables for all that could be low memory (INIT_MAP_SIZE of
 * arch/x86/kernel/head_32.S, PAGE_TABLE_SIZE of asm/pgtable_32.h), six tables (early_pgt_alloc, arch/x86/mm/init.c)
 * and the names that DMI gives (dmi_alloc, arch/x86/kernel/setup.c).
 */
function brkBytes({ pageOffset, pae }: Build32Options): bigint {
  const lowmemPages = (2n ** 32n - pageOffset) / PAGE_SIZE;
  const tables = pae ? lowmemPages / 512n + 4n : lowmemPages / 1024n;
  return (tables + 6n) * PAGE_SIZE + 64n * KIB;
}

export const IMAGE_3G = image32({ pageOffset: 0xc0000000n, pae: false, highmem: true, smp: true });

export const IMAGE_64 = image(
  [0x1600100n, [0x1800000n, 0x18e8fffn], [0x1a00000n, 0x1b2da3fn], [0x1d0e000n, 0x1dfffffn], 0x1e18000n],
  { idtPage: 1n, rootTable: 0x1a09000n, realModePages: 6 },
);

/** The books' kernel lies at 1 MiB; its sections are those of the 3 GiB build. */
export function movedTo(start: bigint, from: KernelImage): KernelImage {
  const by = start - from.start;
  const move = (range: AddressRange): AddressRange => ({ start: range.start + by, end: range.end + by });
  return {
    ...from,
    ...move(from),
    code: move(from.code),
    rodata: move(from.rodata),
    data: move(from.data),
    bss: move(from.bss),
    brkEnd: from.brkEnd + by,
    rootTable: from.rootTable + by,
    idtTable: from.idtTable + by,
  };
}
