/** A set-associative cache the slow way: for each set a list of ways, and what each policy has to remember of them. */
import type { CacheShape, MmuOptions } from '../../core/tlb/options.ts';

export interface NaiveEntry {
  /** Whose page, of which size, and which: `asid/size/page`. */
  readonly name: string;
  /** A store went through this entry. */
  dirty: boolean;
}

interface NaiveSet {
  readonly ways: (NaiveEntry | undefined)[];
  /** Ways by last use, and by filling: the first of a list is the next to go. */
  used: number[];
  filled: number[];
  readonly tree: Tree;
}

/** A binary tree over ways: each node knows in which half it should look for a victim. */
type Tree = { readonly halves: readonly [Tree, Tree]; next: 0 | 1 } | { readonly way: number };

function treeOver(ways: readonly number[]): Tree {
  if (ways.length <= 1) return { way: ways[0] ?? 0 };
  const middle = ways.length / 2;
  return { halves: [treeOver(ways.slice(0, middle)), treeOver(ways.slice(middle))], next: 0 };
}

function waysOf(tree: Tree): number[] {
  return 'way' in tree ? [tree.way] : tree.halves.flatMap(waysOf);
}

/** Every node on the way to a way that was used points to the other half. */
function pointAway(tree: Tree, way: number): void {
  if ('way' in tree) return;
  const half = waysOf(tree.halves[0]).includes(way) ? 0 : 1;
  tree.next = half === 0 ? 1 : 0;
  pointAway(tree.halves[half], way);
}

function pointedAt(tree: Tree): number {
  return 'way' in tree ? tree.way : pointedAt(tree.halves[tree.next]);
}

export class NaiveCache {
  private readonly sets: NaiveSet[];
  private readonly replacement: MmuOptions['replacement'];
  private random: bigint;

  constructor({ sets, ways }: CacheShape, replacement: MmuOptions['replacement'], seed: number) {
    const numbers = Array.from({ length: ways }, (_, way) => way);
    this.replacement = replacement;
    this.random = BigInt(seed);
    this.sets = Array.from({ length: sets }, () => ({
      ways: numbers.map(() => undefined),
      used: [...numbers],
      filled: [...numbers],
      tree: treeOver(replacement === 'plru' ? numbers : []),
    }));
  }

  /** Looks a page up; it is in its set afterwards, in an empty way or in that of the entry that has to go. */
  touch(page: number, name: string): { hit: boolean; entry: NaiveEntry } {
    const set = this.sets[page % this.sets.length]!;
    const fresh = { name, dirty: false };
    if (set.ways.length === 0) return { hit: false, entry: fresh };
    const found = set.ways.findIndex((entry) => entry?.name === name);
    const way = found >= 0 ? found : this.wayToFill(set);
    if (found < 0) {
      set.ways[way] = fresh;
      set.filled = [...set.filled.filter((other) => other !== way), way];
    }
    set.used = [...set.used.filter((other) => other !== way), way];
    if (this.replacement === 'plru') pointAway(set.tree, way);
    return { hit: found >= 0, entry: set.ways[way]! };
  }

  private wayToFill(set: NaiveSet): number {
    const empty = set.ways.indexOf(undefined);
    if (empty >= 0) return empty;
    if (this.replacement === 'lru') return set.used[0]!;
    if (this.replacement === 'fifo') return set.filled[0]!;
    if (this.replacement === 'plru') return pointedAt(set.tree);
    this.random = (this.random * 1_664_525n + 1_013_904_223n) % 2n ** 32n;
    return Number((this.random >> 16n) % BigInt(set.ways.length));
  }

  /** Everything it holds. */
  entries(): NaiveEntry[] {
    return this.sets.flatMap(({ ways }) => ways.filter((entry) => entry !== undefined));
  }

  drop(isGone: (name: string) => boolean): void {
    for (const { ways } of this.sets)
      ways.forEach((entry, way) => {
        if (entry !== undefined && isGone(entry.name)) ways[way] = undefined;
      });
  }
}
