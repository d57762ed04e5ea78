/** Tables of what is stored as a small number: rows by name, each with its code. */
import { assert } from './errors.ts';

/** A row with its name. */
export type Named<Name extends string, Row> = Row & { readonly name: Name };

/** The rows of a table by code: 0, 1, 2 and so on, none left out. */
export function byCode<Name extends string, Row extends { readonly code: number }>(
  rows: Readonly<Record<Name, Row>>,
): readonly Named<Name, Row>[] {
  const list: Named<Name, Row>[] = [];
  for (const [name, row] of Object.entries<Row>(rows)) {
    assert(list[row.code] === undefined, `${name} has the code of ${list[row.code]?.name}`);
    list[row.code] = { ...row, name: name as Name };
  }
  assert(Object.keys(list).length === list.length, `the codes up to ${list.length} have holes`);
  return list;
}
