/** Counts what batches hold: events, events by kind, references by operation. */
import { CONTINUED, EXECUTE, MODIFY, OPERATION_MASK, READ, WRITE } from '../../core/event/access-mode.ts';
import type { Batch } from '../../core/event/batch.ts';
import { EVENT_KINDS } from '../../core/event/kinds.ts';
import type { KindEntry, ReferenceCounts, TraceTotals } from './format.ts';

const ACCESS = EVENT_KINDS.access.code;

/** Adds up batches; `totals` tells what they held. */
export class TotalsCounter {
  events = 0;
  private readonly kinds = new Float64Array(256);
  private readonly operations = new Float64Array(4);

  add({ count, kind, c }: Batch): void {
    const { kinds, operations } = this;
    let accesses = 0;
    for (let i = 0; i < count; i++) {
      if (kind[i] === ACCESS) {
        accesses++;
        const mode = c[i]!;
        if ((mode & CONTINUED) === 0) operations[mode & OPERATION_MASK]!++;
      } else {
        kinds[kind[i]!]!++;
      }
    }
    kinds[ACCESS]! += accesses;
    this.events += count;
  }

  /** A code that occurs, and is none of the vocabulary. */
  strangeCode(vocabulary: Readonly<Record<string, KindEntry>>): number | undefined {
    const code = this.kinds.findIndex((count, code) => count > 0 && !Object.hasOwn(vocabulary, code));
    return code < 0 ? undefined : code;
  }

  /** Kinds are named by the trace's own vocabulary; `kind 200` when it has no such code. */
  totals(vocabulary: Readonly<Record<string, KindEntry>>): TraceTotals {
    const kinds: Record<string, number> = {};
    this.kinds.forEach((count, code) => {
      if (count > 0) kinds[vocabulary[code]?.name ?? `kind ${code}`] = count;
    });
    return { events: this.events, kinds, references: referenceCounts(this.operations) };
  }
}

/** `operations`: by operation of an access mode, how many there were. */
export function referenceCounts(operations: Readonly<Record<number, number>>): ReferenceCounts {
  return {
    read: operations[READ]!,
    write: operations[WRITE]!,
    modify: operations[MODIFY]!,
    execute: operations[EXECUTE]!,
  };
}

type Counts = Readonly<Record<string, number>>;

/** A name of which two do not tell the same; those of the second are looked at first. */
export function differingCount(found: Counts, counted: Counts): string | undefined {
  return [...Object.keys(counted), ...Object.keys(found)].find((name) => found[name] !== counted[name]);
}

export function isSameTotals(found: TraceTotals, counted: TraceTotals): boolean {
  return (
    found.events === counted.events &&
    differingCount(found.kinds, counted.kinds) === undefined &&
    differingCount({ ...found.references }, { ...counted.references }) === undefined
  );
}
