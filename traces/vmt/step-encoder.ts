/** Encodes a batch in steps: finds the lanes, shapes and steps that recur, then a token for every event. */
import type { Batch } from '../../core/event/batch.ts';
import { encodeColumn } from './column.ts';
import { MAX_CHUNK_EVENTS } from './format.ts';
import { PairTable, unsigned } from './intern.ts';
import { type EncodedSteps, LONG_TOKENS, SHORT_TOKENS } from './steps.ts';
import { MAX_VARINT_BYTES, writeVarint, zigzag } from './varint.ts';

/** A step must recur this often to pay for its place in the dictionary. */
const MIN_STEP_USES = 3;
/** With more than one shape in four events, the dictionaries cost more than plain columns. */
const MIN_EVENTS_PER_SHAPE = 4;
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
