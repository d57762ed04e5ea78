/**
 * The kernel images that the layouts boot: where their sections lie in physical memory. Facts of a build, not of a
 * boot: the same for every amount of RAM and every option.
 *
 * Sources: `iomem` and `consts` of the oracle machines of each variant. `idt_table` is a page of bss
 * (arch/x86/kernel/idt.c, v6.1); how far into it the linker put it is seen in the `cpu_entry_area` walks. Layouts
 * that no machine was captured for have the image of the nearest one.
 */
import type { AddressRange, KernelImage } from './layout.ts';
import { alignUp, MIB, PAGE_SIZE } from './units.ts';

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
 * Where the sections end, and where those begin that are aligned to more than a page. Read-only data fill what lies
 * between code and data; the root page table is the third page of bss, `idt_table` the fifth; the real-mode trampoline
 * takes 4 pages.
 */
function image32(codeEnd: bigint, data: Section, bss: Section, brkEnd: bigint): KernelImage {
  const rodata: Section = [alignUp(codeEnd, PAGE_SIZE), data[0] - 1n];
  const rootTable = bss[0] + 2n * PAGE_SIZE;
  return image([codeEnd, rodata, data, bss, brkEnd], { idtPage: 4n, rootTable, realModePages: 4 });
}

export const IMAGE_3G = image32(0x1298088n, [0x1364000n, 0x145821fn], [0x14b9000n, 0x1520fffn], 0x1637000n);
/** CONFIG_SMP off. */
export const IMAGE_3G_UP = image32(
  0x11f96a8n,
  [0x1294000n, 0x1382f5fn],
  [0x13c7000n, 0x142bfffn],
  0x1542000n,
);
export const IMAGE_3G_OPT = image32(
  0x1240028n,
  [0x12e8000n, 0x13c9b5fn],
  [0x1425000n, 0x148bfffn],
  0x15e2000n,
);
export const IMAGE_2G = image32(0x123ff88n, [0x12e7000n, 0x13c9b5fn], [0x1425000n, 0x148bfffn], 0x16a2000n);
export const IMAGE_2G_OPT = image32(
  0x1240008n,
  [0x12e8000n, 0x13c9b5fn],
  [0x1425000n, 0x148bfffn],
  0x16c2000n,
);
export const IMAGE_1G = image32(0x1240008n, [0x12e8000n, 0x13c9b5fn], [0x1425000n, 0x148bfffn], 0x17a2000n);
export const IMAGE_3G_PAE = image32(
  0x124c608n,
  [0x12f5000n, 0x13d8e5fn],
  [0x1438000n, 0x149bfffn],
  0x16b6000n,
);
export const IMAGE_3G_NOHIGHMEM = image32(
  0x123e968n,
  [0x12e6000n, 0x13c785fn],
  [0x1423000n, 0x1483fffn],
  0x159a000n,
);

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
