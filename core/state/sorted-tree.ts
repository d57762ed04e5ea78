/**
 * Sorted trees: items in an order, found, put in and taken out in O(log n), and immutable once sealed.
 *
 *     node of height 1:   entries = [node, node, ...], each with the first and the last item below it
 *     node of height 0:   entries = [item, item, ...]
 *
 * B+ trees with copies of the path: all leaves have the same height, and every node but the root has LEAST to MOST
 * entries. An edit writes nodes in place that it has made itself, and copies those of others before the first write;
 * what it was opened on stays as it was, and shares what is the same.
 *
 * A place in the order is two numbers. An order says whether an item lies wholly before a place, so that places may lie
 * within items, as pages do within mappings; `at(a, b)` is the first item that does not lie before (a, b).
 */
export interface Order<T> {
  isBefore(item: T, a: number, b: number): boolean;
}

/** Entries of a node: two cache lines of pointers; joined when there is a quarter of that. */
const MOST = 32;
const LEAST = MOST / 4;
/** `gap` of a node that was written since it was last worked out. */
export const UNKNOWN = -1;

export class Node<T> {
  /** The token of the edit that made it, and may write it. */
  readonly owner: object;
  readonly height: number;
  entries: (T | Node<T>)[];
  /** Of all below; those of an empty root say nothing. */
  first!: T;
  last!: T;
  /** For whoever looks for room: the largest below, between neighbours (vma-gaps.ts) or in an item (ranges.ts). */
  gap = UNKNOWN;

  constructor(owner: object, height: number, entries: (T | Node<T>)[]) {
    this.owner = owner;
    this.height = height;
    this.entries = entries;
    this.sum();
  }

  /** After a write. */
  sum(): void {
    const { entries, height } = this;
    this.gap = UNKNOWN;
    if (entries.length === 0) return;
    const last = entries[entries.length - 1];
    this.first = height === 0 ? (entries[0] as T) : (entries[0] as Node<T>).first;
    this.last = height === 0 ? (last as T) : (last as Node<T>).last;
  }
}

/** A sealed tree. */
export class SortedTree<T> {
  readonly order: Order<T>;
  /** @internal */
  root: Node<T>;
  /** Items. */
  count: number;

  /** @internal */
  constructor(order: Order<T>, root: Node<T>, count: number) {
    this.order = order;
    this.root = root;
    this.count = count;
  }

  static empty<T>(order: Order<T>): SortedTree<T> {
    return new SortedTree(order, new Node<T>({}, 0, []), 0);
  }

  /** The first item that does not lie before a place. */
  at(a: number, b = 0): T | undefined {
    let node = this.root;
    while (node.height > 0) {
      const i = this.indexIn(node, a, b);
      if (i === node.entries.length) return undefined;
      node = node.entries[i] as Node<T>;
    }
    return node.entries[this.indexIn(node, a, b)] as T | undefined;
  }

  /** The last item that lies before a place. */
  before(a: number, b = 0): T | undefined {
    let node = this.root;
    let found: T | undefined;
    for (;;) {
      const i = this.indexIn(node, a, b);
      if (node.height === 0) return i > 0 ? (node.entries[i - 1] as T) : found;
      if (i === node.entries.length) return node.last;
      if (i > 0) found = (node.entries[i - 1] as Node<T>).last;
      node = node.entries[i] as Node<T>;
    }
  }

  /** Calls `visit` with the items from a place on, until it returns false. */
  visitFrom(a: number, b: number, visit: (item: T) => boolean): void {
    this.visitIn(this.root, a, b, visit);
  }

  private visitIn(node: Node<T>, a: number, b: number, visit: (item: T) => boolean): boolean {
    const { entries, height } = node;
    for (let i = this.indexIn(node, a, b); i < entries.length; i++) {
      const goesOn = height === 0 ? visit(entries[i] as T) : this.visitIn(entries[i] as Node<T>, a, b, visit);
      if (!goesOn) return false;
    }
    return true;
  }

  toArray(): T[] {
    const items: T[] = [];
    addItems(items, this.root);
    return items;
  }

  edit(): SortedTreeEdit<T> {
    return new SortedTreeEdit(this);
  }

