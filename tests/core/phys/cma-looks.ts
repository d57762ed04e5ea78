/** Looks at memory for contiguous buffers (CMA): where it lies, how much is free, and its free lists. */
import { Draft } from '../../../core/machine/draft.ts';
import type { Machine } from '../../../core/machine/machine.ts';
import { FRAME } from '../../../core/phys/frames.ts';
import { freeCmaPagesOf, headOf } from '../../../core/phys/free-lists.ts';
import { MIGRATE_CMA } from '../../../core/phys/migrate.ts';
import type { Session } from '../../support/rows.ts';

export const bytesOf = (mib: number): bigint => BigInt(mib) << 20n;
export const areasOf = ({ cma }: Pick<Machine['platform'], 'cma'>): string[] =>
  cma!.areas.map(({ start, end }) => `0x${start.toString(16)}..0x${end.toString(16)}`);
export const freeCma = ({ machine }: Session): number =>
  machine.platform.zones.reduce((sum, { index }) => sum + freeCmaPagesOf(machine, index), 0);

export const listOf = (machine: Machine, zone: number, order: number): number[] => {
  const list: number[] = [];
  let at = headOf(machine, zone, order, MIGRATE_CMA);
  for (; at >= 0; at = machine.frames.get(at, FRAME.next) - 1) list.push(at);
  return list;
};

/** The allocator itself, for tests that take all there is. */
export function draftOf(machine: Machine): Draft {
  const draft = new Draft(machine);
  draft.onCpu(0);
  return draft;
}
