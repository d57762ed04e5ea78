/** What is said of a machine, beside what the machine said; or why nothing is said. */
import type { Layout } from '../../../../core/layout/catalog/index.ts';
import type { CapturedMachine } from '../../../captures/captured-machine.ts';

/** Figures by name: what was predicted and what the machine said. `left` names what has no prediction, and why. */
export interface Prediction {
  readonly predicted: Readonly<Record<string, unknown>>;
  readonly captured: Readonly<Record<string, unknown>>;
  readonly left?: Readonly<Record<string, string>>;
}

export type Predict<M = CapturedMachine> = (machine: M, layout: Layout) => Prediction;

/** By key of a machine: what a layout says about it, or the reason why that is not the layout's to say. */
export type Predictions<M> = Readonly<Record<string, Predict<M> | string>>;

export const hex = (value: bigint): string => `0x${value.toString(16)}`;

/** The same reason for several names. */
export function reasons(names: string, reason: string): Record<string, string> {
  return Object.fromEntries(names.split(' ').map((name) => [name, reason]));
}

/** Why something has no prediction here. */
export const INPUT = 'says which machine it is';
export const FRAMES = 'which frame early memory gave';
export const MANAGED =
  'what boot leaves to the page allocator: depends on everything that was allocated before';
export const STRUCTS = 'C structures of the build, not of the address space';
export const PROCESSOR = 'the processor, not the layout';

/** Which tests look at it, over the same machines. */
export const WINDOWS =
  'what drivers and the probe mapped: tests/core/kmap/oracle-windows.test.ts, oracle-areas.test.ts';
export const PAGES = 'the page allocator: tests/core/phys/oracle-pages.test.ts';
export const SLAB = 'the slab allocator: tests/core/slab, tests/core/kmem/kmalloc.test.ts';
export const PROGRAMS = 'programs, their files and arguments: tests/core/vm/oracle-programs.test.ts';
const CONVERSIONS = 'tests/core/layout/convert.test.ts';
const KMAP = 'tests/core/kmap/oracle-kmap.test.ts';

/** Keys of both oracles' machines that other tests look at. */
export const ELSEWHERE: Readonly<Record<string, string>> = {
  conversions: CONVERSIONS,
  userspace: PROGRAMS,
  ...reasons('low_total_kb mem_total_kb', MANAGED),
  ...reasons('buddyinfo buddyinfo_end pagetypeinfo freelists buddy_snapshots', PAGES),
  ...reasons('alloc_pages alloc_seq alloc_seq_after_free', PAGES),
  ...reasons('zone_fallback zone_fallback_state zone_fallback_total', PAGES),
  ...reasons('kmalloc kmalloc_caches kmalloc_lifo slabs slabinfo', SLAB),
  ...reasons('vmallocinfo vmalloc vmalloc_area_only vmalloc_pages vmalloc_reuse', WINDOWS),
  ...reasons('vmap_exhaust vmap_exhaust_result vmalloc_exhaust_result ioremap', WINDOWS),
  ...reasons('kmap kmap_result kmap_again_while_mapped kmap_again_after_kunmap kmap_checks', KMAP),
  ...reasons('kmap_local kmap_local_page kmap_local_fresh kmap_local_fresh_reuse kmap_atomic', KMAP),
  kmap_local_fresh_block: KMAP,
};
