/** VMAs in trees are what they are in a list, whatever is done to them; and what they were stays as it was. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Moved } from '../../../core/mm/moved.ts';
import { baseVpn, endVpn, VM_GROWSDOWN, VM_LOCKED, type Vma } from '../../../core/mm/vma.ts';
import { highestGap, lowestGap } from '../../../core/mm/vma-gaps.ts';
import { Vmas, type VmasEdit } from '../../../core/mm/vmas.ts';
import { Node, type SortedTree } from '../../../core/state/sorted-tree.ts';
import { NaiveVmas } from '../../models/naive-vmas.ts';
import { atDepth } from '../../support/depth.ts';

const ROOM = 2000;
const GUARD = 7;

type Operation =
  | {
      readonly do: 'insert' | 'change';
      readonly at: number;
      readonly pages: number;
      readonly object: number;
      readonly flags: number;
    }
  | { readonly do: 'cut'; readonly at: number; readonly pages: number }
  | {
      readonly do: 'place';
      readonly at: number;
      readonly pages: number;
      readonly object: number;
      readonly flags: number;
    }
  | { readonly do: 'seal' };

const at = fc.nat(ROOM);
const pages = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 4 }) },
  fc.integer({ min: 5, max: 60 }),
);
const object = fc.integer({ min: 1, max: 60 });
const flags = fc.constantFrom(0, 0, 0, VM_LOCKED, VM_GROWSDOWN);
const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom('insert' as const, 'place' as const),
      at,
      pages,
      object,
      flags,
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('change' as const), at, pages, object, flags }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('cut' as const), at, pages }) },
  { weight: 1, arbitrary: fc.constant({ do: 'seal' as const }) },
);

/** Both, told the same. */
class Pair {
  sealed = Vmas.EMPTY;
  edit: VmasEdit = Vmas.EMPTY.edit();
  readonly naive = new NaiveVmas();
  /** Sealed trees, and what was in them then. */
  readonly kept: [Vmas, readonly Vma[]][] = [];

  do(operation: Operation): void {
    if (operation.do === 'seal') {
      this.sealed = this.edit.seal();
      this.kept.push([this.sealed, this.naive.list]);
      this.edit = this.sealed.edit();
    } else if (operation.do === 'cut') this.cut(operation.at, operation.at + operation.pages);
    else if (operation.do === 'change') this.change(operation.at, operation.flags);
    else this.insert(operation.at, operation);
  }

  private insert(
    start: number,
    {
      do: how,
      pages: nrPages,
      object: of,
      flags: bits,
    }: Operation & { object: number; pages: number; flags: number },
  ): void {
    const search = { nrPages, lowVpn: start, highVpn: ROOM, guardPages: GUARD };
    const place = start % 2 === 0 ? highestGap(this.edit, search) : lowestGap(this.edit, search);
    expect(place).toBe(start % 2 === 0 ? this.naive.highestGap(search) : this.naive.lowestGap(search));
    const startVpn = how === 'place' ? place : start;
    if (startVpn === undefined || this.naive.within(startVpn, startVpn + nrPages).length > 0) return;
    const base = this.naive.list.find((vma) => vma.object === of);
    const objectPage = base === undefined ? 0 : startVpn - baseVpn(base);
    const vma: Vma = {
      startVpn,
      nrPages,
      object: of,
      objectPage,
      prot: 3,
      flags: bits,
      shared: false,
      file: 0,
    };
    this.edit.insert(vma);
    this.naive.insert(vma);
  }

  /** Of what lies there, VMA by VMA. */
  private cut(start: number, end: number): void {
    for (const part of this.naive.within(start, end)) {
      this.edit.cut(part.startVpn, endVpn(part));
      this.naive.cut(part.startVpn, endVpn(part));
    }
  }

  private change(start: number, bits: number): void {
    for (const part of this.naive.within(start, start + 9)) {
      const changed = { ...part, flags: bits };
      this.edit.changePart(part, changed);
      this.naive.cut(part.startVpn, endVpn(part));
      this.naive.insert(changed);
    }
  }

