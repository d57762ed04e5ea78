/** Lock step against a naive comparison: one event at a time, decoded, with plain sets. */
import { describe, expect, test } from 'vitest';
import { batchOf, eventAt } from '../../../core/event/batch.ts';
import { EVENT_KINDS, type MemoryEvent } from '../../../core/event/kinds.ts';
import { ADDRESSES, FAULTS, STATUSES } from '../../../core/outcome/outcome.ts';
import { addDifferences, differencesResult, noDifferences } from '../../../replay/diff/lockstep.ts';
import { stepLane } from '../../../replay/lane/lane.ts';
import { layoutResult } from '../../../replay/run/result.ts';
import { atDepth } from '../../support/depth.ts';
import { batchesOf, event, lane, randomEvents } from '../support.ts';

interface Plain {
  readonly status: string;
  readonly addressType: string;
  readonly fault: string;
  readonly tlb: number;
}

/** What every event came to, folded alone, taken apart by arithmetic. */
function plainOutcomes(layout: string, events: readonly MemoryEvent[]): Plain[] {
  let only = lane(layout);
  return events.map((one) => {
    const { outcomes, lane: next } = stepLane(only, batchOf([one]));
    only = next;
    const flags = outcomes.flags[0]!;
    return {
      status: STATUSES[outcomes.status[0]!]!.name,
      addressType: ADDRESSES[Math.floor(flags / 32)]!.name,
      fault: FAULTS[Math.floor(flags / 4) % 8]!.name,
      tlb: flags % 4,
    };
  });
}

const CREATING = [
  'spawn',
  'fork',
  'mmap',
  'brk',
  'file',
  'page_alloc',
  'kmalloc',
  'vmalloc',
  'ioremap',
  'vmap',
  'vm_area',
  'kmap',
  'kmap_local',
];

function subject(one: MemoryEvent): string {
  const { object } = batchOf([one]);
  const fields = EVENT_KINDS[one.kind].fields;
  const space = 'pid' in fields ? 'process' : 'object' in fields ? 'object' : 'file';
  return `${space} ${object[0]}`;
}

function naive(layouts: readonly string[], events: readonly MemoryEvent[]) {
  const lanes = layouts.map((name) => plainOutcomes(name, events));
  const found = {
    total: 0,
    byCategory: { status: 0, addressType: 0, fault: 0 },
    byKind: {} as Record<string, number>,
    consequences: 0,
    tlbLevel: 0,
  };
  const firsts = new Map<string, { event: number; count: number }>();
  const uneven = new Set<string>();
  events.forEach((one, at) => {
    const outcomes = lanes.map((all) => all[at]!);
    const differs = (what: keyof Plain) => outcomes.some((outcome) => outcome[what] !== outcomes[0]![what]);
    const creates = CREATING.includes(one.kind);
    if (differs('tlb')) found.tlbLevel++;
    const category = (['status', 'addressType', 'fault'] as const).find(differs);
    if (category === undefined) {
      if (creates) uneven.delete(subject(one));
      return;
    }
    const missing = outcomes.some(({ status }) =>
      ['no-object', 'no-process', 'exists', 'refused-too'].includes(status),
    );
    if (missing || (!creates && uneven.has(subject(one)))) {
      found.consequences++;
      return;
    }
    if (category === 'status') uneven.add(subject(one));
    found.total++;
    found.byCategory[category]++;
    found.byKind[one.kind] = (found.byKind[one.kind] ?? 0) + 1;
    const sort = [one.kind, ...outcomes.flatMap((o) => [o.status, o.addressType, o.fault])].join();
    const known = firsts.get(sort);
    if (known) known.count++;
    else firsts.set(sort, { event: at, count: 1 });
  });
  return { ...found, first: [...firsts.values()].slice(0, 10) };
}

describe('differences', () => {
  const streams: [number, number, string[]][] = [
    [11, 997, ['3g1g', 'x86_64']],
    [13, 5, ['x86_64', '3g1g', 'linux-2g2g']],
    [12, 64, ['linux-3g1g', 'x86_64']],
    [14, 4096, ['3g1g', '2g2g', 'x86_64', 'linux-3g1g-nohighmem']],
  ];
  test.each(streams.slice(0, atDepth({ quick: 2, full: streams.length })))(
    'random events of seed %i, in batches of %i, under %j',
    (seed, size, layouts) => {
      const events = randomEvents(seed, 1500);
      let lanes = layouts.map((name) => lane(name));
      let found = noDifferences(layouts);
      for (const batch of batchesOf(events, size)) {
        const steps = lanes.map((one) => stepLane(one, batch));
        found = addDifferences(found, batch, steps);
        lanes = steps.map((step) => step.lane);
      }
      const { first, ...counts } = differencesResult(found);
      const expected = naive(layouts, events);
      expect({ ...counts, first: first.map(({ event, count }) => ({ event, count })) }).toEqual(expected);
      expect(counts.byCategory.status).toBeGreaterThan(0);
      expect(counts.byCategory.addressType).toBeGreaterThan(0);
      expect(counts.consequences).toBeGreaterThan(0);
    },
  );

  test.each([1, 2, 3, 64])(
    'know which requests failed where they were recorded, in batches of %i',
    (size) => {
      const area = (object: number, mib: number, isRefused: boolean): MemoryEvent[] => [
        event('vm_area', { object, size: mib * 2 ** 20 }),
        ...(isRefused ? [event('refused', { object, request: EVENT_KINDS.vm_area.code })] : []),
        event('free_vm_area', { object }),
      ];
      const names = ['linux-3g1g', 'linux-2g2g'];
      let lanes = names.map((name) => lane(name));
      let found = noDifferences(names);
      // Of 128 MiB less 8 one has no hole of 300 MiB, and both have one of a MiB.
      const events = [area(1, 300, true), area(1, 1, true), area(1, 300, false), area(2, 301, true)].flat();
      for (const batch of batchesOf(events, size)) {
        const steps = lanes.map((one) => stepLane(one, batch));
        found = addDifferences(found, batch, steps);
        lanes = steps.map((step) => step.lane);
      }
      const { first, total } = differencesResult(found);
      expect([total, first.length]).toEqual([3, 1]);
      expect(first[0]).toMatchObject({ event: 0, count: 3, recordedAsFailed: 2 });
      expect(lanes.map((one) => layoutResult(one).recordedAsFailed)).toEqual([
        { succeed: 1, fail: 2 },
        { succeed: 3, fail: 0 },
      ]);
    },
  );

  test('of a fault: the same access finds a page of its own here, the zero page there', () => {
    const events = [
      event('spawn', { pid: 1 }),
      event('switch', { pid: 1 }),
      event('mmap', { object: 1, length: 8192, flags: 3 }),
      event('access', { object: 1, size: 8, mode: 1 }),
      event('access', { object: 1, size: 8 }),
    ];
    const start = lane('3g1g');
    // Layouts seldom differ in this, so lane b gets another event in its place: a read instead of the store.
    const other = events.map((one, at) => (at === 3 ? event('access', { object: 1, size: 8 }) : one));
    const steps = [stepLane(start, batchOf(events)), stepLane(start, batchOf(other))];
    const found = addDifferences(noDifferences(['a', 'b']), batchOf(events), steps);
    const { byCategory, first } = differencesResult(found);
    expect(byCategory).toEqual({ status: 0, addressType: 0, fault: 1 });
    expect(first[0]).toMatchObject({ event: 3, category: 'fault', fields: eventAt(batchOf(events), 3) });
  });
});
