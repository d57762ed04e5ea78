/** Where the naive kernel puts mappings: every gap is looked at. */
import { PLACE_PIE, PLACE_STACK, PLACE_TEXT } from '../../core/event/mmap-flags.ts';
import type { Layout } from '../../core/layout/layout.ts';
import { VM_GROWSDOWN } from '../../core/mm/vma.ts';
import { type NaiveMapping, type NaiveProcess, Refused, refuseIf } from './naive-process.ts';

export const MAP_MIN_PAGES = 16;
const GUARD_PAGES = 256;
const STACK_LIMIT_PAGES = 2048;

export class NaivePlaces {
  private readonly layout: Layout;
  /** Base pages of a huge page, if there are any. */
  private readonly hugePages: number | undefined;

  constructor(layout: Layout, hugePages: number | undefined) {
    this.layout = layout;
    this.hugePages = hugePages;
  }

  /** First page of a new mapping; `where`: PLACE_ flags. */
  place(process: NaiveProcess, where: number, pages: number): number {
    const top = this.page(this.layout.stackTop);
    const base = this.page(this.layout.mmapBase);
    if (where === PLACE_TEXT || where === PLACE_PIE) {
      const start = process.textEnd || this.page(where === PLACE_PIE ? this.pieBase() : this.layout.textBase);
      refuseIf(!this.isFree(process, start, start + pages), 'user-space');
      return start;
    }
    const found =
      where === PLACE_STACK ? this.highest(process, pages, base, top) : this.anywhere(process, pages);
    if (found === undefined) throw new Refused('user-space');
    return found;
  }

  /** The same for a file, which 6.1 puts at a multiple of a huge page if it fills one. */
  placeFile(process: NaiveProcess, where: number, pages: number): number {
    const { hugePages } = this;
    const padded =
      where !== 0 || hugePages === undefined || pages < hugePages
        ? undefined
        : this.anywhere(process, pages + hugePages);
    return padded === undefined
      ? this.place(process, where, pages)
      : Math.ceil(padded / hugePages!) * hugePages!;
  }

  anywhere(process: NaiveProcess, pages: number): number | undefined {
    const [base, top] = [this.page(this.layout.mmapBase), this.page(this.layout.stackTop)];
    const legacyBase = this.page(top3(this.layout.stackTop));
    return this.highest(process, pages, MAP_MIN_PAGES, base) ?? this.lowest(process, pages, legacyBase, top);
  }

  isFree(process: NaiveProcess, start: number, end: number): boolean {
    if (end > this.end()) return false;
    return !process.mappings.some((mapping) => mapping.start < end && mapping.end > start);
  }

  /** Where a heap begins. */
  heapStart(process: NaiveProcess): number {
    return process.textEnd || this.page(this.pieBase() + 4095n);
  }

  /** A page stays free above the heap. */
  hasHeapRoom(process: NaiveProcess, start: number, end: number): boolean {
    const gap = gapsOf(process).find(({ from, to }) => from <= start && end + 1 <= to);
    return end <= this.end() && gap !== undefined;
  }

  /** The page behind user space. */
  end(): number {
    return this.page(this.layout.taskSize);
  }

  /** The highest free place within [low, high), and the lowest. */
  private highest(process: NaiveProcess, pages: number, low: number, high: number): number | undefined {
    const fits = gapsOf(process).map(({ from, to }) => [Math.max(from, low), Math.min(to, high) - pages]);
    const starts = fits.filter(([lowest, start]) => start! >= lowest!).map(([, start]) => start!);
    return starts.length === 0 ? undefined : Math.max(...starts);
  }

  private lowest(process: NaiveProcess, pages: number, low: number, high: number): number | undefined {
    const fits = gapsOf(process).map(({ from, to }) => [Math.max(from, low), Math.min(to, high) - pages]);
    const starts = fits.filter(([start, highest]) => start! <= highest!).map(([start]) => start!);
    return starts.length === 0 ? undefined : Math.min(...starts);
  }

  private pieBase(): bigint {
    return this.layout.arch.wordBits === 32 ? 0x400000n : (this.layout.stackTop / 3n) * 2n;
  }

  private page(address: bigint): number {
    return Number(address / 2n ** BigInt(this.layout.pageShift));
  }
}

/** Between neighbours; the last has no end. */
function gapsOf({ mappings }: NaiveProcess): { from: number; to: number }[] {
  const sorted = mappings.slice().sort((a, b) => a.start - b.start);
  const ends = [0, ...sorted.map(({ end }) => end)];
  const starts = [...sorted.map(guardedStart), Number.POSITIVE_INFINITY];
  return ends.map((from, i) => ({ from, to: starts[i]! }));
}

/** A stack leaves pages below it free. */
function guardedStart({ start, flags }: NaiveMapping): number {
  return (flags & VM_GROWSDOWN) !== 0 ? Math.max(0, start - GUARD_PAGES) : start;
}

/** The mapping above a page, if it is a stack that may grow to contain it. */
export function stackAbove({ mappings }: NaiveProcess, vpn: number): NaiveMapping | undefined {
  const sorted = mappings.slice().sort((a, b) => a.start - b.start);
  const above = sorted.find(({ start }) => start > vpn);
  const below = sorted.findLast(({ end }) => end <= vpn);
  if (above === undefined || (above.flags & VM_GROWSDOWN) === 0) return undefined;
  if (above.end - vpn > STACK_LIMIT_PAGES || vpn < MAP_MIN_PAGES) return undefined;
  const isGuarded = below !== undefined && (below.flags & VM_GROWSDOWN) === 0 && below.prot !== 0;
  return isGuarded && vpn - below.end < GUARD_PAGES ? undefined : above;
}

/** A third of user space, in whole pages. */
function top3(top: bigint): bigint {
  return ((top / 3n + 4095n) / 4096n) * 4096n;
}
