/** A slice of a trace: the events of a range, after a prologue that makes what they need. */
import { type Batch, BatchBuilder, sliceBatch } from '../../core/event/batch.ts';
import { EVENT_KINDS, type KindName } from '../../core/event/kinds.ts';
import { kindOf } from '../../core/event/vocabulary.ts';
import { Prologue } from './prologue.ts';

/** What is to be in a slice. */
export interface SliceOptions {
  /** Number of the first event, and of the first that is not in the slice any more. */
  readonly from: number;
  readonly to: number;
  /**
   * Only what these processes do; other events on their cpus, and what processes, files, caches and devices there are,
   * is kept as far as the rest needs it.
   */
  readonly processes?: ReadonlySet<number> | undefined;
  /** Only events that name one of these objects. Objects that they are made of have to be named too. */
  readonly objects?: ReadonlySet<number> | undefined;
}

/** How many events a slice has. */
export interface SliceResult {
  /** Events before those of the range, and these. */
  prologue: number;
  kept: number;
}

/** Events of which it is never asked whose they are: without them the others have no place to happen. */
const FRAMEWORK: ReadonlySet<number> = new Set(
  (
    [
      ...(['spawn', 'fork', 'clone', 'exec', 'exit', 'switch'] as const),
      ...(['file', 'kmem_cache_create', 'kmem_cache_destroy', 'device', 'device_remove'] as const),
    ] satisfies KindName[]
  ).map((kind) => EVENT_KINDS[kind].code),
);

/** The batches of the slice; `result` is filled while they are read. Ends reading at `to`. */
export async function* sliced(
  batches: Iterable<Batch> | AsyncIterable<Batch>,
  options: SliceOptions,
  result: SliceResult,
): AsyncGenerator<Batch> {
  const { from, to } = options;
  const prologue = new Prologue();
  const wanted = new Chosen(options);
  let firstEvent = 0;
  let begun = false;
  for await (const batch of batches) {
    const start = Math.min(batch.count, Math.max(0, from - firstEvent));
    const end = Math.min(batch.count, to - firstEvent);
    for (let at = 0; at < start; at++) if (wanted.next(batch, at)) prologue.add(batch, at);
    if (end > start) {
      if (!begun) yield* told(prologue, result);
      begun = true;
      const kept = wanted.filtered(sliceBatch(batch, start, end));
      result.kept += kept.count;
      if (kept.count > 0) yield kept;
    }
    firstEvent += batch.count;
    if (firstEvent >= to) break;
  }
  if (!begun) yield* told(prologue, result);
}

function* told(prologue: Prologue, result: SliceResult): Generator<Batch> {
  for (const batch of prologue.batches()) {
    result.prologue += batch.count;
    yield batch;
  }
}

const CPUS = 256;
const SWITCH = EVENT_KINDS.switch.code;
const EXIT = EVENT_KINDS.exit.code;
const NOBODY = -1;

/** Which events are wanted; it follows which process runs where. */
class Chosen {
  private readonly running = new Float64Array(CPUS).fill(NOBODY);
  private readonly options: SliceOptions;

  constructor(options: SliceOptions) {
    this.options = options;
  }

  /** Of events in their order. */
  next(batch: Batch, at: number): boolean {
    const { processes, objects } = this.options;
    const kind = batch.kind[at]!;
    const on = batch.cpu[at]!;
    const by = this.running[on]!;
    if (kind === SWITCH) this.running[on] = batch.object[at]!;
    else if (kind === EXIT) this.running[on] = NOBODY;
    if (FRAMEWORK.has(kind)) return true;
    return (
      (processes === undefined || processes.has(by)) && (objects === undefined || names(batch, at, objects))
    );
  }

  filtered(batch: Batch): Batch {
    const { processes, objects } = this.options;
    if (processes === undefined && objects === undefined) return batch;
    const builder = new BatchBuilder(batch.count);
    const { count, kind, cpu, thinkNs, object, a, b, c } = batch;
    for (let at = 0; at < count; at++)
      if (this.next(batch, at))
        builder.push(kind[at]!, cpu[at]!, thinkNs[at]!, object[at]!, a[at]!, b[at]!, c[at]!);
    return builder.take();
  }
}

function names(batch: Batch, at: number, objects: ReadonlySet<number>): boolean {
  const fields = kindOf(batch.kind[at]!)?.fields ?? [];
  return fields.some(({ column, type }) => type.space === 'object' && objects.has(batch[column][at]!));
}
