import { expect, test } from 'vitest';
import { deepCopy } from '../../../traces/import/deep-copy.ts';

class Node {
  next: Node | undefined;
  readonly seen = new Map<string, Node>();
  readonly set = new Set<Node>();
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

test('a copy has the same shape, rings and methods, and nothing in common but what is shared', () => {
  const shared = { count: 0 };
  const [a, b] = [new Node('a'), new Node('b')];
  a.next = b;
  b.next = a;
  a.seen.set('b', b);
  a.set.add(a);
  const copy = deepCopy({ list: [a, b], shared }, new Set([shared]));
  const [first, second] = copy.list as [Node, Node];
  expect(copy).toEqual({ list: [a, b], shared });
  expect(copy.shared).toBe(shared);
  expect([first === a, first.next === second, second.next === first]).toEqual([false, true, true]);
  expect([first.seen.get('b') === second, first.set.has(first), first instanceof Node]).toEqual([
    true,
    true,
    true,
  ]);
});

test('a chain as long as a heap has chunks does not run out of stack', () => {
  const first = new Node('0');
  for (let [node, i] = [first, 1]; i < 100_000; i++, node = node.next!) node.next = new Node(`${i}`);
  let length = 0;
  for (let node: Node | undefined = deepCopy(first, new Set()); node !== undefined; node = node.next)
    length++;
  expect(length).toBe(100_000);
});
