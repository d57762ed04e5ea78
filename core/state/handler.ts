/** What the handlers of the fold see of an event, and what they say about it. */
import type { Draft } from './draft.ts';

/** One event's columns; reused from event to event. */
export interface FoldEvent {
  cpu: number;
  object: number;
  a: number;
  b: number;
  c: number;
  /** Index in its batch. */
  index: number;
}

/** What an event gave, beside its status; reset before each event. */
export interface FoldResult {
  vpn: number;
  pfn: number;
  /** ADDRESS_ of outcome.ts. */
  address: number;
}

/** Does one event; returns its status (outcome.ts). Time beyond nothing is charged with `draft.spend`. */
export type Handler = (draft: Draft, event: FoldEvent, result: FoldResult) => number;
