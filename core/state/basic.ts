/** State that belongs to no mechanism alone: what objects are, what each cpu does, single numbers, totals. */
import { COUNTER_NAMES } from '../outcome/counters.ts';
import { float64Cells, table } from './parts.ts';

/** Room for the single numbers of all mechanisms; which is whose they say themselves (their `..._VAR`). */
const NR_VARS = 64;

export const basicState = {
  /** By object number; see objects.ts. */
  objects: table(1, { cells: 'float64', stride: 8, leafBits: 6 }),
  /** By cpu: clock and what it runs; see cpus.ts. */
  cpus: table(11, { cells: 'float64', stride: 16, leafBits: 2 }),
  vars: float64Cells(102, NR_VARS),
  /** Totals; see outcome/counters.ts. */
  counters: float64Cells(103, COUNTER_NAMES.length),
};
