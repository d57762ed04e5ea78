/**
 * Frames by who owns them: a process, a file, a slab cache, an object of the workload, or the kernel. The largest owners
 * have a class each, the rest of each kind is one.
 */
import type { Machine } from '../../../core/machine/machine.ts';
import { type CellCounts, MOST_CLASSES } from './cells.ts';
import { largestOwners } from './largest-owners.ts';
import {
  FREE,
  forEachAddressSpace,
  forEachOwned,
  forEachOwner,
  KERNEL,
  kindOf,
  NO_RAM,
  NOBODY,
  ON_CPU_LIST,
  type OwnerKey,
  ownerName,
  processKey,
  SHARED,
} from './owners.ts';

export interface OwnerClasses {
  readonly names: readonly string[];
  /** By owner: its class. */
  readonly classOf: (key: OwnerKey) => number;
}

/** Those that are always there, in this order. */
const FIXED: readonly (readonly [OwnerKey, string])[] = [
  [FREE, 'free'],
  [ON_CPU_LIST, 'per-cpu list'],
  [KERNEL, 'kernel'],
  [SHARED, 'shared by processes'],
  [NOBODY, 'of no process any more'],
  [NO_RAM, 'no RAM'],
];
const OTHERS = [
  'other processes',
  'other files',
  'other shared memory',
  'other slab caches',
  'other objects',
];
const NAMED = MOST_CLASSES - FIXED.length - OTHERS.length;

/** The largest owners of the machine by name, by falling size: they are the same whatever part of it is looked at. */
export function ownerClasses(machine: Machine): OwnerClasses {
  const named = largestOwners(machine, NAMED);
  const classes = new Map<OwnerKey, number>(
    [...FIXED.map(([key]) => key), ...named].map((key, cls) => [key, cls]),
  );
  const firstOther = classes.size;
  return {
    names: [...FIXED.map(([, name]) => name), ...named.map((key) => ownerName(machine, key)), ...OTHERS],
    classOf: (key) => classes.get(key) ?? firstOther + kindOf(key) - 1,
  };
}

export function paintOwners(machine: Machine, cells: CellCounts, { classOf }: OwnerClasses): void {
  forEachOwner(machine, cells.first, cells.end, (from, to, key) => cells.add(from, to, classOf(key)));
  const [kernel, nobody] = [classOf(KERNEL), classOf(NOBODY)];
  forEachAddressSpace(machine, (pid, mm) => {
    const own = classOf(processKey(pid));
    forEachOwned(machine, mm, (pfn, count, isTable) =>
      cells.move(pfn, count, isTable ? kernel : nobody, own),
    );
  });
}
