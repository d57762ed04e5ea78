/** The events of a run: those of a trace, or a workload made up on the way. */
import type { Batch } from '../../core/index.ts';
import {
  type InitialState,
  initialStateOf,
  type Lost,
  type Notes,
  ObjectNames,
  type ReadOptions,
  type TraceHeader,
} from '../../traces/index.ts';
import { workload } from '../../workloads/index.ts';
import type { RunFiles } from './files.ts';
import {
  DEFAULT_SEED,
  type EventsSpec,
  type RunSpec,
  type TraceSpec,
  type WorkloadSpec,
} from './run-spec.ts';

/** The events of a run, and what is known of them; whoever opened them closes them. */
export interface Events {
  readonly name: string;
  readonly batches: Iterable<Batch> | AsyncIterable<Batch>;
  /** Those from this event on; undefined when they can only be had from the first on. */
  readonly from?: ((event: number) => AsyncIterable<Batch>) | undefined;
  /** Undefined when it comes from a pipe. */
  readonly total: number | undefined;
  /** What the trace notes of the kernel that it was recorded on. */
  readonly snapshot?: InitialState | undefined;
  /** Who asked for which object; of a trace from a pipe, once the batches have ended. */
  names(): ObjectNames;
  /** Cpus that the workload was made for. */
  readonly cpus: number;
  /** What a trace lacks; known when the batches have ended. */
  lost(): Lost | undefined;
  close(): Promise<void> | void;
}

/** Opens them, to read a trace so; who does so closes them. A file that is missing or no trace, or an unknown workload, is a UsageError. */
export async function sourceOf(
  run: Pick<RunSpec, 'events'>,
  files: Pick<RunFiles, 'trace'>,
  reading: ReadOptions = {},
): Promise<Events> {
  return isWorkload(run.events) ? ofWorkload(run.events) : ofTrace(run.events, files, reading);
}

export function isWorkload(events: EventsSpec): events is WorkloadSpec {
  return 'workload' in events;
}

/** What is left open is as the workload has it: seed, number of events, every option of the workload. */
export function completeWorkload({
  workload: name,
  seed,
  events,
  options,
}: WorkloadSpec): Required<WorkloadSpec> {
  const { defaultEvents, options: rows } = workload(name);
  const defaults = Object.fromEntries(rows.map((row) => [row.name, row.default]));
  return {
    workload: name,
    seed: seed ?? DEFAULT_SEED,
    events: events ?? defaultEvents,
    options: { ...defaults, ...options },
  };
}

function ofWorkload(spec: WorkloadSpec): Events {
  const { workload: name, seed, events, options } = completeWorkload(spec);
  return {
    name: `${name}, seed ${seed}`,
    batches: workload(name).generate(seed, spec.options ?? {}, events),
    total: events,
    cpus: options.cpus ?? 1,
    names: () => ObjectNames.NONE,
    lost: () => undefined,
    close() {},
  };
}

async function ofTrace(
  { trace: path }: TraceSpec,
  files: Pick<RunFiles, 'trace'>,
  reading: ReadOptions,
): Promise<Events> {
  const trace = await files.trace(path);
  return {
    name: trace.name,
    batches: trace.batches(0, reading),
    from: trace.events === undefined ? undefined : (event) => trace.batches(event, reading),
    total: trace.events,
    snapshot: initialStateOf(trace.header),
    cpus: cpusOf(trace),
    names: () => ObjectNames.in(trace.notes),
    lost: () => trace.lost(),
    close: () => trace.close(),
  };
}

/** `record` has every option of the workload in the header; `import` notes how many cpus it saw at the end. */
export function cpusOf({ header, notes }: { readonly header: TraceHeader; readonly notes: Notes }): number {
  const { options } = header.parameters;
  const cpus =
    typeof options === 'object' && options !== null && 'cpus' in options ? options.cpus : notes.cpus;
  return typeof cpus === 'number' && Number.isInteger(cpus) && cpus >= 1 ? cpus : 1;
}
