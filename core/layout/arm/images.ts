/**
 * The ARM kernel images that the layouts boot: where their sections lie above the start of physical memory. Facts of a
 * build. Source: `consts` and `iomem` of the oracle machines.
 */
import type { AddressRange, KernelImage } from '../layout.ts';

/** Offsets of _text, the end of code, the start of init, and _sdata, _end; and of swapper_pg_dir. */
export interface ImageOffsets {
  readonly text: bigint;
  readonly codeEnd: bigint;
  readonly initBegin: bigint;
  readonly data: bigint;
  readonly end: bigint;
  readonly rootTable: bigint;
}

/** With short descriptors, and with LPAE; the same for every split. */
export const ARM_IMAGE: ImageOffsets = {
  text: 0x8000n,
  codeEnd: 0x30_0000n,
  initBegin: 0x40_0000n,
  data: 0x60_0000n,
  end: 0xa4_a1b8n,
  rootTable: 0x4000n,
};
export const LPAE_IMAGE: ImageOffsets = {
  text: 0x8000n,
  codeEnd: 0x40_0000n,
  initBegin: 0x60_0000n,
  data: 0x80_0000n,
  end: 0xc4_b1c8n,
  rootTable: 0x3000n,
};
/** arm64, by log2 of the page: the image begins 64 KiB below this, where nothing is mapped. */
export const ARM64_IMAGE: Readonly<Record<number, ImageOffsets>> = {
  12: {
    ...{ text: 0x21_0000n, codeEnd: 0x3a_0000n, initBegin: 0x44_0000n, data: 0x5d_0000n, end: 0xaa_0000n },
    rootTable: 0x43_4000n,
  },
  14: {
    ...{ text: 0x21_0000n, codeEnd: 0x3b_0000n, initBegin: 0x46_0000n, data: 0x61_0000n, end: 0xb0_0000n },
    rootTable: 0x45_8000n,
  },
  16: {
    ...{ text: 0x21_0000n, codeEnd: 0x3c_0000n, initBegin: 0x4c_0000n, data: 0x6b_0000n, end: 0xc0_0000n },
    rootTable: 0x4b_0000n,
  },
};

/**
 * The image at `base`. Its data and bss are one resource and one kind of memory here; there is no IDT, and no code that
 * wakes other cpus in low memory. On 32 bits the root table lies just below the code, and is kept with it.
 */
export function imageAt(
  base: bigint,
  { text, codeEnd, initBegin, data, end, rootTable }: ImageOffsets,
): KernelImage {
  const range = (from: bigint, to: bigint): AddressRange => ({ start: base + from, end: base + to });
  return {
    ...range(rootTable < text ? rootTable : text, end),
    code: range(text, codeEnd),
    rodata: range(codeEnd, initBegin),
    data: range(data, end),
    bss: range(end, end),
    brkEnd: base + end,
    idtTable: base + data,
    rootTable: base + rootTable,
    realModePages: 0,
  };
}
