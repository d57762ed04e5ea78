/**
 * What one event changed: records by immer's patches, tables by the leaves that two versions do not share, and both in
 * words. For explanations, not for loops: it folds the batch up to the event and compares two whole machines.
 */
import type { Patch } from 'immer';
import { UsageError } from '../base/errors.ts';
import { type Batch, eventAt, sliceBatch } from '../event/batch.ts';
import type { MemoryEvent } from '../event/kinds.ts';
import { fold } from '../fold/fold.ts';
import type { Machine } from '../machine/machine.ts';
import { PARTS, type PartName } from '../machine/slices.ts';
import { STATUSES, type StatusName } from '../outcome/outcome.ts';
import { Table } from '../state/table.ts';
import { type CellChange, tableChanges } from '../state/table-diff.ts';
import { tellParts } from './parts-told.ts';
import { tellRecords } from './records-told.ts';

/** The cells of one table that are not what they were. */
export interface TableChange {
  readonly table: PartName;
  readonly cells: readonly CellChange[];
}

/** What one event changed in a machine. */
export interface Changes {
  readonly event: MemoryEvent;
  readonly status: StatusName;
  /** The machines that the event met and left. */
  readonly before: Machine;
  readonly after: Machine;
  /** What changed in processes, address spaces and files: paths below `records` of the machine. */
  readonly records: readonly Patch[];
  /** Tables in which something changed. */
  readonly tables: readonly TableChange[];
  /** The same in words, a sentence each; empty when nothing but counters and clocks changed. */
  readonly words: readonly string[];
}

/**
 * What event `at` of `batch` changes, where `machine` is the one that the batch is folded into. Throws UsageError where
 * there is no such event.
 */
export function changes(machine: Machine, batch: Batch, at: number): Changes {
  const event = Number.isInteger(at) && at >= 0 && at < batch.count ? eventAt(batch, at) : undefined;
  if (event === undefined)
    throw new UsageError(`changes: found no event ${at} in the batch, expected 0 to ${batch.count - 1}`);
  const before = fold(machine, sliceBatch(batch, 0, at)).machine;
  const folded = fold(before, sliceBatch(batch, at, at + 1), { patches: true });
  const after = folded.machine;
  return {
    event,
    status: STATUSES[folded.outcomes.status[0]!]!.name,
    before,
    after,
    records: folded.patches,
    tables: changedTables(before, after),
    words: [...tellRecords(before, after, folded.patches), ...tellParts(before, after)],
  };
}

function changedTables(before: Machine, after: Machine): TableChange[] {
  const changed: TableChange[] = [];
  for (const [name] of PARTS) {
    const [from, to] = [before[name], after[name]];
    if (!(from instanceof Table) || !(to instanceof Table) || from === to) continue;
    const cells = tableChanges(from, to);
    if (cells.length > 0) changed.push({ table: name, cells });
  }
  return changed;
}