  /** Index of the first entry that does not lie wholly before a place. */
  protected indexIn({ entries, height }: Node<T>, a: number, b: number): number {
    const { order } = this;
    let low = 0;
    let high = entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const item = height === 0 ? (entries[middle] as T) : (entries[middle] as Node<T>).last;
      if (order.isBefore(item, a, b)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** A tree open for change. It is read like a sealed one. */
export class SortedTreeEdit<T> extends SortedTree<T> {
  private readonly base: SortedTree<T>;
  /** Not the edit itself, which knows the tree that it began with: nodes would keep all that ever were. */
  private readonly token = {};

  /** @internal */
  constructor(base: SortedTree<T>) {
    super(base.order, base.root, base.count);
    this.base = base;
  }

  /** Ends the edit: nobody may write by it any more. */
  seal(): SortedTree<T> {
    return this.root === this.base.root ? this.base : new SortedTree(this.order, this.root, this.count);
  }

  /** Puts an item in at its place: before the first item that does not lie before that. */
  insert(item: T, a: number, b = 0): void {
    const root = this.own(this.root);
    const right = this.insertIn(root, item, a, b);
    this.root = right === undefined ? root : new Node<T>(this.token, root.height + 1, [root, right]);
    this.count++;
  }

  /** Another item instead of the one at a place, between the same neighbours. */
  replace(item: T, a: number, b = 0): void {
    this.root = this.own(this.root);
    this.replaceIn(this.root, item, a, b);
  }

  /** Takes out the item at a place. */
  remove(a: number, b = 0): void {
    let root = this.own(this.root);
    this.removeIn(root, a, b);
    while (root.height > 0 && root.entries.length === 1) root = root.entries[0] as Node<T>;
    this.root = root;
    this.count--;
  }

  /** Returns what the node has for a new neighbour on its right, if it was full. */
  private insertIn(node: Node<T>, item: T, a: number, b: number): Node<T> | undefined {
    const { entries, height } = node;
    let i = this.indexIn(node, a, b);
    if (height === 0) insertAt(entries, i, item);
    else {
      if (i === entries.length) i--;
      const right = this.insertIn(this.ownChild(node, i), item, a, b);
      if (right !== undefined) insertAt(entries, i + 1, right);
    }
    const right =
      entries.length > MOST ? new Node<T>(this.token, height, entries.splice(MOST / 2)) : undefined;
    node.sum();
    return right;
  }

  private replaceIn(node: Node<T>, item: T, a: number, b: number): void {
    const i = this.indexIn(node, a, b);
    if (node.height === 0) node.entries[i] = item;
    else this.replaceIn(this.ownChild(node, i), item, a, b);
    node.sum();
  }

  private removeIn(node: Node<T>, a: number, b: number): void {
    const i = this.indexIn(node, a, b);
    if (node.height === 0) removeAt(node.entries, i);
    else {
      const child = this.ownChild(node, i);
      this.removeIn(child, a, b);
      if (child.entries.length < LEAST) this.join(node, i === 0 ? 0 : i - 1);
    }
    node.sum();
  }

  /** Makes one child of two neighbours, or two that have equally much. */
  private join(node: Node<T>, i: number): void {
    const left = this.ownChild(node, i);
    const right = node.entries[i + 1] as Node<T>;
    const all = [...left.entries, ...right.entries];
    if (all.length <= MOST) removeAt(node.entries, i + 1);
    else node.entries[i + 1] = new Node<T>(this.token, left.height, all.splice(all.length >>> 1));
    left.entries = all;
    left.sum();
  }

  private own(node: Node<T>): Node<T> {
    return node.owner === this.token ? node : new Node<T>(this.token, node.height, node.entries.slice());
  }

  private ownChild(node: Node<T>, i: number): Node<T> {
    const child = this.own(node.entries[i] as Node<T>);
    node.entries[i] = child;
    return child;
  }
}

function addItems<T>(items: T[], { entries, height }: Node<T>): void {
  for (const entry of entries) {
    if (height === 0) items.push(entry as T);
    else addItems(items, entry as Node<T>);
  }
}

// So few entries are moved faster one by one than by splice().

function insertAt<E>(entries: E[], at: number, entry: E): void {
  entries.push(entry);
  for (let i = entries.length - 1; i > at; i--) entries[i] = entries[i - 1]!;
  entries[at] = entry;
}

function removeAt<E>(entries: E[], at: number): void {
  for (let i = at + 1; i < entries.length; i++) entries[i - 1] = entries[i]!;
  entries.pop();
}
