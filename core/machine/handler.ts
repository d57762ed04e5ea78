/** What the handlers of the fold see of an event, and what they say about it. */

import type { FieldColumn, KindRow } from '../event/kind-row.ts';
import type { EVENT_KINDS, FieldsOf, KindName } from '../event/kinds.ts';
import type { Field } from '../event/vocabulary.ts';
import type { Draft } from './draft.ts';

/** An event as its handler sees it: the cpu, and the fields by the names of the row. Gone when the handler returns. */
export type EventView<Row extends KindRow> = { readonly cpu: number } & FieldsOf<Row>;

/** What an event gave, beside its status; reset before each event. */
export interface FoldResult {
  vpn: number;
  pfn: number;
  /** ADDRESS_ of outcome.ts. */
  address: number;
}

/** Does one event with such a row; returns its status (outcome.ts). Time beyond nothing is charged with `draft.spend`. */
export type RowHandler<Row extends KindRow> = (
  draft: Draft,
  event: EventView<Row>,
  result: FoldResult,
) => number;

/** Does one event of a kind. */
export type Handler<Kind extends KindName> = RowHandler<(typeof EVENT_KINDS)[Kind]>;

/** The event being folded, in columns: written by the fold, read by views. There is one fold at a time. */
export const current: Record<FieldColumn | 'cpu', number> = { cpu: 0, object: 0, a: 0, b: 0, c: 0 };

const READ: Readonly<Record<keyof typeof current, () => number>> = {
  cpu: () => current.cpu,
  object: () => current.object,
  a: () => current.a,
  b: () => current.b,
  c: () => current.c,
};

/** The current event under the names of a kind. A view is made once for each kind, so that its shape is always the same to V8. */
export function viewOf(fields: readonly Field[]): { readonly cpu: number } {
  const view = Object.defineProperty({}, 'cpu', { get: READ.cpu, enumerable: true });
  for (const { name, column } of fields)
    Object.defineProperty(view, name, { get: READ[column], enumerable: true });
  return view as { readonly cpu: number };
}
