/** The page allocator alone, in drafts that are sealed often enough for immutability to be paid for. */
import { assert } from '../../core/base/errors.ts';
import { GFP_KERNEL } from '../../core/index.ts';
import { Draft } from '../../core/machine/draft.ts';
import type { Machine } from '../../core/machine/machine.ts';
import { USE_PAGES } from '../../core/phys/frames.ts';
import { listLength } from '../../core/phys/free-lists.ts';
import { MIGRATE_UNMOVABLE } from '../../core/phys/migrate.ts';
import { allocPages, freePages } from '../../core/phys/page-alloc.ts';
import { PCP_MAX_ORDER } from '../../core/phys/pcp-lists.ts';
import { GFP_ZONE_MASK, MAX_ORDER } from '../../core/phys/zones.ts';
import { blockOperations } from '../inputs/block-operations.ts';
import { bootedMachine } from '../inputs/events.ts';
import type { Prepared, Row, Suite } from './suite.ts';

const OPERATIONS = 2 ** 16;
const OPERATIONS_PER_DRAFT = 4096;

export const buddy: Suite = {
  name: 'buddy',
  unit: 'operations',
  doc: 'alloc_pages and __free_pages in a draft, sealed every 4,096 operations',
  rows: [
    row('order 0, from and to a per-cpu list', () => pairs(0)),
    row('order 4, split from MAX_ORDER and merged again', () => pairs(4)),
    row('random orders and lifetimes (WALK)', () => blockOperations('WALK', OPERATIONS).operations),
  ],
};

function row(name: string, operations: () => Int32Array): Row {
  return { name, prepare: () => prepare(operations()) };
}

function prepare(operations: Int32Array): Prepared {
  const start = withoutSmallBlocks(bootedMachine('linux-x86_64'));
  return { events: operations.length, run: allBlocks(start, operations) };
}

/** Carries out operations (inputs/block-operations.ts), which all succeed. */
export function allBlocks(start: Machine, operations: Int32Array): () => Machine {
  const live = new Float64Array(operations.length);
  return () => runAll(start, operations, live);
}

function runAll(start: Machine, operations: Int32Array, live: Float64Array): Machine {
  let machine = start;
  let count = 0;
  for (let first = 0; first < operations.length; first += OPERATIONS_PER_DRAFT) {
    const draft = Draft.of(machine);
    for (const operation of operations.subarray(first, first + OPERATIONS_PER_DRAFT)) {
      if (operation >= 0) live[count++] = allocated(draft, operation);
      else {
        freePages(draft, live[~operation]!);
        live[~operation] = live[--count]!;
      }
    }
    machine = draft.seal(false).machine;
  }
  return machine;
}

function allocated(draft: Draft, order: number): number {
  const pfn = allocPages(draft, order, GFP_KERNEL, USE_PAGES, 0);
  assert(pfn >= 0, `no block of order ${order}`);
  return pfn;
}

/** Takes the small unmovable blocks that boot leaves, so that order 4 has to be split from the top. */
function withoutSmallBlocks(machine: Machine): Machine {
  const draft = new Draft(machine);
  const zone = machine.platform.highestZones[GFP_KERNEL & GFP_ZONE_MASK]!;
  for (let order = PCP_MAX_ORDER + 1; order < MAX_ORDER - 1; order++)
    while (listLength(draft, zone, order, MIGRATE_UNMOVABLE) > 0) allocated(draft, order);
  return draft.seal(false).machine;
}

function pairs(order: number): Int32Array {
  return Int32Array.from({ length: OPERATIONS }, (_, i) => (i % 2 === 0 ? order : ~0));
}
