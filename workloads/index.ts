/** Synthetic workloads: named generators of events. A new one is a file and a row of WORKLOADS. */

import { database } from './database.ts';
import { drivers } from './drivers.ts';
import { highmem } from './highmem.ts';
import { unknownName } from './options.ts';
import { prefork } from './prefork.ts';
import type { Workload } from './workload.ts';

export type { OptionRow } from './options.ts';
export type { Workload } from './workload.ts';

export const WORKLOADS: readonly Workload[] = [database, drivers, highmem, prefork];

/** The workload of this name; UsageError when there is none. */
export function workload(name: string): Workload {
  const found = WORKLOADS.find((candidate) => candidate.name === name);
  if (found === undefined)
    throw unknownName(
      'workload',
      name,
      WORKLOADS.map((known) => known.name),
    );
  return found;
}
