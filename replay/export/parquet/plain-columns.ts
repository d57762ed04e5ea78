/** Columns of tables of a few rows: doubles and texts, each value as it is. */
import type { SchemaElement } from 'hyparquet';
import { ByteWriter } from 'hyparquet-writer';
import { writePlain } from 'hyparquet-writer/src/plain.js';
import { type Column, type ColumnOptions, type EncodedColumn, Presence, repetition } from './columns.ts';

/** Numbers as doubles. */
export class DoubleColumn implements Column {
  readonly element: SchemaElement;
  private readonly values: Float64Array;
  private readonly presence: Presence;

  constructor(options: ColumnOptions) {
    this.element = { name: options.name, type: 'DOUBLE', repetition_type: repetition(options) };
    this.values = new Float64Array(options.capacity);
    this.presence = new Presence(options);
  }

  put(row: number, value: number): void {
    this.values[this.presence.count] = value;
    this.presence.mark(row);
  }

  clear(): void {
    this.presence.clear();
  }

  encode(rows: number): EncodedColumn {
    const { count } = this.presence;
    const values = new Uint8Array(this.values.slice(0, count).buffer);
    return { nrNulls: rows - count, levels: this.presence.levels(rows), values, encoding: 'PLAIN' };
  }
}

/** Any texts. */
export class TextColumn implements Column {
  readonly element: SchemaElement;
  private readonly texts: string[] = [];
  private readonly presence: Presence;

  constructor(options: ColumnOptions) {
    this.element = {
      name: options.name,
      type: 'BYTE_ARRAY',
      converted_type: 'UTF8',
      repetition_type: repetition(options),
    };
    this.presence = new Presence(options);
  }

  put(row: number, text: string): void {
    this.texts.push(text);
    this.presence.mark(row);
  }

  clear(): void {
    this.texts.length = 0;
    this.presence.clear();
  }

  encode(rows: number): EncodedColumn {
    const plain = new ByteWriter();
    writePlain(plain, this.texts, 'BYTE_ARRAY', undefined);
    return {
      nrNulls: rows - this.presence.count,
      levels: this.presence.levels(rows),
      values: plain.getBytes().slice(),
      encoding: 'PLAIN',
    };
  }
}
