/** What a family of layouts gives to `buildLayout`: rows of the table of names. */

import { MIB } from '../base/units.ts';
import type { MachineModel } from './firmware/memory-map.ts';
import type { Layout, RamRange } from './layout.ts';

/** Options with every default filled in. */
export interface BuildInput {
  /** Checked: ascending, without overlaps, below the simulator's limit. */
  readonly ram: readonly RamRange[];
  readonly cpus: number;
  readonly nrCpus: number;
  readonly vmallocBytes: bigint | undefined;
  readonly highmemBytes: bigint | undefined;
}

/** Everything but what `buildLayout` itself knows. */
export type LayoutBody = Omit<
  Layout,
  'name' | 'family' | 'title' | 'ram' | 'ramBytes' | 'physical' | 'cpus' | 'nrCpus'
>;

export interface LayoutFamilyMember {
  readonly name: string;
  readonly family: Layout['family'];
  readonly title: string;
  /** Less RAM than this does not hold the kernel and something to simulate. */
  readonly minimumRamBytes: bigint;
  /** Largest NR_CPUS that the kernel can be built for. */
  readonly maximumCpus: number;
  readonly machine: MachineModel;
  readonly build: (input: BuildInput) => LayoutBody;
}

/** STACK_TOP minus this is where mmap areas start, without randomisation (arch/x86/mm/mmap.c, v6.1: gap_min). */
export const STACK_GAP = 128n * MIB;
