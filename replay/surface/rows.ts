/** Events as rows of a table: with times, processes and outcomes; their columns; which of them are wanted. */
export { type Cell, type EventColumn, eventColumns } from '../events/columns.ts';
export { NO_PROCESS, type Pass, passesOf } from '../events/passes.ts';
export { type Range, type Selection, type Wanted, wantedBy } from '../events/selection.ts';
