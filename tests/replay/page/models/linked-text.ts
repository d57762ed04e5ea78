/** What goes with a selection that is written as a reader writes it. */
import type { Machine } from '../../../../core/machine/machine.ts';
import { type Linked, linkedOf } from '../../../../replay/page/models/linked.ts';
import { parseSelection } from '../../../../replay/page/models/selection.ts';

export const linked = (machine: Machine, text: string): Linked => linkedOf(machine, parseSelection(text));
