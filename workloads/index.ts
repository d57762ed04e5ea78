/** Synthetic workloads: named generators of events. A new one is a file and a row of WORKLOADS. */

import { unknownName } from './engine/options.ts';
import type { Workload } from './engine/workload.ts';
import { EXAMPLES, type Example } from './examples/index.ts';
import { build } from './synthetic/build.ts';
import { database } from './synthetic/database.ts';
import { drivers } from './synthetic/drivers.ts';
import { highmem } from './synthetic/highmem.ts';
import { kvstore } from './synthetic/kvstore.ts';
import { netrx } from './synthetic/netrx.ts';
import { prefork } from './synthetic/prefork.ts';

export type { OptionRow } from './engine/options.ts';
export type { Workload } from './engine/workload.ts';
export { EXAMPLES, type Example, type Scene } from './examples/index.ts';

/** All synthetic workloads; `workload` finds one by its name. */
export const WORKLOADS: readonly Workload[] = [build, database, drivers, highmem, kvstore, netrx, prefork];

/** The workload or worked example of this name; UsageError when there is none. */
export function workload(name: string): Workload {
  return named('workload', name, [...WORKLOADS, ...EXAMPLES]);
}

/** The worked example of this name; UsageError when there is none. */
export function example(name: string): Example {
  return named('example', name, EXAMPLES);
}

function named<T extends Workload>(what: string, name: string, known: readonly T[]): T {
  const found = known.find((candidate) => candidate.name === name);
  if (found !== undefined) return found;
  throw unknownName(
    what,
    name,
    known.map((candidate) => candidate.name),
  );
}
