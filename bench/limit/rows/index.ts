/** The table of comparisons with C, in the order of the suites. */
import type { Lengths, LimitRow } from '../row.ts';
import { buddyRows } from './buddy.ts';
import { decodeRow } from './decode.ts';
import { kmallocRows } from './kmalloc.ts';
import { lackeyRow } from './lackey.ts';
import { queueRows } from './queue.ts';
import { traceRow } from './trace.ts';
import { translationRows } from './translation.ts';

/** Long enough that tables outgrow the caches; MIX faults in 3 % of its references then, and fewer the longer it is. */
export const LENGTHS: Lengths = {
  references: 2 ** 24,
  blockOperations: 2 ** 21,
  kmallocOperations: 2 ** 20,
  holds: 2 ** 20,
};

export function limitRows(lengths: Lengths = LENGTHS): LimitRow[] {
  return [
    ...buddyRows(lengths),
    ...kmallocRows(lengths),
    ...translationRows(lengths),
    traceRow,
    decodeRow,
    lackeyRow,
    ...queueRows(lengths),
  ];
}
