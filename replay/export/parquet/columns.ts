/** Columns of a row group while they are filled: numbers of 32 or 53 bits, and names by their code. */
import type { SchemaElement } from 'hyparquet';
import type { ReadonlyColumn } from '../../../core/base/columns.ts';
import { ByteBuffer } from './byte-buffer.ts';
import { bitsOf, MOST_DELTA_VALUE, packDeltas32, packDeltas64 } from './delta.ts';
import { packCodes, packPresence } from './runs.ts';

/** A column chunk, ready to be written. */
export interface EncodedColumn {
  readonly nrNulls: number;
  readonly levels: Uint8Array;
  readonly values: Uint8Array;
  readonly encoding: 'DELTA_BINARY_PACKED' | 'PLAIN' | 'RLE_DICTIONARY';
  readonly dictionary?: readonly string[];
  /** Of 64-bit numbers, for readers that skip row groups. */
  readonly range?: { readonly least: number; readonly most: number };
}

export interface Column {
  readonly element: SchemaElement;
  /** Empties the column for the next row group. */
  clear(): void;
  encode(rows: number): EncodedColumn;
}

export interface ColumnOptions {
  readonly name: string;
  /** Rows of a row group at most. */
  readonly capacity: number;
  /** Rows may be null: those that nothing is put into. */
  readonly optional?: boolean;
}

const NO_BYTES = new Uint8Array(0);

/** Grows once to the size of the largest page, and is written over by the next. */
const scratch = new ByteBuffer();

function packed(write: (out: ByteBuffer) => void): Uint8Array {
  scratch.length = 0;
  write(scratch);
  return scratch.view().slice();
}

/** Of rows that are all null. */
function nothing(presence: Presence, rows: number): EncodedColumn {
  return { nrNulls: rows, levels: presence.levels(rows), values: NO_BYTES, encoding: 'PLAIN' };
}

/** Which rows are there. */
export class Presence {
  readonly bits: Uint8Array | undefined;
  count = 0;

  constructor({ capacity, optional = false }: ColumnOptions) {
    this.bits = optional ? new Uint8Array(Math.ceil(capacity / 8)) : undefined;
  }

  mark(row: number): void {
    if (this.bits !== undefined) this.bits[row >> 3]! |= 1 << (row & 7);
    this.count++;
  }

  markAll(row: number, rows: number): void {
    this.count += rows;
    const { bits } = this;
    if (bits === undefined) return;
    const end = row + rows;
    let at = row;
    for (; at < end && (at & 7) !== 0; at++) bits[at >> 3]! |= 1 << (at & 7);
    const whole = at + ((end - at) & ~7);
    bits.fill(0xff, at >> 3, whole >> 3);
    for (at = whole; at < end; at++) bits[at >> 3]! |= 1 << (at & 7);
  }

  clear(): void {
    this.bits?.fill(0);
    this.count = 0;
  }

  levels(rows: number): Uint8Array {
    const { bits } = this;
    return bits === undefined ? NO_BYTES : packed((out) => packPresence(out, bits, rows));
  }
}

export const repetition = ({ optional = false }: ColumnOptions) =>
  optional ? ('OPTIONAL' as const) : ('REQUIRED' as const);

/** Whole numbers below 2^32. */
export class NumberColumn implements Column {
  readonly element: SchemaElement;
  private readonly values: Uint32Array;
  private readonly presence: Presence;

  constructor(options: ColumnOptions) {
    this.element = {
      name: options.name,
      type: 'INT32',
      converted_type: 'UINT_32',
      repetition_type: repetition(options),
    };
    this.values = new Uint32Array(options.capacity);
    this.presence = new Presence(options);
  }

  /** Rows come in order. */
  put(row: number, value: number): void {
    this.values[this.presence.count] = value;
    this.presence.mark(row);
  }

  putAll(row: number, values: ReadonlyColumn<Uint8Array | Uint32Array>): void {
    this.values.set(values as ArrayLike<number>, this.presence.count);
    this.presence.markAll(row, values.length);
  }

  clear(): void {
    this.presence.clear();
  }

  encode(rows: number): EncodedColumn {
    const { count } = this.presence;
    if (count === 0) return nothing(this.presence, rows);
    const values = packed((out) => packDeltas32(out, this.values, count));
    const levels = this.presence.levels(rows);
    return { nrNulls: rows - count, levels, values, encoding: 'DELTA_BINARY_PACKED' };
  }
}

