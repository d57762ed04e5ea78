/**
 * Arrays of TLBs that serve many makes at once. What a bank says of a reference is how deep it lay: an array of `ways`
 * had it if that is less.
 *
 * True LRU has inclusion (Mattson, Gecsei, Slutz, Traiger, "Evaluation techniques for storage hierarchies", IBM Systems
 * Journal 9(2), 1970; by sets: Hill and Smith, "Evaluating associativity in CPU caches", IEEE TC 38(12), 1989): of arrays
 * with equally many sets each holds what the smaller ones hold. So one stack for each set, with its most recent entry
 * first, tells of all associativities. Two things more than in those papers:
 *
 * - What is dropped leaves a hole at its depth, for an array has room from then on if it was deep enough to hold it. The
 *   next entry that is pushed down fills the topmost hole, and below nothing moves.
 * - An array knows an entry as dirty if it held it ever since a store. With each entry stands the greatest depth at which
 *   it was found since: only deeper arrays know.
 *
 * Nothing else has inclusion (FIFO has none: Belady's anomaly), so such an array is simulated by itself.
 */
import type { CacheArray } from '../../tlb/arrangement.ts';
import { HIT, MISS } from '../../tlb/lru-sets.ts';
import type { CacheShape, Replacement } from '../../tlb/options.ts';
import { stateCells, touchArray } from '../../tlb/replacement.ts';
import { REF_STORE } from '../../tlb/run.ts';
import type { Drops } from './drops.ts';
import type { References } from './references.ts';

/** Deeper than any array: not there, or never known as dirty. */
export const ABSENT = 0xffff;

export abstract class Bank {
  /** By position among the references that were given last. Those of other sorts than the bank's keep what they had. */
  depth = new Uint16Array(0);
  /** Of those that a first level was given: an array knew the entry as dirty if it had more ways than that. */
  since = new Uint16Array(0);
  /** A bit for each sort that comes here. */
  protected readonly sorts: number;
  private readonly byCpu: (BankState | undefined)[] = [];

  constructor(sorts: number) {
    this.sorts = sorts;
  }

  /** Looks all of them up, and puts what is missing in front. */
  touch(cpu: number, references: References, drops: Drops): void {
    if (this.depth.length < references.count) {
      this.depth = new Uint16Array(2 * references.count);
      this.since = new Uint16Array(2 * references.count);
    }
    this.byCpu[cpu] ??= this.begin();
    this.touchAll(this.byCpu[cpu], references, drops);
  }

  /** Lets every set see what was dropped. */
  catchUp(cpu: number, drops: Drops): void {
    const state = this.byCpu[cpu];
    if (state === undefined) return;
    const { cells, seen } = state;
    const ways = this.ways;
    for (let set = 0; set < seen.length; set++)
      if (seen[set] !== drops.count) drops.apply(cells, set * ways, (set + 1) * ways, seen[set]!);
    seen.fill(0);
  }

  protected abstract readonly ways: number;
  protected abstract begin(): BankState;
  protected abstract touchAll(state: BankState, references: References, drops: Drops): void;
}

/** Of one cpu. */
interface BankState {
  /** Set by set; 0: nothing, or a hole. */
  readonly cells: Float64Array;
  /** Of each cell, where a bank keeps that. */
  readonly ages: Uint16Array;
  /** By set: the drops that it has seen. */
  readonly seen: Int32Array;
}

/** Arrays of true LRU with equally many sets, of up to `ways` ways. */
export class StackBank extends Bank {
  protected readonly ways: number;
  private readonly sets: number;
  private readonly knowsDirty: boolean;

  constructor(sorts: number, { sets, ways }: CacheShape, knowsDirty: boolean) {
    super(sorts);
    this.sets = sets;
    this.ways = ways;
    this.knowsDirty = knowsDirty;
  }

  protected begin(): BankState {
    const { sets, ways } = this;
    return {
      cells: new Float64Array(sets * ways),
      ages: new Uint16Array(sets * ways),
      seen: new Int32Array(sets),
    };
  }

  protected touchAll(state: BankState, references: References, drops: Drops): void {
    if (this.knowsDirty) this.touchDirty(state, references, drops);
    else this.touchPlain(state, references, drops);
  }

