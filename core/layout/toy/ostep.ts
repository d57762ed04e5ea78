/**
 * Machines of exercises that fit on a sheet of paper: 4 KiB of RAM in pages of 32 bytes, the lower half of the addresses a
 * process's, the upper half the kernel's (arch/ostep.ts). A direct map, a vmalloc window and a fixmap as Linux has them.
 *
 * They are built by name like all layouts, but are in no list of those: nobody asks what a trace would do on them.
 */
import { OSTEP_LINEAR, OSTEP_TWO_LEVELS } from '../../arch/ostep.ts';
import { OSTEP } from '../../kernel/others.ts';
import { CONTIGUOUS } from '../firmware/memory-map.ts';
import type { Architecture, KernelImage } from '../layout.ts';
import type { LayoutMember } from '../member.ts';
import { buildPlanned, type LayoutPlan } from '../plan.ts';
import { region } from '../regions.ts';

const RAM_BYTES = 4096n;

/** Four pages, one for each section. */
const IMAGE: KernelImage = {
  ...{ start: 0x20n, end: 0xa0n, brkEnd: 0xa0n, realModePages: 0 },
  code: { start: 0x20n, end: 0x40n },
  rodata: { start: 0x40n, end: 0x60n },
  data: { start: 0x60n, end: 0x80n },
  bss: { start: 0x80n, end: 0xa0n },
  ...{ idtTable: 0x80n, rootTable: 0x80n },
};

function plan(half: bigint): LayoutPlan {
  const vmalloc = { start: half + 0x1100n, end: half + 0x1c00n };
  const fixmap = { start: half + 0x1d00n, end: half + 0x1e00n };
  return {
    ...{ userParts: undefined, segments: undefined, pkmap: undefined },
    userRegions: [region('user', { start: 0n, end: half })],
    ...{ pageOffset: half, taskSize: half, stackTop: half, mmapBase: half - 0x800n, textBase: 0x100n },
    ...{ maxMem: RAM_BYTES, lowMemoryEnd: RAM_BYTES, memoryEnd: RAM_BYTES, lowZones: [] },
    ...{ vmalloc, modules: vmalloc, fixmap, fixmapTotalStart: fixmap.start, otherRegions: [] },
    ...{ structPageBytes: 2, kernelStackBytes: 32, kernelImage: IMAGE },
  };
}

function toy(name: string, title: string, arch: Architecture): LayoutMember {
  const ground = { arch, physicalBase: 0n };
  const half = 1n << BigInt(arch.virtualBits - 1);
  return {
    ...ground,
    ...{ name, title, family: 'toy', kernel: OSTEP, booted: undefined },
    minimumRamBytes: RAM_BYTES,
    machine: { ...CONTIGUOUS, maximumRamBytes: RAM_BYTES },
    build: (input) => buildPlanned(plan(half), ground, input),
  };
}

export const TOYS: readonly LayoutMember[] = [
  toy('ostep', 'OSTEP ch. 20: 15 address bits, pages of 32 bytes, two levels of tables', OSTEP_TWO_LEVELS),
  toy('ostep-linear', 'OSTEP ch. 18: 14 address bits, pages of 32 bytes, a linear table', OSTEP_LINEAR),
];