  check(vpn: number): void {
    const { edit, naive } = this;
    expect(edit.toArray()).toEqual(naive.list);
    expect(edit.count).toBe(naive.list.length);
    expect(edit.at(vpn)).toEqual(naive.list.find((vma) => vma.startVpn <= vpn && endVpn(vma) > vpn));
    expect(edit.firstEndingAbove(vpn)).toEqual(naive.list.find((vma) => endVpn(vma) > vpn));
    expect(edit.lastEndingBelow(vpn)).toEqual(naive.list.findLast((vma) => endVpn(vma) <= vpn));
    expect(edit.within(vpn, vpn + 99)).toEqual(naive.within(vpn, vpn + 99));
    for (const of of new Set(naive.list.map((vma) => vma.object))) {
      const own = naive.list.filter((vma) => vma.object === of);
      const base = baseVpn(own[0]!);
      expect([edit.maps(of), edit.firstOf(of), edit.lastOf(of)]).toEqual([true, own[0], own.at(-1)]);
      expect(edit.partsOf(of, base, vpn - base, Number.POSITIVE_INFINITY)).toEqual(
        naive.partsOf(of, base, vpn - base, Number.POSITIVE_INFINITY),
      );
    }
    expect([edit.maps(0), edit.firstOf(61), edit.lastOf(0)]).toEqual([false, undefined, undefined]);
    for (const tree of [edit.byAddress, edit.byObject]) checkNodes(tree);
  }
}

/** All leaves at one height, no node too full or too empty, and each knows its ends. */
function checkNodes(tree: SortedTree<Vma>): void {
  const visit = (node: Node<Vma>, isRoot: boolean): void => {
    expect(node.entries.length).toBeLessThanOrEqual(32);
    if (!isRoot) expect(node.entries.length).toBeGreaterThanOrEqual(8);
    expect([node.first, node.last]).toEqual([itemsOf(node)[0], itemsOf(node).at(-1)]);
    for (const entry of node.entries) {
      expect(entry instanceof Node ? entry.height : -1).toBe(node.height - 1);
      if (entry instanceof Node) visit(entry, false);
    }
  };
  if (tree.count > 0) visit(tree.root, true);
}

function itemsOf({ entries }: Node<Vma>): Vma[] {
  return entries.flatMap((entry) => (entry instanceof Node ? itemsOf(entry) : [entry]));
}

describe('VMAs in trees are what they are in a list', () => {
  test('whatever is put in, taken out and looked for; and sealed trees stay as they were', () => {
    const streams = fc.array(operation, { minLength: 100, maxLength: 700, size: 'max' });
    fc.assert(
      fc.property(streams, at, (operations, vpn) => {
        const pair = new Pair();
        for (const [i, one] of operations.entries()) {
          pair.do(one);
          if (i % 97 === 0) pair.check((vpn + i) % ROOM);
        }
        pair.check(vpn);
        for (const [sealed, list] of pair.kept) expect(sealed.toArray()).toEqual(list);
      }),
      { numRuns: atDepth({ quick: 9, full: 25 }) },
    );
  });

  test('read back from JSON they are the same', () => {
    const edit = Vmas.EMPTY.edit();
    for (let i = 0; i < 500; i++)
      edit.insert({
        startVpn: 3 * i,
        nrPages: 2,
        object: i % 7,
        objectPage: 3 * i,
        prot: 1,
        flags: 0,
        shared: false,
        file: 0,
      });
    const text = JSON.stringify(edit.seal());
    expect(JSON.stringify(Vmas.of(JSON.parse(text) as Vma[]))).toBe(text);
  });
});

test('what was moved is an object in JSON, by number, the largest included', () => {
  const bases = new Map([4_294_967_295, 5, 0, 17].map((of) => [of, 3 * of]));
  const moved = [...bases].reduce((all, [of, base]) => all.with(of, base), Moved.NOTHING);
  expect(JSON.stringify(moved)).toBe('{"0":0,"5":15,"17":51,"4294967295":12884901885}');
  expect(JSON.stringify(Moved.fromJSON(JSON.parse(JSON.stringify(moved))))).toBe(JSON.stringify(moved));
  expect(moved.with(5, 1).baseOf(5)).toBe(1);
  expect(moved.with(5, undefined).baseOf(5)).toBe(undefined);
  expect([moved.baseOf(5), moved.baseOf(6)]).toEqual([15, undefined]);
});
