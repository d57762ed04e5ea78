/** The state in which a board failed, as events: what fills the machine, and then what it refused. */
import type { Batch } from '../../../core/event/batch.ts';
import type { BoardState } from './board-state.ts';

/** Said where there is none. */
export const NO_STATE =
  'found no failed request with the state that it failed in, expected a report of one that can be replayed';

export function stateEvents({ filling, requests }: BoardState): Batch[] {
  return [...filling, requests];
}

/** What the trace says of itself. */
export function stateParameters({ told }: BoardState): { readonly state: string[] } {
  return { state: [...told] };
}
