/**
 * Events of a trace as traces/FORMAT.md says, by one obvious loop over plain arrays. The records are decoded by the
 * library; everything else is written anew, from the page. It believes what it reads: for traces that were accepted.
 */
import { unpack } from 'msgpackr';

type Columns = Readonly<Record<string, Uint8Array>>;

interface Chunk {
  readonly count: number;
  readonly steps?: { readonly lanes: number; readonly shapes: number; readonly steps: number };
  readonly columns: Columns;
}

/** kind, cpu, thinkNs, object, a, b, c */
export type NaiveRow = readonly number[];

/** The events of a chunk, of which `bytes` are the record. */
export function naiveRows(bytes: Uint8Array): NaiveRow[] {
  const { count, steps, columns } = unpack(bytes) as Chunk;
  if (steps !== undefined) return steppedRows(columns, steps, count);
  const names = ['kind', 'cpu', 'thinkNs', 'object', 'a', 'b', 'c'];
  const values = names.map((name) => numbers(columns[name]!, count));
  return Array.from({ length: count }, (_, i) => values.map((column) => column[i]!));
}

function steppedRows(columns: Columns, sizes: NonNullable<Chunk['steps']>, count: number): NaiveRow[] {
  const column = (name: string, n: number) => numbers(columns[name]!, n);
  const lanes = { object: column('laneObject', sizes.lanes), c: column('laneC', sizes.lanes) };
  const shapes = ['shapeLane', 'shapeKind', 'shapeCpu', 'shapeB'].map((name) => column(name, sizes.shapes));
  const steps = { shape: column('stepShape', sizes.steps), delta: column('stepDelta', sizes.steps) };
  const thinkNs = column('thinkNs', count);
  const deltas = varints(columns.deltas!);
  const lastA = new Map<number, number>();
  return Array.from({ length: count }, (_, i) => {
    const token = tokenAt(columns.tokens!, i, count);
    const isShape = token < sizes.shapes;
    const shape = isShape ? token : steps.shape[token - sizes.shapes]!;
    const delta = isShape ? deltas.shift()! : steps.delta[token - sizes.shapes]!;
    const [lane, kind, cpu, b] = shapes.map((values) => values[shape]!) as [number, number, number, number];
    const a = wrapped((lastA.get(lane) ?? 0) + signed(delta));
    lastA.set(lane, a);
    return [kind, cpu, thinkNs[i]!, lanes.object[lane]!, a, b, lanes.c[lane]!];
  });
}

function tokenAt(tokens: Uint8Array, i: number, count: number): number {
  return tokens.length === count ? tokens[i]! : tokens[2 * i]! + 256 * tokens[2 * i + 1]!;
}

function numbers(bytes: Uint8Array, n: number): number[] {
  const rest = bytes.subarray(1);
  if (bytes[0] === 0) return new Array<number>(n).fill(varints(rest)[0]!);
  if (bytes[0] === 1) {
    const places = bytes.subarray(bytes.length - n);
    const values = varints(bytes.subarray(2, bytes.length - n));
    return [...places].map((place) => values[place]!);
  }
  if (bytes[0] === 3)
    return Array.from({ length: n }, (_, i) =>
      [0, 1, 2, 3].reduce((sum, byte) => sum + rest[4 * i + byte]! * 256 ** byte, 0),
    );
  let last = 0;
  return varints(rest).map((code) => {
    last = wrapped(last + signed(code));
    return last;
  });
}

function varints(bytes: Uint8Array): number[] {
  const found: number[] = [];
  let value = 0;
  let place = 1;
  for (const byte of bytes) {
    value += (byte % 128) * place;
    place *= 128;
    if (byte >= 128) continue;
    found.push(value);
    [value, place] = [0, 1];
  }
  return found;
}

function signed(code: number): number {
  return code % 2 === 0 ? code / 2 : -(code + 1) / 2;
}

function wrapped(value: number): number {
  return ((value % 2 ** 32) + 2 ** 32) % 2 ** 32;
}