/** Whole numbers below 2^53. */
export class LongColumn implements Column {
  readonly element: SchemaElement;
  private readonly values: Float64Array;
  private readonly presence: Presence;

  constructor(options: ColumnOptions) {
    this.element = { name: options.name, type: 'INT64', repetition_type: repetition(options) };
    this.values = new Float64Array(options.capacity);
    this.presence = new Presence(options);
  }

  put(row: number, value: number): void {
    this.values[this.presence.count] = value;
    this.presence.mark(row);
  }

  putAll(row: number, values: Float64Array): void {
    this.values.set(values, this.presence.count);
    this.presence.markAll(row, values.length);
  }

  /** `first` and the numbers after it. */
  putSeries(row: number, first: number, rows: number): void {
    const start = this.presence.count;
    for (let i = 0; i < rows; i++) this.values[start + i] = first + i;
    this.presence.markAll(row, rows);
  }

  clear(): void {
    this.presence.clear();
  }

  encode(rows: number): EncodedColumn {
    const { count } = this.presence;
    if (count === 0) return nothing(this.presence, rows);
    const range = rangeOf(this.values, count);
    const fits = range.most <= MOST_DELTA_VALUE;
    const values = packed((out) => {
      if (fits) packDeltas64(out, this.values, count);
      else out.append(plainLongs(this.values, count));
    });
    return {
      nrNulls: rows - count,
      levels: this.presence.levels(rows),
      values,
      encoding: fits ? 'DELTA_BINARY_PACKED' : 'PLAIN',
      range,
    };
  }
}

function rangeOf(values: Float64Array, count: number): { least: number; most: number } {
  let least = values[0]!;
  let most = least;
  for (let i = 1; i < count; i++) {
    const value = values[i]!;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return { least, most };
}

function plainLongs(values: Float64Array, count: number): Uint8Array {
  const words = BigInt64Array.from(values.subarray(0, count), BigInt);
  return new Uint8Array(words.buffer);
}

/** Codes up to 255. */
const NR_CODES = 256;

/** Names by code: a row group's dictionary has those that occur in it. */
export class NameColumn implements Column {
  readonly element: SchemaElement;
  private readonly codes: Uint8Array;
  private readonly presence: Presence;
  private readonly nameOf: (code: number) => string;

  constructor(options: ColumnOptions, nameOf: (code: number) => string) {
    this.element = {
      name: options.name,
      type: 'BYTE_ARRAY',
      converted_type: 'UTF8',
      repetition_type: repetition(options),
    };
    this.codes = new Uint8Array(options.capacity);
    this.presence = new Presence(options);
    this.nameOf = nameOf;
  }

  put(row: number, code: number): void {
    this.codes[this.presence.count] = code;
    this.presence.mark(row);
  }

  putAll(row: number, codes: ReadonlyColumn<Uint8Array>): void {
    this.codes.set(codes as ArrayLike<number>, this.presence.count);
    this.presence.markAll(row, codes.length);
  }

  clear(): void {
    this.presence.clear();
  }

  encode(rows: number): EncodedColumn {
    const { count } = this.presence;
    if (count === 0) return nothing(this.presence, rows);
    const { codes, places } = occurring(this.codes, count);
    const indexes = new Uint8Array(count);
    for (let i = 0; i < count; i++) indexes[i] = places[this.codes[i]!]!;
    const width = Math.max(1, bitsOf(codes.length - 1));
    const values = packed((out) => {
      out.byte(width);
      packCodes(out, indexes, count, width);
    });
    return {
      nrNulls: rows - count,
      levels: this.presence.levels(rows),
      values,
      encoding: 'RLE_DICTIONARY',
      dictionary: codes.map(this.nameOf),
    };
  }
}

/** Ascending, and the place of each in that list. */
function occurring(codes: Uint8Array, count: number): { codes: number[]; places: Uint8Array } {
  const seen = new Uint8Array(NR_CODES);
  for (let i = 0; i < count; i++) seen[codes[i]!] = 1;
  const found = [...seen.keys()].filter((code) => seen[code] === 1);
  const places = new Uint8Array(NR_CODES);
  found.forEach((code, place) => {
    places[code] = place;
  });
  return { codes: found, places };
}
