/** A batch in steps: its columns are made when somebody asks for them, one by one. */
import type { Batch } from '../../core/event/batch.ts';
import type { Steps } from '../../core/event/steps.ts';
import type { ColumnRoom } from './column-room.ts';

/** The columns that are there from the beginning: they are the same for all events, or told beside the steps. */
export interface GivenColumns {
  readonly kind: Uint8Array | undefined;
  readonly cpu: Uint8Array | undefined;
  readonly thinkNs: Uint32Array;
}

export class StepBatch implements Batch {
  readonly count: number;
  readonly steps: Steps;
  readonly thinkNs: Uint32Array;
  private readonly room: ColumnRoom;
  private kinds: Uint8Array | undefined;
  private cpus: Uint8Array | undefined;
  private objects: Uint32Array | undefined = undefined;
  private as: Uint32Array | undefined = undefined;
  private bs: Uint32Array | undefined = undefined;
  private cs: Uint32Array | undefined = undefined;

  constructor(count: number, steps: Steps, { kind, cpu, thinkNs }: GivenColumns, room: ColumnRoom) {
    this.count = count;
    this.steps = steps;
    this.kinds = kind;
    this.cpus = cpu;
    this.thinkNs = thinkNs;
    this.room = room;
  }

  get kind(): Uint8Array {
    this.kinds ??= gatherBytes(
      this.steps,
      this.steps.table.kind,
      this.room.of(Uint8Array, 'kind', this.count),
      this.count,
    );
    return this.kinds;
  }

  get cpu(): Uint8Array {
    this.cpus ??= gatherBytes(
      this.steps,
      this.steps.table.cpu,
      this.room.of(Uint8Array, 'cpu', this.count),
      this.count,
    );
    return this.cpus;
  }

  get object(): Uint32Array {
    this.objects ??= this.gathered('object', this.byToken(this.steps.lanes.object));
    return this.objects;
  }

  get a(): Uint32Array {
    this.as ??= sumDeltas(this.steps, this.room.of(Uint32Array, 'a', this.count), this.count);
    return this.as;
  }

  get b(): Uint32Array {
    this.bs ??= this.gathered('b', this.steps.table.b);
    return this.bs;
  }

  get c(): Uint32Array {
    this.cs ??= this.gathered('c', this.byToken(this.steps.lanes.c));
    return this.cs;
  }

  /** What the lanes of the tokens have. */
  private byToken(byLane: Uint32Array): Uint32Array {
    const { table } = this.steps;
    return Uint32Array.from({ length: table.count }, (_, token) => byLane[table.lane[token]!]!);
  }

  private gathered(name: string, byToken: Uint32Array): Uint32Array {
    return gatherWords(this.steps, byToken, this.room.of(Uint32Array, name, this.count), this.count);
  }
}

/**
 * Four events at a time: with a body this short, the loop itself is half the cost. Columns end with a whole word, and
 * tokens too, so that no event is left over.
 */
function gatherWords({ tokens }: Steps, of: Uint32Array, to: Uint32Array, count: number): Uint32Array {
  for (let i = 0; i < count; i += 4) {
    to[i] = of[tokens[i]!]!;
    to[i + 1] = of[tokens[i + 1]!]!;
    to[i + 2] = of[tokens[i + 2]!]!;
    to[i + 3] = of[tokens[i + 3]!]!;
  }
  return to;
}

function gatherBytes({ tokens }: Steps, of: Uint8Array, to: Uint8Array, count: number): Uint8Array {
  for (let i = 0; i < count; i++) to[i] = of[tokens[i]!]!;
  return to;
}

const MOST_LANES = 0x1_0000;
/** Holds nothing between two batches. */
const lastA = new Int32Array(MOST_LANES);

/** Each event adds its delta to the last value of its lane. */
function sumDeltas(
  { tokens, shapes, deltas, lanes, table }: Steps,
  to: Uint32Array,
  count: number,
): Uint32Array {
  const { lane, delta } = table;
  lastA.fill(0, 0, lanes.count);
  let used = 0;
  for (let i = 0; i < count; i++) {
    const token = tokens[i]!;
    const at = lane[token]!;
    const value = (lastA[at]! + (token < shapes ? deltas[used++]! : delta[token]!)) | 0;
    lastA[at] = value;
    to[i] = value;
  }
  return to;
}
