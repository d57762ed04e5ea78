/** A member of the table of layouts: what it is called, and how some RAM becomes a layout. */

import type { Architecture } from '../arch/architecture.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { BootedKernel } from './booted.ts';
import type { MachineModel } from './firmware/memory-map.ts';
import type { KernelBuild, Layout, RamRange } from './layout.ts';

/** Options with every default filled in. */
export interface BuildInput {
  /** Checked: ascending, without overlaps, below the simulator's limit. */
  readonly ram: readonly RamRange[];
  readonly kernel: Kernel;
  readonly cpus: number;
  readonly nrCpus: number;
  readonly vmallocBytes: bigint | undefined;
  readonly highmemBytes: bigint | undefined;
  /** Pages of the fixmap that options of the kernel's build take; undefined: as is usual. */
  readonly fixmapOptionPages: number | undefined;
  /** Where physical memory begins: the member's, or what follows from the RAM. */
  readonly physicalBase: bigint;
  readonly build: Partial<KernelBuild> | undefined;
}

/** Everything but what the member itself and its RAM say; where physical memory begins only if it follows from the RAM. */
export type LayoutBody = Partial<Pick<Layout, 'physicalBase'>> &
  Omit<
    Layout,
    | 'name'
    | 'family'
    | 'title'
    | 'arch'
    | 'kernel'
    | 'booted'
    | 'pageShift'
    | 'physicalBase'
    | 'ram'
    | 'ramBytes'
    | 'physical'
    | 'cpus'
    | 'nrCpus'
    | 'onlineCpus'
    | 'possibleCpus'
  >;

/** A platform: a layout on an architecture under a kernel. */
export interface LayoutMember {
  readonly name: string;
  readonly family: string;
  readonly title: string;
  readonly arch: Architecture;
  /** Unless another one is asked for. */
  readonly kernel: Kernel;
  readonly booted: BootedKernel | undefined;
  /** Where physical memory begins, at a page. */
  readonly physicalBase: bigint;
  /** The same for a board's own memory map, where the kernel finds out by itself; it may begin anywhere. */
  readonly physicalBaseOf?: (ram: readonly RamRange[]) => bigint;
  /** Less RAM than this does not hold the kernel and something to simulate. */
  readonly minimumRamBytes: bigint;
  readonly machine: MachineModel;
  /** Its kernel can be configured otherwise (KernelBuild); else only as the captured one is, or as its file says. */
  readonly heedsBuild?: true;
  readonly build: (input: BuildInput) => LayoutBody;
}
