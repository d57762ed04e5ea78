/** A batch told in steps the obvious way: a token for each thing that is met, in the order of meeting. */
import { type Batch, newBatch } from '../../core/event/batch.ts';
import type { Steps } from '../../core/event/steps.ts';

/** The same events in steps: every `every`-th by a token that needs a delta of its own. Columns are there too. */
export function inSteps(batch: Batch, every = 2): Batch {
  const { count, kind, cpu, thinkNs, object, a, b, c } = batch;
  const events = Array.from({ length: count }, (_, at) => at);
  const lanes = new Numbers();
  const shapes = new Numbers();
  const steps = new Numbers();
  const lastA = new Map<number, number>();
  const told = events.map((at) => {
    const lane = lanes.of(object[at], c[at]);
    const delta = (a[at]! - (lastA.get(lane) ?? 0)) | 0;
    lastA.set(lane, a[at]!);
    return { lane, delta, at, shape: shapes.of(lane, kind[at], cpu[at], b[at]) };
  });
  const isShape = ({ at }: { at: number }): boolean => at % every === 0;
  const nrShapes = shapes.size;
  const tokens = told.map((one) => (isShape(one) ? one.shape : nrShapes + steps.of(one.shape, one.delta)));
  const shape = shapes.all.map(([lane, kind, cpu, b]) => ({ lane, kind, cpu, b, delta: 0 }));
  const table = [...shape, ...steps.all.map(([of, delta]) => ({ ...shape[of!]!, delta: delta! }))];
  const all = (values: Iterable<number>): number | undefined => {
    const found = new Set(values);
    return found.size === 1 ? [...found][0] : undefined;
  };
  const toldSteps: Steps = {
    tokens: Uint16Array.from({ length: (count + 3) & ~3 }, (_, at) => tokens[at] ?? 0),
    shapes: nrShapes,
    deltas: Int32Array.of(...told.filter(isShape).map(({ delta }) => delta), 0),
    lanes: {
      count: lanes.size,
      object: Uint32Array.from(lanes.all, ([of]) => of!),
      c: Uint32Array.from(lanes.all, ([, mode]) => mode!),
    },
    table: {
      count: table.length,
      lane: Uint16Array.from(table, (row) => row.lane!),
      kind: Uint8Array.from(table, (row) => row.kind!),
      cpu: Uint8Array.from(table, (row) => row.cpu!),
      b: Uint32Array.from(table, (row) => row.b!),
      delta: Int32Array.from(table, (row) => row.delta),
    },
    kind: all(kind.subarray(0, count)),
    cpu: all(cpu.subarray(0, count)),
    thinkNs: all(thinkNs.subarray(0, count)),
  };
  return { ...newBatch(count, batch), steps: toldSteps };
}

/** Numbers tuples as they are met. */
class Numbers {
  readonly all: (readonly number[])[] = [];
  private readonly known = new Map<string, number>();

  get size(): number {
    return this.all.length;
  }

  of(...values: readonly (number | undefined)[]): number {
    const key = values.join();
    const known = this.known.get(key);
    if (known !== undefined) return known;
    this.known.set(key, this.all.length);
    this.all.push(values as readonly number[]);
    return this.all.length - 1;
  }
}
