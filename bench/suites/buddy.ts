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
import { bootedMachine } from '../inputs/events.ts';
import { xorshift32 } from '../inputs/streams.ts';
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
    row('random orders and lifetimes (WALK)', walk),
  ],
};

/** An operation: an order to allocate, or ~i to free the i-th live block. */
function row(name: string, operations: () => Int32Array): Row {
  return { name, prepare: () => prepare(operations()) };
}

function prepare(operations: Int32Array): Prepared {
  const start = withoutSmallBlocks(bootedMachine('linux-x86_64'));
  const live = new Float64Array(OPERATIONS);
  return { events: operations.length, run: () => runAll(start, operations, live) };
}

function runAll(start: Machine, operations: Int32Array, live: Float64Array): Machine {
  let machine = start;
  let count = 0;
  for (let first = 0; first < operations.length; first += OPERATIONS_PER_DRAFT) {
    const draft = new Draft(machine);
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

/** Of so many pages, at most 90 % are in use; those of 1 GiB, whatever boot took. */
const NR_PAGES = 2 ** 18;
const MOST_USED_PAGES = Math.floor(NR_PAGES / 100) * 90;

/** WALK: an even draw allocates (order k in one of 2^(k+1) cases), an odd one frees any live block. */
function walk(): Int32Array {
  const random = xorshift32(0xc0ffee11);
  const orders: number[] = [];
  let usedPages = 0;
  return Int32Array.from({ length: OPERATIONS }, () => {
    const draw = random();
    const order = trailingZeros((draw >>> 8) | (1 << (MAX_ORDER - 1)));
    if (orders.length === 0 || (draw % 2 === 0 && usedPages + 2 ** order <= MOST_USED_PAGES)) {
      usedPages += 2 ** order;
      orders.push(order);
      return order;
    }
    const victim = random() % orders.length;
    usedPages -= 2 ** orders[victim]!;
    orders[victim] = orders.at(-1)!;
    orders.pop();
    return ~victim;
  });
}

function trailingZeros(word: number): number {
  return 31 - Math.clz32(word & -word);
}
