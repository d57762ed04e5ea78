/**
 * The step coding of a chunk: one byte for most events.
 *
 * Programs repeat themselves: an instruction fetch follows the one before by a few bytes, a loop reads every
 * eighth byte of an array. So a chunk's events are told by three small dictionaries:
 *
 *   lane    (object, c)             accesses of one object in one mode; each lane remembers its last `a`
 *   shape   (lane, kind, cpu, b)    everything of an event but its `a` and its think time
 *   step    (shape, delta)          a whole event, given its lane's last `a`; only those that recur
 *
 * An event is a token: below the number of shapes it names a shape, and its delta (zigzag varint) comes next
 * in `deltas`; from there on it names a step. Tokens take one byte, or two (little-endian) when there are more
 * than 256 shapes. Think times are not part of it: they are a column of their own.
 *
 * Measured on valgrind lackey traces of true, ls, sqlite3 and a matrix product: 1.3 to 1.6 bytes an event,
 * where 80 to 92 % of the events need no delta of their own.
 */
import type { Batch } from '../core/event/batch.ts';
import { decodeColumn, encodeColumn } from './column.ts';
import { Fault } from './errors.ts';
import { MAX_CHUNK_EVENTS } from './format.ts';
import { PairTable, unsigned } from './intern.ts';
import { MAX_VARINT_BYTES, readVarints, unzigzag, writeVarint, zigzag } from './varint.ts';

/** How many entries the dictionaries have. */
export interface StepSizes {
  readonly lanes: number;
  readonly shapes: number;
  readonly steps: number;
}

export const STEP_COLUMNS = [
  'laneObject',
  'laneC',
  'shapeLane',
  'shapeKind',
  'shapeCpu',
  'shapeB',
  'stepShape',
  'stepDelta',
  'tokens',
  'deltas',
] as const;
export type StepColumns = Readonly<Record<(typeof STEP_COLUMNS)[number], Uint8Array>>;

export interface EncodedSteps {
  readonly sizes: StepSizes;
  readonly columns: StepColumns;
}

/** A step must recur this often to pay for its place in the dictionary. */
const MIN_STEP_USES = 3;
/** With more than one shape in four events, the dictionaries cost more than plain columns. */
const MIN_EVENTS_PER_SHAPE = 4;
const SHORT_TOKENS = 0x100;
const LONG_TOKENS = 0x1_0000;
/** Uses are counted up to here when the most used steps are looked for. */
const MAX_RANKED_USES = 255;

export class StepEncoder {
  private readonly lanes = new PairTable(MAX_CHUNK_EVENTS);
  private readonly shapes = new PairTable(MAX_CHUNK_EVENTS);
  private readonly steps = new PairTable(MAX_CHUNK_EVENTS);
  private readonly lastA = new Int32Array(MAX_CHUNK_EVENTS);
  private readonly stepOf = new Uint16Array(MAX_CHUNK_EVENTS);
  private readonly uses = new Uint32Array(MAX_CHUNK_EVENTS);
  private readonly tokenOf = new Uint16Array(MAX_CHUNK_EVENTS);
  private readonly tokens = new Uint16Array(MAX_CHUNK_EVENTS);
  private readonly deltas = new Uint8Array(MAX_CHUNK_EVENTS * MAX_VARINT_BYTES);

  /** Undefined when the events have too little in common. */
  encode(batch: Batch): EncodedSteps | undefined {
    if (!this.internEvents(batch)) return undefined;
    const { lanes, shapes, steps } = this;
    const short = shapes.size <= SHORT_TOKENS;
    const kept = this.keepRecurringSteps((short ? SHORT_TOKENS : LONG_TOKENS) - shapes.size);
    const deltas = this.tokenise(batch.count);
    const packedShapes = shapes.first.subarray(0, shapes.size);
    const shapeColumn = (unpack: (packed: number) => number) =>
      encodeColumn(Uint32Array.from(packedShapes, unpack), shapes.size);
    return {
      sizes: { lanes: lanes.size, shapes: shapes.size, steps: kept.length },
      columns: {
        laneObject: encodeColumn(unsigned(lanes.first), lanes.size),
        laneC: encodeColumn(unsigned(lanes.second), lanes.size),
        shapeLane: shapeColumn((packed) => packed >>> 16),
        shapeKind: shapeColumn((packed) => (packed >>> 8) & 0xff),
        shapeCpu: shapeColumn((packed) => packed & 0xff),
        shapeB: encodeColumn(unsigned(shapes.second), shapes.size),
        stepShape: encodeColumn(
          kept.map((step) => steps.first[step]!),
          kept.length,
        ),
        stepDelta: encodeColumn(
          kept.map((step) => zigzag(steps.second[step]!)),
          kept.length,
        ),
        tokens: this.tokenBytes(batch.count, short),
        deltas,
      },
    };
  }

