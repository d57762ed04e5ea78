/** Synthetic workloads: named generators of events. A new one is a file and a row of WORKLOADS. */

import { build } from './build.ts';
import { database } from './database.ts';
import { drivers } from './drivers.ts';
import { EXAMPLES, type Example } from './examples/index.ts';
import { highmem } from './highmem.ts';
import { kvstore } from './kvstore.ts';
import { netrx } from './netrx.ts';
import { unknownName } from './options.ts';
import { prefork } from './prefork.ts';
import type { Workload } from './workload.ts';

export { EXAMPLES, type Example, type Scene } from './examples/index.ts';
export type { OptionRow } from './options.ts';
export type { Workload } from './workload.ts';

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
