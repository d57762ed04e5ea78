/**
 * Tables: the bulk state of the machine (page frames, page tables, objects) as immutable rows of numbers.
 *
 * A table is a two-level tree of typed-array leaves. `edit()` opens it for writing: a leaf is copied the first
 * time an edit writes to it and written in place from then on, so that a fold of some thousands of events pays
 * for each leaf it touches once. `seal()` ends the edit and gives the new table; the old one is as it was and
 * shares every untouched leaf. Rows that were never written read as zeros and cost nothing.
 *
 *     table ── nodes[row >>> (leafBits + 8)] ── leaves[(row >>> leafBits) & 255] ── [(row & mask) * stride + field]
 *
 * Only this file writes leaves. Immer, which holds the records above, takes a table as one opaque value.
 */
export type Cells = Int32Array | Float64Array;
export type CellType = 'int32' | 'float64';

const NODE_BITS = 8;
const NODE_SIZE = 1 << NODE_BITS;

/** Part of a table: 256 leaves. `owner` is the edit that may write `leaves`, `owned` the leaves it may write. */
interface Node {
  owner: TableEdit | undefined;
  readonly leaves: Cells[];
  readonly owned: Uint8Array;
}

/** The geometry of a table: what a row is. */
export interface TableShape {
  readonly cells: CellType;
  /** Cells in a row. */
  readonly stride: number;
  /** log2 of the rows in a leaf, the unit of copying. */
  readonly leafBits: number;
}

export class Table {
  readonly shape: TableShape;
  /** @internal */
  readonly nodes: readonly (Node | undefined)[];
  /** @internal The leaf of every row that was never written. */
  readonly zeroLeaf: Cells;

  private constructor(shape: TableShape, nodes: readonly (Node | undefined)[], zeroLeaf: Cells) {
    this.shape = shape;
    this.nodes = nodes;
    this.zeroLeaf = zeroLeaf;
  }

  static empty(shape: TableShape): Table {
    return new Table(shape, [], newLeaf(shape));
  }

  get(row: number, field: number): number {
    const { leafBits, stride } = this.shape;
    const leaf = this.nodes[row >>> (leafBits + NODE_BITS)]?.leaves[(row >>> leafBits) & (NODE_SIZE - 1)];
    return leaf === undefined ? 0 : leaf[(row & ((1 << leafBits) - 1)) * stride + field]!;
  }

  edit(): TableEdit {
    return new TableEdit(this);
  }

  /** Calls `visit` with every leaf that holds something, and the number of its first row, ascending. */
  forEachLeaf(visit: (leaf: Cells, firstRow: number) => void): void {
    const { leafBits } = this.shape;
    this.nodes.forEach((node, n) => {
      node?.leaves.forEach((leaf, i) => {
        if (leaf !== this.zeroLeaf) visit(leaf, ((n << NODE_BITS) + i) * 2 ** leafBits);
      });
    });
  }

  /** @internal */
  with(nodes: readonly (Node | undefined)[]): Table {
    return new Table(this.shape, nodes, this.zeroLeaf);
  }
}

/** A table open for writing. Reads see its own writes. Dead after `seal()`. */
export class TableEdit {
  private readonly base: Table;
  private nodes: (Node | undefined)[];
  private readonly leafBits: number;
  private readonly leafMask: number;
  private readonly stride: number;
  private readonly zeroLeaf: Cells;
  private changed = false;
  /** The leaf written last: rows come in runs. */
  private hotIndex = -1;
  private hotLeaf: Cells;

  constructor(base: Table) {
    this.base = base;
    this.nodes = base.nodes as (Node | undefined)[];
    this.leafBits = base.shape.leafBits;
    this.leafMask = (1 << base.shape.leafBits) - 1;
    this.stride = base.shape.stride;
    this.zeroLeaf = base.zeroLeaf;
    this.hotLeaf = base.zeroLeaf;
  }

  get(row: number, field: number): number {
    const index = row >>> this.leafBits;
    const node = this.nodes[index >>> NODE_BITS];
    if (node === undefined) return 0;
    return node.leaves[index & (NODE_SIZE - 1)]![(row & this.leafMask) * this.stride + field]!;
  }

  set(row: number, field: number, value: number): void {
    const leaf = row >>> this.leafBits === this.hotIndex ? this.hotLeaf : this.writable(row);
    leaf[(row & this.leafMask) * this.stride + field] = value;
  }

  add(row: number, field: number, delta: number): number {
    const leaf = row >>> this.leafBits === this.hotIndex ? this.hotLeaf : this.writable(row);
    const at = (row & this.leafMask) * this.stride + field;
    const value = leaf[at]! + delta;
    leaf[at] = value;
    return value;
  }

  /** Sets all cells of a row to zero. */
  clear(row: number): void {
    const leaf = this.writable(row);
    const at = (row & this.leafMask) * this.stride;
    leaf.fill(0, at, at + this.stride);
  }

  seal(): Table {
    if (!this.changed) return this.base;
    for (const node of this.nodes) {
      if (node?.owner !== this) continue;
      node.owner = undefined;
      node.owned.fill(0);
    }
    this.hotIndex = -1;
    return this.base.with(this.nodes);
  }

  /** The leaf of a row, ours to write: path copied on the first write. */
  private writable(row: number): Cells {
    const index = row >>> this.leafBits;
    const node = this.writableNode(index >>> NODE_BITS);
    const slot = index & (NODE_SIZE - 1);
    if (node.owned[slot] === 0) {
      node.leaves[slot] = node.leaves[slot]!.slice();
      node.owned[slot] = 1;
    }
    this.hotIndex = index;
    this.hotLeaf = node.leaves[slot]!;
    return this.hotLeaf;
  }

  private writableNode(n: number): Node {
    const node = this.nodes[n];
    if (node?.owner === this) return node;
    if (!this.changed) {
      this.nodes = this.nodes.slice();
      this.changed = true;
    }
    while (this.nodes.length < n) this.nodes.push(undefined);
    const leaves = node?.leaves.slice() ?? new Array<Cells>(NODE_SIZE).fill(this.zeroLeaf);
    const copy: Node = { owner: this, leaves, owned: new Uint8Array(NODE_SIZE) };
    this.nodes[n] = copy;
    return copy;
  }
}

function newLeaf({ cells, stride, leafBits }: TableShape): Cells {
  const length = stride << leafBits;
  return cells === 'int32' ? new Int32Array(length) : new Float64Array(length);
}
