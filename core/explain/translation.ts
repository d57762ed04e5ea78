/** The way from a virtual address to a physical one: by the page tables, or by arithmetic where there are none. */
import { pa } from '../layout/convert.ts';
import type { Layout, Region } from '../layout/layout.ts';
import { pageNumber } from '../layout/regions.ts';
import type { Machine, Mm } from '../machine/machine.ts';
import { type WalkStep, walkOf } from './walk.ts';

interface Translation {
  readonly walk: readonly WalkStep[];
  /** Undefined: nothing is mapped there. */
  readonly physical: bigint | undefined;
}

/** Of an address in `region`; `mm`: whose user space it is. */
export function translationOf(
  machine: Machine,
  address: bigint,
  region: Region | undefined,
  mm: Mm | undefined,
): Translation {
  const physical = linearPhysical(machine.platform.layout, address, region);
  if (physical !== undefined) return { walk: [], physical };
  return walked(machine, address, region?.kind === 'user' ? mm?.root : kernelRootFor(machine, region));
}

/** The machine has page tables for these regions only; of the others it knows the place. */
const FILLED: readonly Region['kind'][] = ['direct', 'vmalloc', 'pkmap', 'fixmap'];

function kernelRootFor({ platform }: Machine, region: Region | undefined): number | undefined {
  return region === undefined || FILLED.includes(region.kind) ? platform.kernelRoot : undefined;
}

/**
 * What arithmetic gives: in the image of the kernel, whose tables the machine does not keep, and in windows that need
 * no tables because a TLB miss there is served by a constant.
 */
function linearPhysical(layout: Layout, address: bigint, region: Region | undefined): bigint | undefined {
  if (region?.kind === 'kernel_image') return pa(layout, address);
  if (layout.arch.translation.linearPageBytes === undefined) return undefined;
  if (region?.kind === 'direct') return pa(layout, address);
  return region?.kind === 'uncached' ? address - region.start : undefined;
}

/** The entries that are read, from the root to the page or to the first absent one. */
function walked(machine: Machine, address: bigint, root: number | undefined): Translation {
  const { layout } = machine.platform;
  if (root === undefined) return { walk: [], physical: undefined };
  const walk = walkOf(machine, root, pageNumber(layout, address));
  const page = walk.at(-1)!.page;
  if (page === undefined) return { walk, physical: undefined };
  const inPage = address & (BigInt(page.bytes) - 1n);
  return { walk, physical: (BigInt(page.pfn) << BigInt(layout.pageShift)) + inPage };
}
