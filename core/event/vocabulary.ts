/** Kinds by code and by name, each with what follows from its row. Beside those of kinds.ts there may be more. */
import { UsageError } from '../base/errors.ts';
import type { FieldType, Space } from './field-types.ts';
import type { FieldColumn, KindRow } from './kind-row.ts';
import { EVENT_KINDS, type KindName } from './kinds.ts';

export interface Field {
  readonly name: string;
  readonly column: FieldColumn;
  readonly type: FieldType;
}

/** A row with its name. */
export interface Kind {
  /** Of kinds that were added this is any word. */
  readonly name: KindName;
  readonly row: KindRow;
  /** In the order of the row. */
  readonly fields: readonly Field[];
  /** Of all that an event of it has. */
  readonly names: readonly string[];
  /** The number space of what it is about. */
  readonly subject: Space;
}

/** Codes are a byte. */
export const KIND_CODES = 256;

const byCode: (Kind | undefined)[] = new Array<Kind | undefined>(KIND_CODES).fill(undefined);
const byName = new Map<string, Kind>();

/** Undefined for a code of a later version: such events take time, and do nothing else. */
export function kindOf(code: number): Kind | undefined {
  return byCode[code];
}

export function kindNamed(name: string): Kind | undefined {
  return byName.get(name);
}

/** All kinds, those of kinds.ts first and in their order. */
export function allKinds(): Kind[] {
  return [...byName.values()];
}

/**
 * Adds a kind to those of kinds.ts, for whoever uses the library: from then on it is known everywhere. It still needs
 * a handler, so call `defineKind` (../handlers.ts), which adds both. UsageError when its name, its code or a column is
 * taken already.
 */
export function addKind(name: string, row: KindRow): Kind {
  const { code, fields } = row;
  const taken = byCode[code]?.name ?? byName.get(name)?.name;
  if (taken !== undefined)
    throw new UsageError(
      `kind ${name}: found code ${code}, expected a name and a code of its own: ${taken} has it`,
    );
  if (!Number.isInteger(code) || code < 1 || code >= KIND_CODES)
    throw new UsageError(
      `kind ${name}: found code ${code}, expected one from 1 to 255: choose one that is free`,
    );
  const list = Object.entries(fields).map(([field, [column, type]]) => ({ name: field, column, type }));
  const twice = list.find(({ column }, i) => list.findIndex((other) => other.column === column) < i);
  if (twice !== undefined)
    throw new UsageError(
      `kind ${name}, field ${twice.name}: found column ${twice.column} a second time, expected a column for each field`,
    );
  const subject = list.find(({ column }) => column === 'object')?.type.space ?? 'object';
  const names = ['kind', 'cpu', 'thinkNs', ...Object.keys(fields)];
  const kind: Kind = { name: name as KindName, row, fields: list, names, subject };
  byCode[code] = kind;
  byName.set(name, kind);
  return kind;
}

for (const [name, row] of Object.entries(EVENT_KINDS)) addKind(name, row);
