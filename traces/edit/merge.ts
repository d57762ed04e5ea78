/**
 * Several traces as one: interleaved by time, on cpus of their own, or one after the other. Numbers of things are made
 * disjoint without looking ahead: of k traces, the i-th gets every k-th number from i on.
 */
import { UsageError } from '../../core/base/errors.ts';
import { type Batch, BatchBuilder, newBatch } from '../../core/event/batch.ts';
import type { FieldType } from '../../core/event/field-types.ts';
import { kindOf } from '../../core/event/vocabulary.ts';

/** One of the traces that become one; its name is for messages. */
export interface MergeInput {
  readonly name: string;
  readonly batches: Iterable<Batch> | AsyncIterable<Batch>;
  /** How many the trace was made for. */
  readonly cpus: number;
}

/** What object number `object` of the i-th of k traces is called. */
export function mergedObject(object: number, i: number, k: number): number {
  return object * k + i;
}

const MOST_NUMBER = 2 ** 32 - 1;
const CPUS = 256;

/** One trace after the other, on the same cpus. Throws a UsageError where numbers of things become too large. */
export async function* appended(inputs: readonly MergeInput[]): AsyncGenerator<Batch> {
  for (const [i, input] of inputs.entries()) {
    const numbers = new Renumbering(input, i, inputs.length);
    for await (const batch of input.batches) yield numbers.renumbered(batch);
  }
}

/**
 * By time, each trace on cpus of its own: the first on 0 and up, the next above them. An event is as late as the latest
 * clock of its trace, clocks being sums of the times between events. UsageErrors: more than 256 cpus, an event on a cpu
 * that its trace was not made for, numbers of things that become too large.
 */
export async function* interleaved(inputs: readonly MergeInput[]): AsyncGenerator<Batch> {
  const cpus = inputs.reduce((sum, input) => sum + input.cpus, 0);
  if (cpus > CPUS)
    throw new UsageError(`found ${cpus} cpus of all traces together, expected at most ${CPUS}: append them`);
  const cursors = inputs.map((input, i) => {
    const firstCpu = inputs.slice(0, i).reduce((sum, other) => sum + other.cpus, 0);
    return new Cursor(input, new Renumbering(input, i, inputs.length, firstCpu));
  });
  for (const cursor of cursors) await cursor.load();
  const builder = new BatchBuilder();
  for (;;) {
    const first = earliest(cursors);
    if (first === undefined) break;
    // While it is the earliest, and its batch lasts.
    const limitNs = Math.min(
      ...cursors.map((other) => (other === first ? Number.POSITIVE_INFINITY : other.ns)),
    );
    do {
      first.moveTo(builder);
      if (builder.full) yield builder.take();
    } while (first.hasEvent && first.ns < limitNs);
    if (!first.hasEvent) await first.load();
  }
  if (builder.length > 0) yield builder.take();
}

/** Of several at the same time, the first that was named. */
function earliest(cursors: readonly Cursor[]): Cursor | undefined {
  let found: Cursor | undefined;
  for (const cursor of cursors)
    if (cursor.hasEvent && (found === undefined || cursor.ns < found.ns)) found = cursor;
  return found;
}

/** The next event of a trace, and when it comes. */
class Cursor {
  /** Latest clock of the trace with that event; infinite at its end. */
  ns = 0;
  hasEvent = false;
  private readonly iterator: Iterator<Batch> | AsyncIterator<Batch>;
  private readonly numbers: Renumbering;
  private readonly clocks = new Float64Array(CPUS);
  private batch: Batch | undefined;
  private at = 0;

  constructor({ batches }: MergeInput, numbers: Renumbering) {
    this.iterator =
      Symbol.asyncIterator in batches ? batches[Symbol.asyncIterator]() : batches[Symbol.iterator]();
    this.numbers = numbers;
  }

  /** Goes to the first event of the next batch. */
  async load(): Promise<void> {
    do {
      const { done, value } = await this.iterator.next();
      if (done) {
        this.hasEvent = false;
        this.ns = Number.POSITIVE_INFINITY;
        return;
      }
      this.batch = this.numbers.renumbered(value);
    } while (this.batch.count === 0);
    this.at = 0;
    this.hasEvent = true;
    this.time();
  }

  moveTo(builder: BatchBuilder): void {
    const { kind, cpu, thinkNs, object, a, b, c, count } = this.batch!;
    const { at } = this;
    builder.push(kind[at]!, cpu[at]!, thinkNs[at]!, object[at]!, a[at]!, b[at]!, c[at]!);
    this.at++;
    this.hasEvent = this.at < count;
    if (this.hasEvent) this.time();
  }

  private time(): void {
    const { cpu, thinkNs } = this.batch!;
    const on = cpu[this.at]!;
    const ns = this.clocks[on]! + thinkNs[this.at]!;
    this.clocks[on] = ns;
    if (ns > this.ns) this.ns = ns;
  }
}

/** Numbers of the things of one of several traces, and of its cpus where they get some of their own. */
class Renumbering {
  private readonly input: MergeInput;
  private readonly index: number;
  private readonly of: number;
  /** Where its cpus begin; undefined: they stay. */
  private readonly firstCpu: number | undefined;

  constructor(input: MergeInput, index: number, of: number, firstCpu?: number) {
    this.input = input;
    this.index = index;
    this.of = of;
    this.firstCpu = firstCpu;
  }

  renumbered(batch: Batch): Batch {
    const { count, kind, cpu, thinkNs, object, a, b, c } = batch;
    const to = { object: object.slice(), a: a.slice(), b: b.slice(), c: c.slice() };
    for (let at = 0; at < count; at++) {
      for (const { column, type } of kindOf(kind[at]!)?.fields ?? [])
        if (type.space !== undefined) to[column][at] = this.number(batch[column][at]!, type);
    }
    return newBatch(count, { kind, cpu: this.cpus(cpu, count), thinkNs, ...to });
  }

  private cpus(cpu: Uint8Array, count: number): Uint8Array {
    const { firstCpu } = this;
    const { cpus, name } = this.input;
    if (firstCpu === undefined) return cpu;
    const beyond = cpu.subarray(0, count).find((on) => on >= cpus);
    if (beyond === undefined) return cpu.map((on) => on + firstCpu);
    throw new UsageError(
      `${name}: found an event on cpu ${beyond}, expected one of the ${cpus} that the trace says it was made for: append it instead`,
    );
  }

  /** Of files and processes 0 is none. */
  private number(value: number, { space, idOf }: FieldType): number {
    const id = idOf?.(value) ?? value;
    const none = (space === 'file' || space === 'pid') && id === 0;
    if (none) return value;
    const first = space === 'file' || space === 'pid' ? 1 : 0;
    const moved = mergedObject(id - first, this.index, this.of) + first;
    // A field that holds more than a number holds it in its upper bits (dma-flags.ts).
    const scale = idOf === undefined ? 1 : 4;
    const result = moved * scale + (value - id * scale);
    if (result <= MOST_NUMBER) return result;
    throw new UsageError(
      `${this.input.name}: found ${space} ${id}, expected less than ${Math.floor(MOST_NUMBER / scale / this.of)} to merge ${this.of} traces`,
    );
  }
}
