/**
 * What a TLB model is: the TLBs and walk caches of a cpu, of whatever make. `makeTlb` (make.ts) chooses one by the
 * options, a caller may bring its own; whoever translates, flushes or explains knows no more of it than this.
 *
 * A model holds no state. The entries of each cpu lie in one array of numbers (`cells`) that the machine keeps and
 * copies, and in which an empty cell is 0.
 */
import type { MmuOptions } from './options.ts';
import type { Run } from './run.ts';

/** What a model leaves to whoever has the page tables. Asked where the first level cannot serve; never for a hit there. */
export interface Misses {
  /** The page was in a lower level than the first. A store has its dirty bit checked besides. */
  servedBelow(ref: number): void;
  /** A store hit an entry that is not known to be dirty: the page may be so already, or need a page fault. */
  checkDirty(key: number, ref: number): void;
  /**
   * No TLB had the page: walks for it, and sets its dirty bit for a store. A walk cache leaves `entriesLeft` entries to
   * be read, 0: it has to begin at the root.
   */
  walk(key: number, ref: number, entriesLeft: number): void;
  /**
   * All that is left of a run, in its order: walks, of those marked REF_SHORT_WALK with one entry left, and for those
   * marked REF_CHECK_DIRTY that instead.
   */
  serve(run: Run): void;
}

/** One array of entries of a cpu. */
export interface TlbPart {
  /** As options name it: `l1d`, `pdeCache`. Arrays of one TLB for pages of other sizes share its name. */
  readonly name: string;
  /** A TLB holds pages; a walk cache holds tables, to which it shortens walks. */
  readonly holds: 'pages' | 'tables';
  /** Of pages: their sizes (see HeldEntry). Of tables: how many entries a walk for a base page has still to read. */
  readonly sizeClasses: readonly number[];
  readonly sets: number;
  readonly ways: number;
}

/** An entry that a cpu holds. */
export interface HeldEntry {
  readonly part: TlbPart;
  readonly set: number;
  readonly way: number;
  /** 0: global, of the kernel. */
  readonly asid: number;
  /** Levels of the entry above the last one: 0 for a base page, 1 for a page mapped one level up, or a table of base pages. */
  readonly sizeClass: number;
  /** The base pages [vpn, vpn + nrPages) that it translates, or to which it shortens walks. */
  readonly vpn: number;
  readonly nrPages: number;
  /** Known to be dirty: a store through it need not look at the page table. */
  readonly isDirty: boolean;
}

/** A TLB with its walk caches, of all cpus of a machine; a machine is given one of its own by the option `tlb`. */
export interface TlbModel {
  readonly parts: readonly TlbPart[];
  /**
   * Whether a repeat of the page before, by the same kind of reference (instruction or data), may change anything. If
   * not, such repeats are counted as first-level hits and left out of runs.
   */
  readonly everyReference: boolean;
  /**
   * A power of two: a repeat, by the same kind of reference, of the last page among those whose numbers are the same modulo
   * this changes nothing either. 1 if not given: only a repeat of the page before.
   */
  readonly quietSets?: number;
  /** The cells of a cpu that has translated nothing. */
  create(): Float64Array;
  /** Looks up all references of a run, in their order as far as results go, and fills what missed. */
  touch(cells: Float64Array, run: Run, misses: Misses): void;
  /** Drops the entries whose keys lie in [low, high), and walk caches as a whole (Intel SDM vol. 3A, 4.10.4.1). */
  drop(cells: Float64Array, low: number, high: number): void;
  /** Drops everything, global entries too. */
  empty(cells: Float64Array): void;
  /** Every entry that is there. */
  describe(cells: Float64Array): HeldEntry[];
}

/** The page tables that a model caches, as far as it has to know them. */
export interface TableTree {
  readonly nrLevels: number;
  /** Base pages that a page covers, by size class: those of each level, lowest first, and perhaps one above. */
  readonly pageSpans: readonly number[];
}

/** Makes the model that the options describe. */
export type TlbMaker = (options: MmuOptions, tree: TableTree) => TlbModel;
