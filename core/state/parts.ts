/** The kinds of parts that mechanisms declare their state with: tables, free ranges, plain cells, cells of each cpu. */

import type { ReadonlyColumn } from '../base/columns.ts';
import type { Digest } from '../base/digest.ts';
import { assert } from '../base/errors.ts';
import type { Platform } from '../machine/machine.ts';
import { firstPlace, type Part } from './part.ts';
import { RangeSet, type RangeSetEdit } from './ranges.ts';
import { Table, type TableEdit, type TableShape } from './table.ts';

/** Rows of numbers (table.ts). */
export interface TablePart extends Part<Table, TableEdit> {
  readonly shape: TableShape;
}

export function table(number: number, shape: TableShape): TablePart {
  return {
    number,
    shape,
    begin: () => Table.empty(shape),
    goesOn: true,
    open: (sealed) => sealed.edit(),
    seal: (open) => open.seal(),
    addTo(digest, sealed) {
      const base = firstPlace(number);
      sealed.forEachLeaf((leaf, firstRow) => addCells(digest, base + firstRow * shape.stride, leaf));
    },
    /** The leaves that hold something: how many, and each with the number of its first row. */
    write(to, sealed) {
      let count = 0;
      sealed.forEachLeaf(() => count++);
      to.u32(count);
      sealed.forEachLeaf((leaf, firstRow) => {
        to.f64(firstRow);
        to.cells(leaf);
      });
    },
    read(from) {
      const edit = Table.empty(shape).edit();
      const leafRows = 2 ** shape.leafBits;
      for (let left = from.count(8); left > 0; left--) {
        const firstRow = from.f64();
        const leaf = from.cells();
        if (!Number.isInteger(firstRow / leafRows) || firstRow < 0 || firstRow >= 2 ** 32)
          throw from.wrong(`a leaf at row ${firstRow}`, `a multiple of ${leafRows} below 2^32`);
        if (leaf.length !== leafRows * shape.stride)
          throw from.wrong(`a leaf of ${leaf.length} cells`, `${leafRows * shape.stride}`);
        edit.fillLeaf(firstRow, leaf);
      }
      return edit.seal();
    },
  };
}

/** What tells of a machine's past, or follows from its other parts: bytes hold it, the digest leaves it out. */
export function outOfDigest<S, O>(part: Part<S, O>): Part<S, O> {
  return { ...part, addTo: () => {} };
}

/** Free ranges of a window of page numbers (ranges.ts). */
export function ranges(
  number: number,
  begin: (platform: Platform) => RangeSet,
): Part<RangeSet, RangeSetEdit> {
  return {
    number,
    begin,
    goesOn: true,
    open: (sealed) => sealed.edit(),
    seal: (open) => open.seal(),
    addTo(digest, sealed) {
      let place = firstPlace(number);
      for (const { start, end } of sealed.toArray()) {
        digest.add(place++, start);
        digest.add(place++, end);
      }
    },
    write(to, sealed) {
      to.u32(sealed.count);
      for (const { start, end } of sealed.toArray()) {
        to.f64(start);
        to.f64(end);
      }
    },
    read(from) {
      const ranges: [number, number][] = [];
      for (let left = from.count(16); left > 0; left--) ranges.push([from.f64(), from.f64()]);
      return RangeSet.from(ranges);
    },
  };
}

/** So few numbers that a fold copies them all. */
function plainCells<C extends Int32Array | Float64Array>(
  number: number,
  begin: () => C,
): Part<ReadonlyColumn<C>, C> {
  const handedOut = (cells: C) => cells as unknown as ReadonlyColumn<C>;
  return {
    number,
    begin: () => handedOut(begin()),
    open: (sealed) => sealed.slice() as unknown as C,
    seal: handedOut,
    addTo: (digest, sealed) => addCells(digest, firstPlace(number), sealed),
    write: (to, sealed) => to.cells(sealed as unknown as C),
    read(from) {
      const cells = from.cells();
      if (cells.constructor !== begin().constructor)
        throw from.wrong('cells of another type', begin().constructor.name);
      return handedOut(cells as C);
    },
  };
}

export function int32Cells(number: number, length: number): Part<ReadonlyColumn<Int32Array>, Int32Array> {
  return plainCells(number, () => new Int32Array(length));
}

export function float64Cells(
  number: number,
  length: number,
): Part<ReadonlyColumn<Float64Array>, Float64Array> {
  return plainCells(number, () => new Float64Array(length));
}

/** `perCpu` cells for each cpu that ever did something, one cpu behind the other. */
export function int32CellsByCpu(
  number: number,
  perCpu: number,
): Part<ReadonlyColumn<Int32Array>, Int32Array> {
  return {
    ...plainCells(number, () => new Int32Array(0)),
    beginCpu(open, cpu) {
      const grown = new Int32Array((cpu + 1) * perCpu);
      grown.set(open);
      return grown;
    },
  };
}

/** An array for each cpu that has one; copied when first written. */
export class CpuArrays {
  private readonly arrays: (Float64Array | undefined)[];
  private readonly isOwn: boolean[] = [];

  constructor(base: readonly (Float64Array | undefined)[]) {
    this.arrays = base.slice();
  }

  /** One more than the highest cpu that has one. */
  get count(): number {
    return this.arrays.length;
  }

  /** That of a cpu, ours to write; undefined when it has none. */
  of(cpu: number): Float64Array | undefined {
    const array = this.arrays[cpu];
    if (array === undefined || this.isOwn[cpu] === true) return array;
    const copy = array.slice();
    this.give(cpu, copy);
    return copy;
  }

  give(cpu: number, array: Float64Array): void {
    this.arrays[cpu] = array;
    this.isOwn[cpu] = true;
  }

  seal(): readonly (Float64Array | undefined)[] {
    return this.arrays;
  }
}

/** Numbers of digests between this one's and the next part's: cpus from there on share a part. */
const CPUS_WITH_A_NUMBER = 78;
const SHARED_CPU_SPAN = 2 ** 32;

/**
 * An array for each cpu. Part `number` + cpu is that of a cpu; the cpus for which there are no such numbers have
 * stretches of part `sharedNumber`.
 */
export function arraysByCpu(
  number: number,
  sharedNumber: number,
): Part<readonly (Float64Array | undefined)[], CpuArrays> {
  const placeOf = (cpu: number): number =>
    cpu < CPUS_WITH_A_NUMBER
      ? firstPlace(number + cpu)
      : firstPlace(sharedNumber) + (cpu - CPUS_WITH_A_NUMBER) * SHARED_CPU_SPAN;
  return {
    number,
    begin: () => [],
    open: (sealed) => new CpuArrays(sealed),
    seal: (open) => open.seal(),
    addTo(digest, sealed) {
      sealed.forEach((array, cpu) => {
        addCells(digest, placeOf(cpu), array ?? []);
      });
    },
    write(to, sealed) {
      to.u32(sealed.length);
      for (const array of sealed) to.cells(array ?? new Float64Array(0));
    },
    read(from) {
      const arrays: (Float64Array | undefined)[] = [];
      for (let left = from.count(8); left > 0; left--) {
        const cells = from.cells();
        assert(cells instanceof Float64Array || cells.length === 0, 'arrays of cpus hold float64');
        arrays.push(cells.length === 0 ? undefined : (cells as Float64Array));
      }
      return arrays;
    },
  };
}

function addCells(digest: Digest, base: number, cells: ArrayLike<number>): void {
  for (let i = 0; i < cells.length; i++) if (cells[i] !== 0) digest.add(base + i, cells[i]!);
}
