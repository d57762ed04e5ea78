/** Bytes of machines: little-endian numbers, texts and typed arrays, one after the other, each with its length. */
import { UsageError } from '../base/errors.ts';
import type { Cells, CellType } from './table.ts';

const CELL_CODES: readonly CellType[] = ['int32', 'float64'];
const CELL_BYTES: Readonly<Record<CellType, number>> = { int32: 4, float64: 8 };

/** Collects bytes. */
export class ByteWriter {
  private bytes = new Uint8Array(1 << 16);
  private view = new DataView(this.bytes.buffer);
  private length = 0;

  /** An unsigned number of 32 bits. */
  u32(value: number): void {
    this.reserve(4);
    this.view.setUint32(this.length, value, true);
    this.length += 4;
  }

  f64(value: number): void {
    this.reserve(8);
    this.view.setFloat64(this.length, value, true);
    this.length += 8;
  }

  text(text: string): void {
    const utf8 = new TextEncoder().encode(text);
    this.u32(utf8.length);
    this.raw(utf8);
  }

  /** Bytes as they are, without their length. */
  raw(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** A typed array: the code of its type, its length, its cells. */
  cells(cells: Cells): void {
    const type: CellType = cells instanceof Int32Array ? 'int32' : 'float64';
    this.u32(CELL_CODES.indexOf(type));
    this.u32(cells.length);
    this.reserve(cells.length * 8);
    if (type === 'int32')
      for (let i = 0; i < cells.length; i++) this.view.setInt32(this.length + 4 * i, cells[i]!, true);
    else for (let i = 0; i < cells.length; i++) this.view.setFloat64(this.length + 8 * i, cells[i]!, true);
    this.length += cells.length * CELL_BYTES[type];
  }

  /** Everything so far. */
  take(): Uint8Array {
    return this.bytes.slice(0, this.length);
  }

  private reserve(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.length + more));
    grown.set(this.bytes);
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }
}

/** Reads what a ByteWriter wrote, in the same order. Throws UsageError, with the offset, for anything else. */
export class ByteReader {
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  u32(): number {
    return this.view.getUint32(this.take(4), true);
  }

  f64(): number {
    return this.view.getFloat64(this.take(8), true);
  }

  text(): string {
    const length = this.u32();
    const start = this.take(length);
    return new TextDecoder().decode(this.bytes.subarray(start, start + length));
  }

  /** A number of things of at least `itemBytes` each, of which there must be as many bytes left. */
  count(itemBytes: number): number {
    const count = this.u32();
    if (count * itemBytes > this.bytes.length - this.at)
      throw this.wrong(
        `${count} items of ${itemBytes} bytes`,
        `${this.bytes.length - this.at} bytes to the end`,
      );
    return count;
  }

  cells(): Cells {
    const type = CELL_CODES[this.u32()];
    if (type === undefined) throw this.wrong('an unknown type of cells', CELL_CODES.join(' or '));
    const length = this.count(CELL_BYTES[type]);
    const start = this.take(length * CELL_BYTES[type]);
    if (type === 'int32')
      return Int32Array.from({ length }, (_, i) => this.view.getInt32(start + 4 * i, true));
    return Float64Array.from({ length }, (_, i) => this.view.getFloat64(start + 8 * i, true));
  }

  /** Says that nothing may follow. */
  end(): void {
    if (this.at !== this.bytes.length)
      throw this.wrong(`${this.bytes.length - this.at} more bytes`, 'the end of the machine');
  }

  wrong(found: string, expected: string): UsageError {
    return new UsageError(
      `machine, offset ${this.at}: found ${found}, expected ${expected}: write the machine again with machineBytes()`,
    );
  }

  /** Where the next `length` bytes begin. */
  private take(length: number): number {
    const start = this.at;
    if (start + length > this.bytes.length) throw this.wrong('the end of the bytes', `${length} more`);
    this.at += length;
    return start;
  }
}
