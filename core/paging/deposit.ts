/**
 * Deposited page tables: each entry that maps a huge page of a process has a last-level table in reserve, so that it can
 * be split without asking for memory (pgtable_trans_huge_deposit of mm/pgtable-generic.c, v6.1).
 *
 * As in the kernel they are a list of the table that holds the entries, last in first out, linked through the page
 * frames of the tables (`FRAME.next`, which pages of low memory need for nothing else): a row of `tables`, 0 at the end.
 */

import type { Draft } from '../machine/draft.ts';
import type { Machine } from '../machine/machine.ts';
import { FRAME } from '../phys/frames.ts';
import { TABLE } from './tables.ts';

/** Puts the empty table `deposited` in reserve for an entry of `table`. */
export function depositTable(draft: Draft, table: number, deposited: number): void {
  const { frames, tables } = draft;
  const head = tables.get(table, TABLE.pfn);
  frames.set(tables.get(deposited, TABLE.pfn), FRAME.next, frames.get(head, FRAME.next));
  frames.set(head, FRAME.next, deposited);
}

/** Takes a table out of reserve. */
export function withdrawTable({ frames, tables }: Draft, table: number): number {
  const head = tables.get(table, TABLE.pfn);
  const withdrawn = frames.get(head, FRAME.next);
  const pfn = tables.get(withdrawn, TABLE.pfn);
  frames.set(head, FRAME.next, frames.get(pfn, FRAME.next));
  frames.set(pfn, FRAME.next, 0);
  return withdrawn;
}

/** What `table` has in reserve. */
export function depositedTables({ frames, tables }: Machine, table: number): number[] {
  const next = (row: number): number => frames.get(tables.get(row, TABLE.pfn), FRAME.next);
  const rows: number[] = [];
  for (let row = next(table); row !== 0 && !rows.includes(row); row = next(row)) rows.push(row);
  return rows;
}
