/** Counts what batches hold: events, events by kind, references by operation. */
import { CONTINUED, EXECUTE, MODIFY, OPERATION_MASK, READ, WRITE } from '../core/event/access-mode.ts';
import type { Batch } from '../core/event/batch.ts';
import { EVENT_KINDS } from '../core/event/kinds.ts';
import type { KindEntry, TraceTotals } from './format.ts';

const ACCESS = EVENT_KINDS.access.code;

export class TotalsCounter {
  events = 0;
  private readonly kinds = new Float64Array(256);
  private readonly operations = new Float64Array(4);

  add({ count, kind, c }: Batch): void {
    const { kinds, operations } = this;
    this.events += count;
    for (let i = 0; i < count; i++) {
      const code = kind[i]!;
      kinds[code]!++;
      if (code === ACCESS && (c[i]! & CONTINUED) === 0) operations[c[i]! & OPERATION_MASK]!++;
    }
  }

  /** Kinds are named by the trace's own vocabulary; `kind 200` when it has no such code. */
  totals(vocabulary: Readonly<Record<string, KindEntry>>): TraceTotals {
    const kinds: Record<string, number> = {};
    this.kinds.forEach((count, code) => {
      if (count > 0) kinds[vocabulary[code]?.name ?? `kind ${code}`] = count;
    });
    const { operations } = this;
    return {
      events: this.events,
      kinds,
      references: {
        read: operations[READ]!,
        write: operations[WRITE]!,
        modify: operations[MODIFY]!,
        execute: operations[EXECUTE]!,
      },
    };
  }
}
