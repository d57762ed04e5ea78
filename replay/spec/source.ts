/** The events that a command works on: a trace (FILE or -), or a workload made up on the way (workload:NAME). */
import { type Batch, eventAt, type MemoryEvent, sliceBatch, UsageError } from '../../core/index.ts';
import {
  type InitialState,
  initialStateOf,
  type Lost,
  type Notes,
  type TraceHeader,
} from '../../traces/index.ts';
import type { BatchSource } from '../index.ts';
import type { Terminal } from './terminal.ts';
import { openTraceInput } from './trace-input.ts';
import { chooseWorkload, type WorkloadArguments } from './workload-options.ts';

export interface Events {
  readonly name: string;
  readonly batches: BatchSource;
  /** Undefined when it comes from a pipe. */
  readonly total: number | undefined;
  /** What the trace notes of the kernel that it was recorded on. */
  readonly snapshot?: InitialState | undefined;
  /** Cpus that the workload was made for. */
  readonly cpus: number;
  /** The arguments that name the same events again. */
  readonly arguments: readonly string[];
  /** What a trace lacks; known when the batches have ended. */
  lost(): Lost | undefined;
  close(): Promise<void> | void;
}

export const EVENTS_ARGUMENT = 'a trace; - is standard input, workload:NAME a workload recorded on the way';

const WORKLOAD_PREFIX = 'workload:';

export async function openEvents(
  what: string,
  given: WorkloadArguments,
  terminal: Terminal,
): Promise<Events> {
  return what.startsWith(WORKLOAD_PREFIX) ? ofWorkload(what, given) : ofTrace(what, given, terminal);
}

function ofWorkload(what: string, given: WorkloadArguments): Events {
  const chosen = chooseWorkload(what.slice(WORKLOAD_PREFIX.length), given);
  return {
    name: `${chosen.name}, seed ${chosen.seed}`,
    batches: chosen.generate(),
    total: chosen.events,
    cpus: chosen.options.cpus ?? 1,
    arguments: [what, ...chosen.arguments],
    lost: () => undefined,
    close() {},
  };
}

async function ofTrace(path: string, given: WorkloadArguments, terminal: Terminal): Promise<Events> {
  const wrong = (['seed', 'events', 'set'] as const).find((option) => given[option] !== undefined);
  if (wrong !== undefined)
    throw new UsageError(
      `${path}: found --${wrong}, which a trace cannot follow, expected it with workload:NAME only`,
    );
  const { trace, seekable } = await openTraceInput(path, terminal);
  return {
    name: trace.file,
    batches: trace.batches(),
    total: seekable ? trace.events : undefined,
    snapshot: initialStateOf(trace.header),
    cpus: cpusOf(trace),
    arguments: [path],
    lost: () => trace.lost,
    close: () => (seekable ? trace.close() : undefined),
  };
}

/** `record` has every option of the workload in the header; `import` notes how many cpus it saw at the end. */
function cpusOf({ header, notes }: { readonly header: TraceHeader; readonly notes: Notes }): number {
  const { options } = header.parameters;
  const cpus =
    typeof options === 'object' && options !== null && 'cpus' in options ? options.cpus : notes.cpus;
  return typeof cpus === 'number' && Number.isInteger(cpus) && cpus >= 1 ? cpus : 1;
}

/** The first `count` events; `onNext` gets the one that comes then, if there is one. */
export async function* firstEvents(
  source: BatchSource,
  count: number,
  onNext?: (event: MemoryEvent) => void,
): AsyncGenerator<Batch> {
  let left = count;
  for await (const batch of source) {
    if (left > 0) yield batch.count <= left ? batch : sliceBatch(batch, 0, left);
    if (left < batch.count) {
      const next = eventAt(batch, left);
      if (next !== undefined) onNext?.(next);
      return;
    }
    left -= batch.count;
    if (left === 0 && onNext === undefined) return;
  }
}
