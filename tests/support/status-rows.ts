/** Rows of events with the status that each ends in. */

import type { Machine } from '../../core/machine/machine.ts';
import type { StatusName } from '../../core/outcome/outcome.ts';
import type { Step } from './rows.ts';

/** When, what, and how it ends; `on` another machine than `pc`, `given` what must work before. */
export type StatusRow = readonly [
  when: string,
  does: Step,
  status: StatusName,
  extra?: { readonly on?: Machine; readonly given?: readonly Step[] },
];
