/** Decodes a chunk in steps: flattens the dictionaries to one table by token, then looks every event up. */

import { Fault } from '../base/errors.ts';
import { decodeColumn } from './column.ts';
import type { ColumnRoom } from './column-room.ts';
import { MAX_CHUNK_EVENTS } from './format.ts';
import { type EncodedSteps, LONG_TOKENS, type StepColumns, type StepSizes } from './steps.ts';
import { readVarints, unzigzag } from './varint.ts';

/** What a token stands for, once per token: the dictionaries flattened for the loops over events. */
interface TokenTable {
  readonly lane: Uint32Array;
  readonly kind: Uint32Array;
  readonly cpu: Uint32Array;
  readonly object: Uint32Array;
  readonly b: Uint32Array;
  readonly c: Uint32Array;
  readonly delta: Int32Array;
}

/** The columns of a decoded chunk; a number stands for a column that is constant. */
interface DecodedSteps {
  readonly kind: Uint8Array | number;
  readonly cpu: Uint8Array | number;
  readonly object: Uint32Array;
  readonly a: Uint32Array;
  readonly b: Uint32Array;
  readonly c: Uint32Array;
}

export class StepDecoder {
  private readonly tokens = new Uint16Array(MAX_CHUNK_EVENTS);
  private readonly deltas = new Uint32Array(MAX_CHUNK_EVENTS);
  private readonly lastA = new Int32Array(LONG_TOKENS);
  private readonly laneObject = new Uint32Array(LONG_TOKENS);
  private readonly laneC = new Uint32Array(LONG_TOKENS);
  private readonly stepShape = new Uint32Array(LONG_TOKENS);
  private readonly stepDelta = new Uint32Array(LONG_TOKENS);
  private readonly table: TokenTable = {
    lane: new Uint32Array(LONG_TOKENS),
    kind: new Uint32Array(LONG_TOKENS),
    cpu: new Uint32Array(LONG_TOKENS),
    object: new Uint32Array(LONG_TOKENS),
    b: new Uint32Array(LONG_TOKENS),
    c: new Uint32Array(LONG_TOKENS),
    delta: new Int32Array(LONG_TOKENS),
  };

  decode({ sizes, columns }: EncodedSteps, count: number, room: ColumnRoom): DecodedSteps {
    checkSizes(sizes, count);
    this.flattenShapes(sizes, columns);
    this.flattenSteps(sizes, columns);
    this.readTokens(columns.tokens, count);
    const { table } = this;
    return {
      a: this.sumDeltas(sizes, columns.deltas, room.words('a', count), count),
      ...this.gatherWords(room, count),
      kind: this.gatherBytes('kind', table.kind, sizes.shapes, room, count),
      cpu: this.gatherBytes('cpu', table.cpu, sizes.shapes, room, count),
    };
  }

  /** Whether a shape of the chunk decoded last has a kind that is marked. */
  hasKind(marked: Uint8Array, shapes: number): boolean {
    return this.table.kind.subarray(0, shapes).some((kind) => marked[kind] !== 0);
  }

  private flattenShapes({ lanes, shapes }: StepSizes, columns: StepColumns): void {
    const { laneObject, laneC } = this;
    const { lane, kind, cpu, object, b, c } = this.table;
    decodeColumn(columns.laneObject, lanes, laneObject);
    decodeColumn(columns.laneC, lanes, laneC);
    decodeColumn(columns.shapeLane, shapes, lane);
    decodeColumn(columns.shapeKind, shapes, kind);
    decodeColumn(columns.shapeCpu, shapes, cpu);
    decodeColumn(columns.shapeB, shapes, b);
    for (let token = 0; token < shapes; token++) {
      checkBelow(lane[token]!, lanes, 'lane');
      checkBelow(kind[token]!, 0x100, 'kind');
      checkBelow(cpu[token]!, 0x100, 'cpu');
      object[token] = laneObject[lane[token]!]!;
      c[token] = laneC[lane[token]!]!;
    }
  }

