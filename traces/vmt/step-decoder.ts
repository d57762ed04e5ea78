/** Decodes a chunk in steps: flattens its dictionaries to one table by token, and checks every token of it. */
import type { Lanes, Steps, TokenTable } from '../../core/event/steps.ts';
import { Fault } from '../base/errors.ts';
import { decodeColumn } from './column.ts';
import type { ColumnRoom } from './column-room.ts';
import { MAX_CHUNK_EVENTS } from './format.ts';
import { type EncodedSteps, LONG_TOKENS, type StepColumns, type StepSizes } from './steps.ts';
import { readVarints, unzigzag } from './varint.ts';

/** A third of a megabyte that holds nothing between two calls: all decoders have the same, once one needs it. */
let scratch: Uint32Array | undefined;

function scratchWords(): Uint32Array {
  scratch ??= new Uint32Array(Math.max(MAX_CHUNK_EVENTS, LONG_TOKENS));
  return scratch;
}

/** The steps of a chunk of `count` events, in columns of `room`; `thinkNs`: what all think times are, if they are the same. */
export function decodeSteps(
  { sizes, columns }: EncodedSteps,
  count: number,
  thinkNs: number | undefined,
  room: ColumnRoom,
): Steps {
  checkSizes(sizes, count);
  const { shapes } = sizes;
  const lanes = decodeLanes(sizes, columns, room);
  const table = emptyTable(sizes, room);
  decodeShapes(sizes, columns, table);
  flattenSteps(sizes, columns, table);
  const { tokens, used } = readTokens(columns.tokens, count, sizes, room);
  const deltas = readDeltas(columns.deltas, used, room);
  return {
    tokens,
    shapes,
    deltas,
    lanes,
    table,
    kind: inCommon(table.kind, shapes),
    cpu: inCommon(table.cpu, shapes),
    thinkNs,
  };
}

function decodeLanes({ lanes }: StepSizes, columns: StepColumns, room: ColumnRoom): Lanes {
  const object = room.of(Uint32Array, 'laneObject', lanes);
  const c = room.of(Uint32Array, 'laneC', lanes);
  decodeColumn(columns.laneObject, lanes, object);
  decodeColumn(columns.laneC, lanes, c);
  return { count: lanes, object, c };
}

function emptyTable({ shapes, steps }: StepSizes, room: ColumnRoom): TokenTable {
  const count = shapes + steps;
  return {
    count,
    lane: room.of(Uint16Array, 'tokenLane', count),
    kind: room.of(Uint8Array, 'tokenKind', count),
    cpu: room.of(Uint8Array, 'tokenCpu', count),
    b: room.of(Uint32Array, 'tokenB', count),
    delta: room.of(Int32Array, 'tokenDelta', count),
  };
}

function decodeShapes({ lanes, shapes }: StepSizes, columns: StepColumns, table: TokenTable): void {
  decodeBelow(columns.shapeLane, shapes, lanes, 'lane', table.lane);
  decodeBelow(columns.shapeKind, shapes, 0x100, 'kind', table.kind);
  decodeBelow(columns.shapeCpu, shapes, 0x100, 'cpu', table.cpu);
  decodeColumn(columns.shapeB, shapes, table.b);
}

function decodeBelow(
  bytes: Uint8Array,
  count: number,
  limit: number,
  name: string,
  out: Uint8Array | Uint16Array,
): void {
  const words = scratchWords();
  decodeColumn(bytes, count, words);
  for (let i = 0; i < count; i++) {
    checkBelow(words[i]!, limit, name);
    out[i] = words[i]!;
  }
}

/** A step is a shape and what it adds. */
function flattenSteps({ shapes, steps }: StepSizes, columns: StepColumns, table: TokenTable): void {
  const { lane, kind, cpu, b, delta } = table;
  const words = scratchWords();
  decodeColumn(columns.stepShape, steps, words);
  for (let step = 0; step < steps; step++) {
    const shape = words[step]!;
    checkBelow(shape, shapes, 'shape');
    for (const column of [lane, kind, cpu, b]) column[shapes + step] = column[shape]!;
  }
  delta.fill(0, 0, shapes);
  decodeColumn(columns.stepDelta, steps, words);
  for (let step = 0; step < steps; step++) delta[shapes + step] = unzigzag(words[step]!);
}

/** With how many of them need a delta of their own. Columns end with a whole word: what lies beyond the events is looked at too. */
function readTokens(
  bytes: Uint8Array,
  count: number,
  { shapes, steps }: StepSizes,
  room: ColumnRoom,
): { readonly tokens: Uint16Array; readonly used: number } {
  const tokens = room.of(Uint16Array, 'tokens', count);
  if (bytes.length === count) tokens.set(bytes);
  else if (bytes.length === 2 * count) {
    for (let i = 0; i < count; i++) tokens[i] = bytes[2 * i]! | (bytes[2 * i + 1]! << 8);
  } else throw new Fault(`${bytes.length} bytes of tokens`, `one or two for each of ${count} events`);
  const padding = -count & 3;
  tokens.fill(shapes + steps - 1, count, count + padding);
  const used = checkTokens(tokens, count + padding, shapes, shapes + steps);
  return { tokens, used: steps === 0 ? used - padding : used };
}

/** How many are below `shapes`; faults: one that is not below `limit`. By signs, and four at a time: no branch. */
function checkTokens(tokens: Uint16Array, count: number, shapes: number, limit: number): number {
  const last = limit - 1;
  let signs = 0;
  let used = 0;
  for (let i = 0; i < count; i += 4) {
    const token0 = tokens[i]!;
    const token1 = tokens[i + 1]!;
    const token2 = tokens[i + 2]!;
    const token3 = tokens[i + 3]!;
    signs |= (last - token0) | (last - token1) | (last - token2) | (last - token3);
    used += ((token0 - shapes) >>> 31) + ((token1 - shapes) >>> 31);
    used += ((token2 - shapes) >>> 31) + ((token3 - shapes) >>> 31);
  }
  if (signs < 0) checkBelow(Math.max(...tokens.subarray(0, count)), limit, 'token');
  return used;
}

function readDeltas(bytes: Uint8Array, used: number, room: ColumnRoom): Int32Array {
  const words = scratchWords();
  const found = readVarints(bytes, 0, bytes.length, words);
  if (used !== found) throw new Fault(`${found} deltas`, `${used}, as the tokens say`);
  // With one more, for those who read before they know whether they need it.
  const deltas = room.of(Int32Array, 'deltas', found + 1);
  for (let i = 0; i < found; i++) deltas[i] = unzigzag(words[i]!);
  return deltas;
}

function inCommon(column: Uint8Array, count: number): number | undefined {
  const first = column[0];
  for (let i = 1; i < count; i++) if (column[i] !== first) return undefined;
  return first;
}

function checkSizes({ lanes, shapes, steps }: StepSizes, count: number): void {
  const fit =
    shapes >= 1 && shapes <= count && lanes >= 1 && lanes <= shapes && shapes + steps <= LONG_TOKENS;
  if (!fit)
    throw new Fault(`dictionaries of ${lanes}, ${shapes} and ${steps}`, `sizes that fit ${count} events`);
}

function checkBelow(value: number, limit: number, name: string): void {
  if (value >= limit) throw new Fault(`${name} ${value}`, `one below ${limit}`);
}
