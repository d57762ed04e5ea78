/**
 * VAX under VMS: pages of 512 bytes, and an address space of parts, chosen by the upper two bits of an address.
 *
 *   P0 program: text and heap, upwards | P1 control: the stack, downwards | S0 system, the same for all processes
 *
 * Each part has one linear page table with a base and a length register. That of S0 lies in physical memory; those of P0
 * and P1 lie in S0's virtual memory, so that they can be paged and need not exist where nothing is mapped; a walk for a
 * user page then reads a system entry first, to find the page of the user table: two entries in all, and one for a
 * system page. Page 0 is never mapped, so that null pointers fault.
 * Sources: Arpaci-Dusseau, "Operating Systems: Three Easy Pieces", ch. 23; VAX Architecture Reference Manual, ch. 4;
 * Levy, Lipman, "Virtual Memory Management in the VAX/VMS Operating System", IEEE Computer 15 (3), 1982.
 *
 * Simplified: the entries of a linear table are kept as pages of a tree of which only those in use exist: [part] chooses
 * base and length, the next two stand for the system entries that map the user table. These cost one page a part and
 * one for every 8 KiB of user table; VMS has them in its system table at all times. Kernel windows and where S0 puts
 * them are Linux's: kernel logical addresses lie at the bottom of S0 (mapped by its table), vmalloc above them.
 */

import { VAX } from '../../arch/vax.ts';
import { GIB, KIB, MIB } from '../../base/units.ts';
import { VMS } from '../../kernel/others.ts';
import type { Family } from '../family.ts';
import { CONTIGUOUS } from '../firmware/memory-map.ts';
import type { AddressRange } from '../layout.ts';
import type { LayoutMember } from '../member.ts';
import { buildPlanned, type LayoutPlan } from '../plan.ts';
import { region } from '../regions.ts';
import { IMAGE_3G, movedTo } from '../x86/kernel-image.ts';

/** The regions (VAX Architecture Reference Manual ch. 4). */
const P0: AddressRange = { start: 0n, end: GIB };
const P1: AddressRange = { start: GIB, end: 2n * GIB };
const S0: AddressRange = { start: 2n * GIB, end: 3n * GIB };
const LOWEST: AddressRange = { start: 512n, end: P0.end };
/** As much RAM as the largest machines had room for (VAX 8800). */
const MOST_RAM = 512n * MIB;
const VMALLOC: AddressRange = { start: S0.start + 520n * MIB, end: S0.end - 2n * MIB };

const PLAN: LayoutPlan = {
  userParts: { text: LOWEST, mmap: LOWEST, mmapUpwards: false, stack: P1 },
  segments: undefined,
  userRegions: [
    { ...region('user', P0), name: 'P0 (program)' },
    { ...region('user', P1), name: 'P1 (control)' },
  ],
  pageOffset: S0.start,
  taskSize: S0.start,
  stackTop: P1.end,
  mmapBase: P0.end,
  textBase: LOWEST.start,
  maxMem: MOST_RAM,
  lowMemoryEnd: MOST_RAM,
  memoryEnd: MOST_RAM,
  lowZones: [],
  vmalloc: VMALLOC,
  pkmap: undefined,
  fixmap: { start: S0.end - MIB, end: S0.end },
  fixmapTotalStart: S0.end - MIB,
  modules: VMALLOC,
  otherRegions: [],
  structPageBytes: 32,
  kernelStackBytes: Number(8n * KIB),
  kernelImage: movedTo(MIB, IMAGE_3G),
};

const GROUND = { arch: VAX, physicalBase: 0n };

export const VAX_FAMILY: Family = {
  name: 'vax',
  kernel: VMS,
  machine: CONTIGUOUS,
  ports: [{ arch: VAX, booted: undefined }],
};

export const VAX_LAYOUTS: readonly LayoutMember[] = [
  {
    name: 'vax-vms',
    family: 'vax',
    title: 'VAX/VMS: pages of 512 bytes, P0 and P1 for the user, S0 for the system, linear page tables',
    minimumRamBytes: 16n * MIB,
    ...GROUND,
    kernel: VMS,
    booted: undefined,
    machine: CONTIGUOUS,
    build: (input) => buildPlanned(PLAN, GROUND, input),
  },
];