  private flattenSteps({ shapes, steps }: StepSizes, columns: StepColumns): void {
    const { stepShape, stepDelta, table } = this;
    const { lane, kind, cpu, object, b, c, delta } = table;
    decodeColumn(columns.stepShape, steps, stepShape);
    decodeColumn(columns.stepDelta, steps, stepDelta);
    for (let step = 0; step < steps; step++) {
      const shape = stepShape[step]!;
      checkBelow(shape, shapes, 'shape');
      const token = shapes + step;
      for (const column of [lane, kind, cpu, object, b, c]) column[token] = column[shape]!;
      delta[token] = unzigzag(stepDelta[step]!);
    }
  }

  private readTokens(bytes: Uint8Array, count: number): void {
    const { tokens } = this;
    if (bytes.length === count) tokens.set(bytes);
    else if (bytes.length === 2 * count) {
      for (let i = 0; i < count; i++) tokens[i] = bytes[2 * i]! | (bytes[2 * i + 1]! << 8);
    } else throw new Fault(`${bytes.length} bytes of tokens`, `one or two for each of ${count} events`);
  }

  /** Column `a`: each event adds its delta to the last value of its lane. */
  private sumDeltas(sizes: StepSizes, bytes: Uint8Array, out: Uint32Array, count: number): Uint32Array {
    const deltaCount = readVarints(bytes, 0, bytes.length, this.deltas);
    this.lastA.fill(0, 0, sizes.lanes);
    const used = this.sumDeltasInto(out, count, sizes);
    if (used !== deltaCount) throw new Fault(`${deltaCount} deltas`, `${used}, as the tokens say`);
    return out;
  }

  /** Returns the number of deltas used. Checks the tokens on the way, which costs less than a loop of its own. */
  private sumDeltasInto(out: Uint32Array, count: number, { shapes, steps }: StepSizes): number {
    const { tokens, deltas, lastA } = this;
    const { lane, delta } = this.table;
    const tokenCount = shapes + steps;
    let used = 0;
    for (let i = 0; i < count; i++) {
      const token = tokens[i]!;
      let difference: number;
      if (token < shapes) difference = unzigzag(deltas[used++]!);
      else {
        if (token >= tokenCount) throw new Fault(`token ${token}`, `one below ${tokenCount}`);
        difference = delta[token]!;
      }
      const at = lane[token]!;
      const value = (lastA[at]! + difference) | 0;
      lastA[at] = value;
      out[i] = value;
    }
    return used;
  }

  /**
   * Columns object, b and c, four events at a time: with a body this short, the loop itself is half the cost.
   * The columns are up to three longer than the batch, which is allowed, so that no event is left over.
   */
  private gatherWords(
    room: ColumnRoom,
    count: number,
  ): { object: Uint32Array; b: Uint32Array; c: Uint32Array } {
    const { tokens, table } = this;
    const { object, b, c } = table;
    const rounded = (count + 3) & ~3;
    const to = {
      object: room.words('object', rounded),
      b: room.words('b', rounded),
      c: room.words('c', rounded),
    };
    const { object: toObject, b: toB, c: toC } = to;
    for (let i = 0; i < rounded; i += 4) {
      const token0 = tokens[i]!;
      const token1 = tokens[i + 1]!;
      const token2 = tokens[i + 2]!;
      const token3 = tokens[i + 3]!;
      toObject[i] = object[token0]!;
      toObject[i + 1] = object[token1]!;
      toObject[i + 2] = object[token2]!;
      toObject[i + 3] = object[token3]!;
      toB[i] = b[token0]!;
      toB[i + 1] = b[token1]!;
      toB[i + 2] = b[token2]!;
      toB[i + 3] = b[token3]!;
      toC[i] = c[token0]!;
      toC[i + 1] = c[token1]!;
      toC[i + 2] = c[token2]!;
      toC[i + 3] = c[token3]!;
    }
    return to;
  }

  private gatherBytes(
    name: 'kind' | 'cpu',
    of: Uint32Array,
    shapes: number,
    room: ColumnRoom,
    count: number,
  ): Uint8Array | number {
    const first = of[0]!;
    if (of.subarray(0, shapes).every((value) => value === first)) return first;
    const { tokens } = this;
    const out = room.bytes(name, count);
    for (let i = 0; i < count; i++) out[i] = of[tokens[i]!]!;
    return out;
  }
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
