/**
 * Traces that are wrong in a way that a checksum does not show: records taken apart, changed in their fields, columns,
 * order or number, and put together again with lengths and checksums mended; then, sometimes, bytes changed as well.
 */
import { crc32 } from 'node:zlib';
import { Packr, unpackMultiple } from 'msgpackr';
import type { Prng } from '../../workloads/engine/prng.ts';
import { pick } from './fuzz.ts';

const packr = new Packr({ useRecords: false, variableMapSize: true });

export type Fields = Record<string, unknown>;

/** Header, chunks, index; the trailer follows from the index. */
export function recordsOf(trace: Uint8Array): Fields[] {
  return (unpackMultiple(trace) as Fields[]).slice(0, -1).map(({ checksum: _, ...fields }) => fields);
}

export function sealed(fields: Fields): Buffer {
  const bytes = packr.pack({ ...fields, checksum: 0xffff_ffff });
  bytes.writeUInt32BE(crc32(bytes.subarray(0, -4)), bytes.length - 4);
  return bytes;
}

function trailerOf(index: Buffer): Buffer {
  const trailer = packr.pack([0xffff_ffff, 'vmsplit-end']);
  trailer.writeUInt32BE(index.length, 2);
  return trailer;
}

/** A trace of the records; offsets in an index that repeats those of the original are mended too, if asked for. */
export function assembled(records: readonly Fields[], mendOffsets: boolean): Buffer {
  const parts = records.slice(0, -1).map(sealed);
  const last = records.at(-1) ?? {};
  const index = sealed(mendOffsets ? withOffsets(last, parts) : last);
  return Buffer.concat([...parts, index, trailerOf(index)]);
}

function withOffsets(index: Fields, parts: readonly Buffer[]): Fields {
  const chunks = index.chunks as Fields | undefined;
  if (typeof chunks !== 'object' || chunks === null) return index;
  let at = 0;
  const offset = parts.map((part) => {
    at += part.length;
    return at;
  });
  return { ...index, chunks: { ...chunks, offset: offset.slice(0, -1) } };
}

/** Values at which readers break, if any do. */
const VALUES: readonly unknown[] = [
  ...[
    0,
    1,
    -1,
    2,
    3,
    7,
    10,
    127,
    128,
    255,
    256,
    65_535,
    65_536,
    65_537,
    2 ** 31,
    2 ** 32 - 1,
    2 ** 32,
    2 ** 53,
  ],
  ...[0.5, Number.NaN, Number.POSITIVE_INFINITY, -0, 1e300, 2n ** 64n - 1n],
  ...[
    null,
    true,
    false,
    '',
    'x',
    'chunk',
    'index',
    '__proto__',
    'constructor',
    '\u001b[2J\n',
    'x'.repeat(1000),
  ],
  ...[
    [],
    {},
    [1, 2, 3],
    { a: 1 },
    [[[[[[]]]]]],
    new Array<number>(2000).fill(0),
    Buffer.alloc(0),
    Buffer.of(0, 0),
  ],
];

/** A copy: what is put into a record may be changed there, and no case may know of another. */
function anyValue(random: Prng): unknown {
  return structuredClone(pick(random, VALUES));
}

/** Changes a few things in the records. */
export function mutate(random: Prng, original: readonly Fields[], others: readonly Fields[]): Fields[] {
  let records = original.map((fields) => structuredClone(fields));
  for (let left = random.range(1, 3); left > 0; left--) {
    if (records.length === 0) break;
    if (random.chance(1, 5)) records = reordered(random, records, others);
    else changeIn(random, pick(random, records));
  }
  return records;
}

function reordered(random: Prng, records: Fields[], others: readonly Fields[]): Fields[] {
  const at = random.below(records.length);
  switch (random.below(5)) {
    case 0:
      return records.toSpliced(at, 1);
    case 1:
      return records.toSpliced(at, 0, structuredClone(records[at]!));
    case 2:
      return records.toSpliced(at, 1, structuredClone(pick(random, others)));
    case 3:
      return records.toSpliced(at, 0, structuredClone(pick(random, others)));
    default: {
      const other = random.below(records.length);
      return records.with(at, records[other]!).with(other, records[at]!);
    }
  }
}

/** Goes down to some depth, then changes a field there; into binaries, too. */
function changeIn(random: Prng, container: Fields | unknown[]): void {
  const keys = Object.keys(container);
  if (keys.length === 0) return;
  const key = pick(random, keys);
  const place = container as Fields;
  const value = place[key];
  if (value instanceof Uint8Array) place[key] = changedBytes(random, value);
  else if (typeof value === 'object' && value !== null && !random.chance(1, 6))
    changeIn(random, value as Fields);
  else changeField(random, place, key);
}

function changeField(random: Prng, place: Fields, key: string): void {
  const value = place[key];
  switch (random.below(6)) {
    case 0:
      delete place[key];
      break;
    case 1:
      place[`${key}2`] = structuredClone(value);
      break;
    case 2:
    case 3:
      place[key] = typeof value === 'number' ? value + random.range(-3, 3) : anyValue(random);
      break;
    default:
      place[key] = anyValue(random);
  }
}

/** Columns: their first byte says how they are coded; varints have their own bytes to go wrong. */
export function changedBytes(random: Prng, bytes: Uint8Array): Uint8Array {
  const at = random.below(bytes.length + 1);
  const some = Uint8Array.from({ length: random.range(1, 6) }, () =>
    pick(random, [0, 1, 0x7f, 0x80, 0xff, random.below(256)]),
  );
  switch (random.below(6)) {
    case 0:
      return bytes.length === 0 ? some : bytes.with(0, random.below(6));
    case 1:
      return bytes.slice(0, at);
    case 2:
      return Buffer.concat([bytes.subarray(0, at), some, bytes.subarray(at)]);
    case 3:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + some.length)]);
    default:
      return at === bytes.length
        ? Buffer.concat([bytes, some])
        : bytes.with(at, bytes[at]! ^ (1 << random.below(8)));
  }
}

/** Of the whole file: what a disk, a pipe, a copy or an editor does. */
export function changedFile(random: Prng, bytes: Buffer, other: Uint8Array): Uint8Array {
  switch (random.below(8)) {
    case 0:
      return bytes.subarray(0, random.below(bytes.length + 1));
    case 1:
      return Buffer.concat([bytes, other]);
    case 2:
      return Buffer.concat([bytes, Buffer.from('\n')]);
    case 3:
      return changedBytes(random, bytes);
    default:
      return bytes;
  }
}
