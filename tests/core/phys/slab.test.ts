/** kmalloc and kfree against naive slabs: every object at the same physical address. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { eventAt, sliceBatch } from '../../../core/event/batch.ts';
import { GFP_KERNEL } from '../../../core/event/gfp.ts';
import type { KindName } from '../../../core/event/kinds.ts';
import { fold } from '../../../core/fold.ts';
import { STATUSES } from '../../../core/outcome.ts';
import type { Machine } from '../../../core/state/machine.ts';
import { OBJECT } from '../../../core/state/objects.ts';
import { freeLists } from '../../support/laws.ts';
import { batchOfRows, forStreams, type Row, randomEvents } from '../../support/naive-events.ts';
import { type NaiveCacheKind, NaiveSlabs } from '../../support/naive-memory.ts';
import { NaivePageAllocator } from '../../support/naive-page-alloc.ts';
import { type Session, SMALL_MACHINES, sessionOf, starve } from '../../support/rows.ts';

const FIXTURE = join(import.meta.dirname, '../../fixtures/oracle-slab.json');
const oracle = JSON.parse(readFileSync(FIXTURE, 'utf8')) as Record<
  string,
  { kmalloc_caches: { name: string; size: number; order: number; objs_per_slab: number }[] }
>;
const KINDS: readonly NaiveCacheKind[] = oracle['i386-3g_1024_smp4']!.kmalloc_caches.filter(({ name }) =>
  name.startsWith('kmalloc-'),
).map(({ size, order, objs_per_slab }) => ({ sizeBytes: size, order, objects: objs_per_slab }));

const SLAB_KINDS: readonly KindName[] = ['kmalloc', 'kfree'];

const MACHINES = SMALL_MACHINES.flatMap(({ name, boot }) => [
  { name, machine: boot() },
  { name: `${name}, all but 200 pages taken`, machine: starve(boot(), 200, false) },
]);

describe.each(MACHINES)('$name', ({ machine }) => {
  test('random objects are where the naive slabs put them', () => {
    forStreams(randomEvents(1200, SLAB_KINDS), 8, (rows) => compare(machine, rows));
  });
});

function compare(start: Machine, rows: readonly Row[]): void {
  const pages = new NaivePageAllocator(start);
  const naive = new NaiveSlabs(KINDS, pages);
  let machine = start;
  const requests = batchOfRows(rows);
  for (let at = 0; at < requests.count; at++) {
    const event = eventAt(requests, at);
    if (event?.kind !== 'kmalloc' && event?.kind !== 'kfree') continue;
    const folded = fold(machine, sliceBatch(requests, at, at + 1));
    machine = folded.machine;
    const status = STATUSES[folded.outcomes.status[0]!]!.name;
    const seen = { status, address: status === 'ok' ? addressOf(machine, event.object) : 0 };
    const expected =
      event.kind === 'kmalloc'
        ? naive.kmalloc(event.cpu, event.object, event.size, event.gfp)
        : { status: naive.kfree(event.cpu, event.object), address: 0 };
    expect(seen, `event ${at}: ${JSON.stringify(event)}`).toEqual(expected);
  }
  expect(freeLists(machine)).toEqual(pages.lists);
}

/** Physical address of an object; 0 when it is not alive. */
function addressOf({ objects }: Machine, object: number): number {
  return objects.get(object, OBJECT.pfn) * 4096 + objects.get(object, OBJECT.start);
}

test.each([
  [8192, 8],
  [8193, 0],
])('%i bytes take %i pages of slabs', (size, slabPages) => {
  const session = sessionOf('3g1g', 64).given({ kind: 'kmalloc', object: 1, size, gfp: GFP_KERNEL });
  expect(session.counter('slabPages')).toBe(slabPages);
});

describe('reuse', () => {
  const give = (session: Session, object: number): number => {
    session.given({ kind: 'kmalloc', object, size: 64, gfp: GFP_KERNEL });
    return addressOf(session.machine, object);
  };

  test('what was freed last is given first', () => {
    const session = sessionOf('3g1g', 64);
    const addresses = [1, 2, 3, 4].map((object) => give(session, object));
    expect(addresses).toEqual([0, 64, 128, 192].map((offset) => addresses[0]! + offset));
    session.given({ kind: 'kfree', object: 2 }, { kind: 'kfree', object: 4 });
    expect([give(session, 5), give(session, 6), give(session, 7)]).toEqual([
      addresses[3],
      addresses[1],
      addresses[0]! + 256,
    ]);
  });

  test('a slab goes back with its last object, and is taken with one more than a slab holds', () => {
    const session = sessionOf('3g1g', 64);
    for (let object = 1; object <= 64; object++) give(session, object);
    expect(session.counter('slabPages')).toBe(1);
    give(session, 65);
    expect(session.counter('slabPages')).toBe(2);
    session.given({ kind: 'kfree', object: 65 });
    expect(session.counter('slabPages')).toBe(1);
  });
});
