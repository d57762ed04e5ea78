/**
 * One column of up to 65,536 unsigned 32-bit numbers as bytes: a byte that names the encoding, then
 *
 *   CONSTANT    one varint, the value of all
 *   DICTIONARY  n - 1 (a byte), n varints, then one byte per number: its place among those n
 *   DELTA       one varint per number: zigzag of the difference from the number before (the first from 0)
 *   RAW         four bytes per number, little-endian
 *
 * The smallest is chosen, column by column and chunk by chunk. The count is not in the bytes.
 */
import { Fault } from '../base/errors.ts';
import { PairTable, unsigned } from './intern.ts';
import { MAX_VARINT_BYTES, readVarints, unzigzag, varintBytes, writeVarint, zigzag } from './varint.ts';

const CONSTANT = 0;
const DICTIONARY = 1;
const DELTA = 2;
const RAW = 3;

const MAX_DICTIONARY = 256;

export type Column = Uint8Array | Uint32Array;

/** A column as its distinct values, in order of appearance, and each number's place among them. */
interface Dictionary {
  readonly values: Uint32Array;
  readonly places: Uint8Array;
}

export function encodeColumn(values: Column, count: number): Uint8Array {
  if (isConstant(values, count)) return encodeConstant(values[0]!);

  const dictionary = dictionaryOf(values, count);
  const dictionarySize = dictionary === undefined ? Infinity : dictionaryBytes(dictionary);
  const deltaSize = deltaBytes(values, count);
  const rawSize = 1 + 4 * count;
  if (dictionary !== undefined && dictionarySize <= Math.min(deltaSize, rawSize)) {
    return encodeDictionary(dictionary, dictionarySize);
  }
  return deltaSize < rawSize ? encodeDelta(values, count, deltaSize) : encodeRaw(values, count);
}

/** Fills `out[0, count)`. */
export function decodeColumn(bytes: Uint8Array, count: number, out: Uint32Array): void {
  switch (bytes[0]) {
    case CONSTANT:
      out.fill(constantOf(bytes)!, 0, count);
      break;
    case DICTIONARY:
      decodeDictionary(bytes, count, out);
      break;
    case DELTA:
      decodeDelta(bytes, count, out);
      break;
    case RAW:
      decodeRaw(bytes, count, out);
      break;
    default:
      throw new Fault(`column encoding ${bytes[0] ?? 'nothing'}`, `an encoding from ${CONSTANT} to ${RAW}`);
  }
}

/** The value of a constant column; undefined for any other. Lets a reader share one filled array. */
export function constantOf(bytes: Uint8Array): number | undefined {
  if (bytes[0] !== CONSTANT) return undefined;
  const value = new Uint32Array(1);
  if (readVarints(bytes, 1, bytes.length, value) !== 1) throw new Fault('no value', 'one constant');
  return value[0];
}

function isConstant(values: Column, count: number): boolean {
  for (let i = 1; i < count; i++) if (values[i] !== values[0]) return false;
  return count > 0;
}

const distinct = new PairTable(MAX_DICTIONARY + 1);

/** Undefined when there are no numbers, or more different ones than a dictionary may have. */
function dictionaryOf(values: Column, count: number): Dictionary | undefined {
  const places = new Uint8Array(count);
  distinct.clear();
  for (let i = 0; i < count; i++) {
    places[i] = distinct.intern(0, values[i]! | 0);
    if (distinct.size > MAX_DICTIONARY) return undefined;
  }
  return count === 0 ? undefined : { values: unsigned(distinct.second).slice(0, distinct.size), places };
}

function encodeConstant(value: number): Uint8Array {
  const bytes = new Uint8Array(1 + varintBytes(value));
  bytes[0] = CONSTANT;
  writeVarint(bytes, 1, value);
  return bytes;
}

/** Encoding, size, values, places. */
function dictionaryBytes({ values, places }: Dictionary): number {
  return values.reduce((bytes, value) => bytes + varintBytes(value), 2 + places.length);
}

function encodeDictionary({ values, places }: Dictionary, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  bytes[0] = DICTIONARY;
  bytes[1] = values.length - 1;
  let at = 2;
  for (const value of values) at = writeVarint(bytes, at, value);
  bytes.set(places, at);
  return bytes;
}

function decodeDictionary(bytes: Uint8Array, count: number, out: Uint32Array): void {
  const codes = bytes.length - count;
  if (codes < 3) throw new Fault(`a dictionary column of ${bytes.length} bytes`, `more than ${count} bytes`);
  const size = bytes[1]! + 1;
  const dictionary = new Uint32Array(size);
  if (readVarints(bytes, 2, codes, dictionary) !== size) {
    throw new Fault('a short dictionary', `${size} values`);
  }
  for (let i = 0; i < count; i++) {
    const place = bytes[codes + i]!;
    if (place >= size) throw new Fault(`place ${place} of a dictionary`, `a place below ${size}`);
    out[i] = dictionary[place]!;
  }
}

function deltaBytes(values: Column, count: number): number {
  let bytes = 1;
  let previous = 0;
  for (let i = 0; i < count; i++) {
    const value = values[i]!;
    bytes += varintBytes(zigzag((value - previous) | 0));
    previous = value;
  }
  return bytes;
}

function encodeDelta(values: Column, count: number, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  bytes[0] = DELTA;
  let at = 1;
  let previous = 0;
  for (let i = 0; i < count; i++) {
    const value = values[i]!;
    at = writeVarint(bytes, at, zigzag((value - previous) | 0));
    previous = value;
  }
  return bytes;
}

function decodeDelta(bytes: Uint8Array, count: number, out: Uint32Array): void {
  if (bytes.length > 1 + count * MAX_VARINT_BYTES) throw new Fault('too many bytes', `${count} numbers`);
  const found = readVarints(bytes, 1, bytes.length, out.subarray(0, count));
  if (found !== count) throw new Fault(`${found} numbers in a column`, `${count}`);
  let previous = 0;
  for (let i = 0; i < count; i++) {
    previous = (previous + unzigzag(out[i]!)) | 0;
    out[i] = previous;
  }
}

function encodeRaw(values: Column, count: number): Uint8Array {
  const bytes = new Uint8Array(1 + 4 * count);
  bytes[0] = RAW;
  const view = new DataView(bytes.buffer, 1);
  for (let i = 0; i < count; i++) view.setUint32(4 * i, values[i]!, true);
  return bytes;
}

function decodeRaw(bytes: Uint8Array, count: number, out: Uint32Array): void {
  if (bytes.length !== 1 + 4 * count) {
    throw new Fault(`a raw column of ${bytes.length} bytes`, `${1 + 4 * count}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + 1);
  for (let i = 0; i < count; i++) out[i] = view.getUint32(4 * i, true);
}