  private touchPlain({ cells, seen }: BankState, references: References, drops: Drops): void {
    const { depth, sets, sorts, ways } = this;
    const { keys, sorts: sortOf, count } = references;
    const now = drops.count;
    for (let k = 0; k < count; k++) {
      if (((sorts >>> sortOf[k]!) & 1) === 0) continue;
      const key = keys[k]!;
      const set = key & (sets - 1);
      const first = set * ways;
      const end = first + ways;
      if (seen[set] !== now) {
        drops.apply(cells, first, end, seen[set]!);
        seen[set] = now;
      }
      let pushed = cells[first]!;
      depth[k] = 0;
      if (pushed === key) continue;
      depth[k] = ABSENT;
      cells[first] = key;
      let at = first + 1;
      // 1. Down to the entry itself, or to the hole that takes what was pushed last.
      while (pushed !== 0 && at < end) {
        const entry = cells[at]!;
        cells[at] = pushed;
        pushed = entry;
        if (entry === key) {
          depth[k] = at - first;
          at = end;
        } else at++;
      }
      // 2. Below the hole it leaves another one.
      for (; at < end; at++)
        if (cells[at] === key) {
          cells[at] = 0;
          depth[k] = at - first;
          break;
        }
    }
  }

  /** The same, with what each depth knows of dirty pages. */
  private touchDirty({ cells, ages, seen }: BankState, references: References, drops: Drops): void {
    const { depth, since, sets, sorts, ways } = this;
    const { keys, refs, sorts: sortOf, count } = references;
    const now = drops.count;
    for (let k = 0; k < count; k++) {
      if (((sorts >>> sortOf[k]!) & 1) === 0) continue;
      const key = keys[k]!;
      const set = key & (sets - 1);
      const first = set * ways;
      const end = first + ways;
      if (seen[set] !== now) {
        drops.apply(cells, first, end, seen[set]!);
        seen[set] = now;
      }
      let pushed = cells[first]!;
      let pushedAge = ages[first]!;
      let found = 0;
      let age = pushedAge;
      if (pushed !== key) {
        found = ABSENT;
        age = ABSENT;
        cells[first] = key;
        let at = first + 1;
        while (pushed !== 0 && at < end) {
          const entry = cells[at]!;
          const entryAge = ages[at]!;
          cells[at] = pushed;
          ages[at] = pushedAge;
          pushed = entry;
          pushedAge = entryAge;
          if (entry === key) {
            found = at - first;
            age = entryAge;
            at = end;
          } else at++;
        }
        for (; at < end; at++)
          if (cells[at] === key) {
            cells[at] = 0;
            found = at - first;
            age = ages[at]!;
            break;
          }
      }
      depth[k] = found;
      since[k] = age;
      const isStore = (refs[k]! & REF_STORE) !== 0;
      ages[first] = isStore ? 0 : Math.max(age, found);
    }
  }
}

/** One array of any replacement: what it holds has depth 0. */
export class ArrayBank extends Bank {
  protected readonly ways: number;
  private readonly array: CacheArray;
  private readonly replacement: Replacement;
  private readonly seed: number;
  private readonly knowsDirty: boolean;

  /** `seed`: where the generator of this array starts, if replacement is random. */
  constructor(
    sorts: number,
    { sets, ways }: CacheShape,
    knowsDirty: boolean,
    replacement: Replacement,
    seed: number,
  ) {
    super(sorts);
    this.ways = ways;
    this.array = { sets, ways, first: 0, state: sets * ways };
    this.knowsDirty = knowsDirty;
    this.replacement = replacement;
    this.seed = seed;
  }

  protected begin(): BankState {
    const { array, replacement, seed } = this;
    const cells = new Float64Array(array.state + stateCells(replacement, array));
    if (replacement === 'random') cells[array.state] = seed;
    return { cells, ages: new Uint16Array(0), seen: new Int32Array(array.sets) };
  }

  protected touchAll({ cells, seen }: BankState, references: References, drops: Drops): void {
    const { array, depth, knowsDirty, replacement, since, sorts } = this;
    const { sets, ways } = array;
    const { keys, refs, sorts: sortOf, count } = references;
    for (let k = 0; k < count; k++) {
      if (((sorts >>> sortOf[k]!) & 1) === 0) continue;
      const key = keys[k]!;
      const set = key & (sets - 1);
      if (seen[set] !== drops.count) {
        drops.apply(cells, set * ways, (set + 1) * ways, seen[set]!);
        seen[set] = drops.count;
      }
      const isStore = knowsDirty && (refs[k]! & REF_STORE) !== 0;
      const found = touchArray(replacement, cells, array, key, isStore);
      depth[k] = found === MISS ? ABSENT : 0;
      since[k] = found === HIT ? 0 : ABSENT;
    }
  }
}
