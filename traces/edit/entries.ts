/** The events that a prologue tells, in their order: kept as they come, dropped when their effect is gone. */
import { EVENT_KINDS, type KindName } from '../../core/event/kinds.ts';

/** An event that is kept. */
export interface Entry {
  readonly kind: number;
  readonly cpu: number;
  /** The process that asked for it; undefined: whichever runs there. */
  readonly by: number | undefined;
  readonly object: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

export class Entries {
  private readonly kept = new Map<number, Entry>();
  private next = 0;

  /** The number by which it is dropped. */
  keep(entry: Entry): number {
    this.kept.set(this.next, entry);
    return this.next++;
  }

  drop(numbers: Iterable<number>): void {
    for (const number of numbers) this.kept.delete(number);
  }

  get(number: number): Entry | undefined {
    return this.kept.get(number);
  }

  inOrder(): IterableIterator<Entry> {
    return this.kept.values();
  }
}

export const code = (kind: KindName): number => EVENT_KINDS[kind].code;
export const codes = (...kinds: readonly KindName[]): ReadonlySet<number> => new Set(kinds.map(code));
