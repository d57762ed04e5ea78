/**
 * The memory map that a kernel ended up with: the last of the maps that it printed, with the changes that came after.
 * Boot options change it where the log has the command line but not what became of it.
 *
 * Sources: arch/x86/kernel/e820.c, v6.1: e820__update_table (where entries overlap the larger type counts, and RAM is the
 * smallest), parse_memopt and parse_memmap_one (mem=, memmap=).
 */
import { UsageError } from '../../base/errors.ts';
import type { PhysicalRange } from '../layout.ts';
import type { E820Change, E820Entry } from './e820-lines.ts';
import { SYSTEM_RAM } from './memory-map.ts';

/** Maps have 128 entries, or some more from EFI; this bounds the work, not the machine. */
const MOST_ENTRIES = 4096;

export class E820Map {
  private map: string | undefined;
  private ranges: PhysicalRange[] = [];
  private entries = 0;
  /** Maps in the order of the log. */
  readonly maps: string[] = [];

  add(event: E820Entry | E820Change): void {
    if (++this.entries > MOST_ENTRIES)
      throw new UsageError(
        `memory map: found more than ${MOST_ENTRIES} entries, expected the map of one machine: give the part of the log with it`,
      );
    if (event.kind === 'change') this.change(event);
    else this.addEntry(event);
  }

  /** Entries of another map begin it anew. */
  private addEntry({ map, start, end, name }: E820Entry): void {
    if (map !== this.map) {
      this.map = map;
      this.ranges = [];
      this.maps.push(map);
    }
    if (
      start < end &&
      !this.ranges.some((one) => one.start === start && one.end === end && one.name === name)
    )
      this.ranges.push({ start, end, name });
  }

  change({ start, end, from, to }: Omit<E820Change, 'kind'>): void {
    this.ranges = this.ranges.flatMap((range) => {
      if ((from !== undefined && range.name !== from) || range.end <= start || range.start >= end)
        return [range];
      const inside = { start: larger(range.start, start), end: smaller(range.end, end), name: to ?? '' };
      return [
        { ...range, end: inside.start },
        ...(to === undefined ? [] : [inside]),
        { ...range, start: inside.end },
      ].filter((part) => part.start < part.end);
    });
  }

  /** memmap=: what it was before counts no more. */
  set(start: bigint, end: bigint, name: string): void {
    this.change({ start, end, from: undefined, to: undefined });
    this.ranges.push({ start, end, name });
  }

  clear(): void {
    this.ranges = [];
  }

  /** Ascending; RAM only where nothing else is. */
  result(): PhysicalRange[] {
    const others = merged(this.ranges.filter(({ name }) => name !== SYSTEM_RAM));
    const ram = joined(this.ranges.filter(({ name }) => name === SYSTEM_RAM));
    return [...outside(ram, others), ...this.ranges.filter(({ name }) => name !== SYSTEM_RAM)].sort(byPlace);
  }
}

export function byPlace(a: PhysicalRange, b: PhysicalRange): number {
  if (a.start !== b.start) return a.start < b.start ? -1 : 1;
  return a.end === b.end ? 0 : a.end > b.end ? -1 : 1;
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

/** Overlapping ranges as one; neighbours stay two, as the kernel lists them. */
export function joined(ranges: readonly PhysicalRange[]): PhysicalRange[] {
  return swallow(ranges, (start, end) => start < end);
}

function merged(ranges: readonly PhysicalRange[]): PhysicalRange[] {
  return swallow(ranges, (start, end) => start <= end);
}

function swallow(
  ranges: readonly PhysicalRange[],
  belongs: (start: bigint, end: bigint) => boolean,
): PhysicalRange[] {
  const out: PhysicalRange[] = [];
  for (const range of [...ranges].sort(byPlace)) {
    const last = out.at(-1);
    if (last === undefined || !belongs(range.start, last.end)) out.push(range);
    else if (range.end > last.end) out[out.length - 1] = { ...last, end: range.end };
  }
  return out;
}

/** Ranges without those of holes; both ascend, and holes do not overlap. */
function outside(ranges: readonly PhysicalRange[], holes: readonly PhysicalRange[]): PhysicalRange[] {
  let first = 0;
  return ranges.flatMap((range) => {
    const parts: PhysicalRange[] = [];
    let { start } = range;
    while (first < holes.length && holes[first]!.end <= start) first++;
    for (let i = first; i < holes.length && holes[i]!.start < range.end; i++) {
      if (holes[i]!.start > start) parts.push({ ...range, start, end: holes[i]!.start });
      start = larger(start, holes[i]!.end);
    }
    return start < range.end ? [...parts, { ...range, start }] : parts;
  });
}
