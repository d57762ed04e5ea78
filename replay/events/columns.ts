/**
 * Events as rows of a table: the names and types of its columns, and what stands in them. CSV, NDJSON and Parquet are
 * written from this, so that a column has one name and one meaning everywhere.
 */
import type { FieldColumn } from '../../core/event/kind-row.ts';
import { EVENT_KINDS } from '../../core/event/kinds.ts';
import { allKinds, KIND_CODES, kindOf } from '../../core/event/vocabulary.ts';
import { addressTypeOf, faultOf, STATUSES, translationOf } from '../../core/outcome/outcome.ts';
import { NO_PROCESS, type Pass } from './passes.ts';

const ACCESS = EVENT_KINDS.access.code;

/** What stands in a row under a column. */
export type Cell = number | string | null;

/** A column of a table of events. */
export interface EventColumn {
  readonly name: string;
  readonly doc: string;
  /** null: the event has none of it, or it is not known. */
  value(pass: Pass, at: number): Cell;
}

const HEAD: readonly EventColumn[] = [
  { name: 'event', doc: 'number of the event, from 0', value: ({ firstEvent }, at) => firstEvent + at },
  {
    name: 'timeNs',
    doc: 'when it began, on the clock of its cpu: simulated under a layout, else the sum of thinkNs',
    value: ({ startNs }, at) => startNs?.[at] ?? null,
  },
  { name: 'cpu', doc: 'the cpu on which it happens', value: ({ batch }, at) => batch.cpu[at]! },
  {
    name: 'process',
    doc: 'which process that cpu ran just before; empty: none',
    value: ({ processes }, at) => noneAsNull(processes?.[at]),
  },
  {
    name: 'thinkNs',
    doc: 'time that the cpu spent on other things since its event before',
    value: ({ batch }, at) => batch.thinkNs[at]!,
  },
  { name: 'kind', doc: 'what it is', value: ({ batch }, at) => kindName(batch.kind[at]!) },
];

const OUTCOME: readonly EventColumn[] = [
  {
    name: 'status',
    doc: 'ok, or why it could not be done',
    value: ({ step }, at) => STATUSES[step!.outcomes.status[at]!]!.name,
  },
  {
    name: 'fault',
    doc: 'the page fault that an access took (the last of its pages)',
    value: (pass, at) => (isAccess(pass, at) ? faultOf(flagsOf(pass, at)).name : null),
  },
  {
    name: 'tlb',
    doc: 'where the translation of an access was found (the worst of its pages)',
    value: (pass, at) => (isAccess(pass, at) ? translationOf(flagsOf(pass, at)).name : null),
  },
  {
    name: 'addressType',
    doc: 'the type of address that it gave',
    value: (pass, at) => addressName(flagsOf(pass, at)),
  },
  {
    name: 'latencyNs',
    doc: 'simulated time that it took, 4294967295 for what took longer',
    value: ({ step }, at) => step!.outcomes.latencyNs[at]!,
  },
  {
    name: 'virtualPage',
    doc: 'number of the first virtual page that it gave',
    value: ({ step }, at) => zeroAsNull(step!.outcomes.vpnAt(at)),
  },
  {
    name: 'pageFrame',
    doc: 'the first page frame that it gave, of what is physically contiguous',
    value: ({ step }, at) => zeroAsNull(step!.outcomes.pfnAt(at)),
  },
];

/** All columns, in order; those of outcomes when passes have a lane. */
export function eventColumns(withOutcomes: boolean): EventColumn[] {
  return [...HEAD, ...fieldColumns(), ...(withOutcomes ? OUTCOME : [])];
}

/** A column for every name that a field of some kind has. */
function fieldColumns(): EventColumn[] {
  const names = new Set(allKinds().flatMap(({ fields }) => fields.map(({ name }) => name)));
  return [...names].map(fieldColumn);
}

function fieldColumn(name: string): EventColumn {
  const columns = new Array<FieldColumn | undefined>(KIND_CODES).fill(undefined);
  for (const { row, fields } of allKinds())
    columns[row.code] = fields.find((field) => field.name === name)?.column;
  return {
    name,
    doc: `field of events that have it: ${kindsWith(name).join(', ')}`,
    value({ batch }, at) {
      const column = columns[batch.kind[at]!];
      return column === undefined ? null : batch[column][at]!;
    },
  };
}

function kindsWith(field: string): string[] {
  return allKinds()
    .filter(({ fields }) => fields.some(({ name }) => name === field))
    .map(({ name }) => name);
}

/** `kind 200` for one that this vocabulary lacks. */
export function kindName(code: number): string {
  return kindOf(code)?.name ?? `kind ${code}`;
}

function isAccess({ batch }: Pass, at: number): boolean {
  return batch.kind[at] === ACCESS;
}

function addressName(flags: number): string | null {
  const { code, name } = addressTypeOf(flags);
  return code === 0 ? null : name;
}

function flagsOf({ step }: Pass, at: number): number {
  return step!.outcomes.flags[at]!;
}

function zeroAsNull(value: number): number | null {
  return value === 0 ? null : value;
}

function noneAsNull(process: number | undefined): number | null {
  return process === undefined || process === NO_PROCESS ? null : process;
}
