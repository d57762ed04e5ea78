/** Which events the list shows, and their numbers once they are found. */
import { effect, signal } from '@preact/signals';
import type { EventFilter } from '../../engine/filter.ts';
import { engine } from './engine.ts';
import { opened, trouble } from './store.ts';

/** Undefined: all of them. */
export const filter = signal<EventFilter | undefined>(undefined);

export interface Matching {
  /** Ascending; those before `from` are not among them. */
  readonly events: readonly number[];
  readonly from: number;
  /** Whether there may be more behind the last one. */
  readonly isCut: boolean;
}

/** Undefined: all events, or the search is under way. */
export const matching = signal<Matching | undefined>(undefined);

const MOST = 5000;

/** Looks for the events that fit, from one on. */
export async function match(from = 0): Promise<void> {
  const [wanted, facts] = [filter.value, opened.value];
  matching.value = undefined;
  if (wanted === undefined) return;
  try {
    const events = await engine.matches({ filter: wanted, from, most: MOST });
    if (filter.value === wanted) matching.value = { events, from, isCut: events.length === MOST };
  } catch (error) {
    // A search that another one ended is silent, and one in a run that is gone.
    const isWanted = filter.value === wanted && opened.value === facts;
    if (isWanted && (error as Error).name !== 'Overtaken') trouble.value = (error as Error).message;
  }
}

effect(() => {
  void filter.value;
  if (opened.value !== undefined) void match();
});
