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
export declare class Table {
    readonly shape: TableShape;
    /** @internal */
    readonly nodes: readonly (Node | undefined)[];
    /** @internal The leaf of every row that was never written. */
    readonly zeroLeaf: Cells;
    private constructor();
    static empty(shape: TableShape): Table;
    get(row: number, field: number): number;
    edit(): TableEdit;
    /** Calls `visit` with every leaf that holds something, and the number of its first row, ascending. */
    forEachLeaf(visit: (leaf: Cells, firstRow: number) => void): void;
    /** @internal */
    with(nodes: readonly (Node | undefined)[]): Table;
}
/** A table open for writing. Reads see its own writes. Dead after `seal()`. */
export declare class TableEdit {
    private readonly base;
    private nodes;
    private readonly leafBits;
    private readonly leafMask;
    private readonly stride;
    private readonly zeroLeaf;
    private changed;
    /** The leaf written last: rows come in runs. */
    private hotIndex;
    private hotLeaf;
    constructor(base: Table);
    get(row: number, field: number): number;
    set(row: number, field: number, value: number): void;
    add(row: number, field: number, delta: number): number;
    /** Sets all cells of a row to zero. */
    clear(row: number): void;
    seal(): Table;
    /** The leaf of a row, ours to write: path copied on the first write. */
    private writable;
    private writableNode;
}
export {};
