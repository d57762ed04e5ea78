/** A workload: a named description, with options, of who does what to memory; it turns into batches of events. */

import { UsageError } from '../../core/base/errors.ts';
import { type Batch, DEFAULT_BATCH_SIZE } from '../../core/event/batch.ts';
import { Engine } from './engine.ts';
import {
  completeOptions,
  type OptionRow,
  type OptionTable,
  type OptionValues,
  optionRows,
  parseOptions,
} from './options.ts';

/** A named generator of events. */
export interface Workload {
  readonly name: string;
  /** A line for people. */
  readonly title: string;
  /** What it models, and what it is good for seeing. */
  readonly doc: string;
  readonly options: readonly OptionRow[];
  /** Events of a default recording: enough to see what the workload is about. */
  readonly defaultEvents: number;
  /** `--set` arguments (`name=value`, sizes with K, M or G) to option values; UsageError for what is wrong. */
  parse(settings: readonly string[]): Readonly<Record<string, number>>;
  /**
   * The first `events` events of the workload, lazily (fewer if it comes to an end before). The same arguments give the same events each time, and the
   * batch size changes only where they are cut. With the option `drain` the burst that reaches `events` is
   * finished, and then everything still alive is freed.
   */
  generate(
    seed: number,
    options: Readonly<Record<string, number>>,
    events: number,
    batchSize?: number,
  ): Iterable<Batch>;
}

/** What every workload can be asked. */
const COMMON_OPTIONS = {
  cpus: { default: 2, unit: 'cpus', min: 1, max: 64, doc: 'cpus that run it' },
  drain: {
    default: 0,
    unit: '(0 or 1)',
    min: 0,
    max: 1,
    doc: 'free everything at the end: exit, unmap, free, and drop the page cache',
  },
} as const satisfies OptionTable;

interface WorkloadSpec<T extends OptionTable> {
  readonly name: string;
  readonly title: string;
  readonly doc: string;
  readonly options: T;
  readonly defaultEvents: number;
  /** Declares files and starts the first tasks. */
  readonly start: (engine: Engine, options: OptionValues<T>) => void;
}

/** A workload with the options of all workloads beside its own. */
export function defineWorkload<T extends OptionTable>(spec: WorkloadSpec<T>): Workload {
  const { name, title, doc, defaultEvents } = spec;
  const table: OptionTable = { ...spec.options, ...COMMON_OPTIONS };
  return {
    name,
    title,
    doc,
    defaultEvents,
    options: optionRows(table),
    parse: (settings) => parseOptions(table, settings),
    generate(seed, options, events, batchSize = DEFAULT_BATCH_SIZE) {
      checkCount('events', events, 0);
      checkCount('batch size', batchSize, 1);
      const values = completeOptions(table, options) as OptionValues<T & typeof COMMON_OPTIONS>;
      const settings = { seed, cpus: values.cpus, drain: values.drain === 1, events, batchSize };
      return {
        [Symbol.iterator]() {
          const engine = new Engine(settings);
          spec.start(engine, values);
          return engine.run();
        },
      };
    },
  };
}

function checkCount(what: string, count: number, min: number): void {
  if (Number.isSafeInteger(count) && count >= min) return;
  throw new UsageError(`${what}: ${count} is not a whole number of at least ${min}`);
}