  /** Finds the step of every event and counts its uses; false when there are too many shapes. */
  private internEvents(batch: Batch): boolean {
    const { lanes, shapes, steps, lastA, stepOf, uses } = this;
    const { count, kind, cpu, object, a, b, c } = batch;
    lastA.fill(0, 0, lanes.size);
    uses.fill(0, 0, steps.size);
    for (const table of [lanes, shapes, steps]) table.clear();

    const maxShapes = Math.floor(count / MIN_EVENTS_PER_SHAPE);
    for (let i = 0; i < count; i++) {
      const lane = lanes.intern(object[i]! | 0, c[i]! | 0);
      const shape = shapes.intern((lane << 16) | (kind[i]! << 8) | cpu[i]!, b[i]! | 0);
      if (shape >= maxShapes) return false;
      const value = a[i]! | 0;
      const step = steps.intern(shape, (value - lastA[lane]!) | 0);
      lastA[lane] = value;
      stepOf[i] = step;
      uses[step]!++;
    }
    return true;
  }

  /** Gives the most used steps, at most `room`, tokens of their own; all others get their shape's. */
  private keepRecurringSteps(room: number): Uint32Array {
    const { shapes, steps, uses, tokenOf } = this;
    const minUses = this.usesToBeAmong(room);
    const kept: number[] = [];
    for (let step = 0; step < steps.size; step++) {
      if (uses[step]! >= minUses && kept.length < room) {
        tokenOf[step] = shapes.size + kept.length;
        kept.push(step);
      } else {
        tokenOf[step] = steps.first[step]!;
      }
    }
    return Uint32Array.from(kept);
  }

  /** The least number of uses (at least MIN_STEP_USES) that no more than `room` steps reach. */
  private usesToBeAmong(room: number): number {
    const stepsByUses = new Uint32Array(MAX_RANKED_USES + 1);
    for (let step = 0; step < this.steps.size; step++) {
      stepsByUses[Math.min(this.uses[step]!, MAX_RANKED_USES)]!++;
    }
    let minUses = MAX_RANKED_USES;
    let reached = stepsByUses[minUses]!;
    while (minUses > MIN_STEP_USES && reached + stepsByUses[minUses - 1]! <= room) {
      reached += stepsByUses[--minUses]!;
    }
    return minUses;
  }

  /** Finds the token of every event; returns the deltas of those whose token is a shape. */
  private tokenise(count: number): Uint8Array {
    const { shapes, steps, stepOf, tokenOf, tokens, deltas } = this;
    let at = 0;
    for (let i = 0; i < count; i++) {
      const step = stepOf[i]!;
      const token = tokenOf[step]!;
      tokens[i] = token;
      if (token < shapes.size) at = writeVarint(deltas, at, zigzag(steps.second[step]!));
    }
    return deltas.slice(0, at);
  }

  private tokenBytes(count: number, short: boolean): Uint8Array {
    const tokens = this.tokens.subarray(0, count);
    if (short) return new Uint8Array(tokens);
    const bytes = new Uint8Array(2 * count);
    for (let i = 0; i < count; i++) {
      bytes[2 * i] = tokens[i]!;
      bytes[2 * i + 1] = tokens[i]! >>> 8;
    }
    return bytes;
  }
}

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
export interface DecodedSteps {
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

  decode({ sizes, columns }: EncodedSteps, count: number): DecodedSteps {
    checkSizes(sizes, count);
    this.flattenShapes(sizes, columns);
    this.flattenSteps(sizes, columns);
    this.readTokens(columns.tokens, count);
    const { table } = this;
    return {
      a: this.sumDeltas(sizes, columns.deltas, count),
      ...this.gatherWords(count),
      kind: this.gatherBytes(table.kind, sizes.shapes, count),
      cpu: this.gatherBytes(table.cpu, sizes.shapes, count),
    };
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
  private sumDeltas(sizes: StepSizes, bytes: Uint8Array, count: number): Uint32Array {
    const deltaCount = readVarints(bytes, 0, bytes.length, this.deltas);
    this.lastA.fill(0, 0, sizes.lanes);
    const out = new Uint32Array(count);
    const used = this.sumDeltasInto(out, sizes);
    if (used !== deltaCount) throw new Fault(`${deltaCount} deltas`, `${used}, as the tokens say`);
    return out;
  }

  /** Returns the number of deltas used. Checks the tokens on the way, which costs less than a loop of its own. */
  private sumDeltasInto(out: Uint32Array, { shapes, steps }: StepSizes): number {
    const { tokens, deltas, lastA } = this;
    const { lane, delta } = this.table;
    const tokenCount = shapes + steps;
    let used = 0;
    for (let i = 0; i < out.length; i++) {
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
  private gatherWords(count: number): { object: Uint32Array; b: Uint32Array; c: Uint32Array } {
    const { tokens, table } = this;
    const { object, b, c } = table;
    const rounded = (count + 3) & ~3;
    const to = { object: new Uint32Array(rounded), b: new Uint32Array(rounded), c: new Uint32Array(rounded) };
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

  private gatherBytes(of: Uint32Array, shapes: number, count: number): Uint8Array | number {
    const first = of[0]!;
    if (of.subarray(0, shapes).every((value) => value === first)) return first;
    const { tokens } = this;
    const out = new Uint8Array(count);
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
