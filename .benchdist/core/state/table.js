const NODE_BITS = 8;
const NODE_SIZE = 1 << NODE_BITS;
export class Table {
    shape;
    /** @internal */
    nodes;
    /** @internal The leaf of every row that was never written. */
    zeroLeaf;
    constructor(shape, nodes, zeroLeaf) {
        this.shape = shape;
        this.nodes = nodes;
        this.zeroLeaf = zeroLeaf;
    }
    static empty(shape) {
        return new Table(shape, [], newLeaf(shape));
    }
    get(row, field) {
        const { leafBits, stride } = this.shape;
        const leaf = this.nodes[row >>> (leafBits + NODE_BITS)]?.leaves[(row >>> leafBits) & (NODE_SIZE - 1)];
        return leaf === undefined ? 0 : leaf[(row & ((1 << leafBits) - 1)) * stride + field];
    }
    edit() {
        return new TableEdit(this);
    }
    /** Calls `visit` with every leaf that holds something, and the number of its first row, ascending. */
    forEachLeaf(visit) {
        const { leafBits } = this.shape;
        this.nodes.forEach((node, n) => {
            node?.leaves.forEach((leaf, i) => {
                if (leaf !== this.zeroLeaf)
                    visit(leaf, ((n << NODE_BITS) + i) * 2 ** leafBits);
            });
        });
    }
    /** @internal */
    with(nodes) {
        return new Table(this.shape, nodes, this.zeroLeaf);
    }
}
/** A table open for writing. Reads see its own writes. Dead after `seal()`. */
export class TableEdit {
    base;
    nodes;
    leafBits;
    leafMask;
    stride;
    zeroLeaf;
    changed = false;
    /** The leaf written last: rows come in runs. */
    hotIndex = -1;
    hotLeaf;
    constructor(base) {
        this.base = base;
        this.nodes = base.nodes;
        this.leafBits = base.shape.leafBits;
        this.leafMask = (1 << base.shape.leafBits) - 1;
        this.stride = base.shape.stride;
        this.zeroLeaf = base.zeroLeaf;
        this.hotLeaf = base.zeroLeaf;
    }
    get(row, field) {
        const index = row >>> this.leafBits;
        const node = this.nodes[index >>> NODE_BITS];
        if (node === undefined)
            return 0;
        return node.leaves[index & (NODE_SIZE - 1)][(row & this.leafMask) * this.stride + field];
    }
    set(row, field, value) {
        const leaf = row >>> this.leafBits === this.hotIndex ? this.hotLeaf : this.writable(row);
        leaf[(row & this.leafMask) * this.stride + field] = value;
    }
    add(row, field, delta) {
        const leaf = row >>> this.leafBits === this.hotIndex ? this.hotLeaf : this.writable(row);
        const at = (row & this.leafMask) * this.stride + field;
        const value = leaf[at] + delta;
        leaf[at] = value;
        return value;
    }
    /** Sets all cells of a row to zero. */
    clear(row) {
        const leaf = this.writable(row);
        const at = (row & this.leafMask) * this.stride;
        leaf.fill(0, at, at + this.stride);
    }
    seal() {
        if (!this.changed)
            return this.base;
        for (const node of this.nodes) {
            if (node?.owner !== this)
                continue;
            node.owner = undefined;
            node.owned.fill(0);
        }
        this.hotIndex = -1;
        return this.base.with(this.nodes);
    }
    /** The leaf of a row, ours to write: path copied on the first write. */
    writable(row) {
        const index = row >>> this.leafBits;
        const node = this.writableNode(index >>> NODE_BITS);
        const slot = index & (NODE_SIZE - 1);
        if (node.owned[slot] === 0) {
            node.leaves[slot] = node.leaves[slot].slice();
            node.owned[slot] = 1;
        }
        this.hotIndex = index;
        this.hotLeaf = node.leaves[slot];
        return this.hotLeaf;
    }
    writableNode(n) {
        const node = this.nodes[n];
        if (node?.owner === this)
            return node;
        if (!this.changed) {
            this.nodes = this.nodes.slice();
            this.changed = true;
        }
        while (this.nodes.length < n)
            this.nodes.push(undefined);
        const leaves = node?.leaves.slice() ?? new Array(NODE_SIZE).fill(this.zeroLeaf);
        const copy = { owner: this, leaves, owned: new Uint8Array(NODE_SIZE) };
        this.nodes[n] = copy;
        return copy;
    }
}
function newLeaf({ cells, stride, leafBits }) {
    const length = stride << leafBits;
    return cells === 'int32' ? new Int32Array(length) : new Float64Array(length);
}
//# sourceMappingURL=table.js.map