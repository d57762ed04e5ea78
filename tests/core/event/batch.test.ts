/** Events as objects into columns and back: what is refused, with the words it is refused with. */
import { describe, expect, test } from 'vitest';
import { UsageError } from '../../../core/base/errors.ts';
import { BatchBuilder, batchOf, eventAt, eventsOf } from '../../../core/event/batch.ts';
import { GFP_KERNEL } from '../../../core/event/gfp.ts';
import type { MemoryEvent } from '../../../core/event/kinds.ts';
import { allKinds } from '../../../core/event/vocabulary.ts';

const KMALLOC = { kind: 'kmalloc', cpu: 0, thinkNs: 0, object: 1, size: 64, gfp: GFP_KERNEL } as const;

/** A kmalloc with some fields otherwise, or, where they are undefined, without them. */
function kmallocBut(changes: Readonly<Record<string, unknown>>): MemoryEvent {
  const entries = Object.entries({ ...KMALLOC, ...changes }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as unknown as MemoryEvent;
}

const WORD = 'a whole number from 0 to 4294967295';

const REFUSED: readonly (readonly [what: string, changes: Record<string, unknown>, message: string])[] = [
  [
    'a kind that is mistyped',
    { kind: 'kmaloc' },
    "event 1: found kind 'kmaloc', expected the name of an event kind: did you mean kmalloc?",
  ],
  [
    'a kind like no other',
    { kind: '1' },
    "event 1: found kind '1', expected the name of an event kind: see EVENT_KINDS: page_alloc and others",
  ],
  [
    'a batch for an event',
    { kind: new Uint8Array(500) },
    `event 1: found kind ${'0,'.repeat(20)}..., expected the name of an event kind: see EVENT_KINDS: page_alloc and others`,
  ],
  [
    'no kind',
    { kind: undefined },
    'event 1: found kind undefined, expected the name of an event kind: see EVENT_KINDS: page_alloc and others',
  ],
  [
    'a code for a kind',
    { kind: 13 },
    'event 1: found kind 13, expected the name of an event kind: see EVENT_KINDS: page_alloc and others',
  ],
  [
    'a kind that objects of JavaScript have',
    { kind: 'toString' },
    "event 1: found kind 'toString', expected the name of an event kind: see EVENT_KINDS: page_alloc and others",
  ],
  ['a field too few', { gfp: undefined }, `event 1 (kmalloc): found no gfp, expected ${WORD}: add gfp`],
  [
    'no cpu',
    { cpu: undefined },
    'event 1 (kmalloc): found no cpu, expected a whole number from 0 to 255: add cpu',
  ],
  [
    'a field too many',
    { order: 3 },
    'event 1 (kmalloc): found field order, expected kind, cpu, thinkNs, object, size, gfp and nothing else: leave order out',
  ],
  [
    'a field that is mistyped',
    { size: undefined, sise: 64 },
    'event 1 (kmalloc): found field sise, expected kind, cpu, thinkNs, object, size, gfp and nothing else: did you mean size?',
  ],
  [
    'less than nothing',
    { size: -1 },
    `event 1 (kmalloc, size): found -1, expected ${WORD}: the column holds no other`,
  ],
  [
    'half a byte',
    { size: 0.5 },
    `event 1 (kmalloc, size): found 0.5, expected ${WORD}: the column holds no other`,
  ],
  [
    '4 GiB',
    { size: 2 ** 32 },
    `event 1 (kmalloc, size): found 4294967296, expected ${WORD}: the column holds no other`,
  ],
  [
    'not a number',
    { size: NaN },
    `event 1 (kmalloc, size): found NaN, expected ${WORD}: the column holds no other`,
  ],
  [
    'a text',
    { size: '64' },
    `event 1 (kmalloc, size): found '64', expected ${WORD}: the column holds no other`,
  ],
  [
    'null',
    { size: null },
    `event 1 (kmalloc, size): found null, expected ${WORD}: the column holds no other`,
  ],
  [
    'a bigint',
    { size: 64n },
    `event 1 (kmalloc, size): found 64n, expected ${WORD}: the column holds no other`,
  ],
  [
    'a cpu too many',
    { cpu: 256 },
    'event 1 (kmalloc, cpu): found 256, expected a whole number from 0 to 255: the column holds no other',
  ],
  [
    'more than 4.29 s',
    { thinkNs: 2 ** 32 },
    `event 1 (kmalloc, thinkNs): found 4294967296, expected ${WORD}: the column holds no other`,
  ],
];

const TAKEN: readonly (readonly [what: string, changes: Record<string, unknown>])[] = [
  ['nothing', { size: 0 }],
  ['a byte less than 4 GiB', { size: 2 ** 32 - 1 }],
  ['the last cpu', { cpu: 255 }],
  ['as long as can be', { thinkNs: 2 ** 32 - 1 }],
];

describe('batchOf', () => {
  test.each(REFUSED)('refuses %s', (_what, changes, message) => {
    const events = () => batchOf([KMALLOC, kmallocBut(changes)]);
    expect(events).toThrow(UsageError);
    expect(events).toThrow(new UsageError(message));
  });

  test.each(TAKEN)('takes %s', (_what, changes) => {
    const event = kmallocBut(changes);
    expect(eventAt(batchOf([KMALLOC, event]), 1)).toEqual(event);
  });

  test('gives back what it was given, of every kind', () => {
    const events = allKinds().map(({ name, fields }, i) => {
      const values = fields.map((field, n) => [field.name, 1000 * (n + 1) + i]);
      return { kind: name, cpu: i, thinkNs: 7 * i, ...Object.fromEntries(values) } as MemoryEvent;
    });
    expect([...eventsOf(batchOf(events))]).toEqual(events);
  });
});

describe('a builder of batches', () => {
  test('counts on from batch to batch when it says where a fault is', () => {
    const builder = new BatchBuilder(2);
    builder.add(KMALLOC);
    builder.add(KMALLOC);
    builder.take();
    builder.add(KMALLOC);
    expect(() => builder.add(kmallocBut({ size: -1 }))).toThrow(/^event 3 \(kmalloc, size\): found -1/);
    expect(builder.length).toBe(1);
  });

  test('does not look at what is pushed', () => {
    const builder = new BatchBuilder(1);
    builder.push(201, 0, 0, 1, 2, 3, 4);
    const batch = builder.take();
    expect([batch.kind[0], batch.object[0], batch.a[0], batch.b[0], batch.c[0]]).toEqual([201, 1, 2, 3, 4]);
    expect(eventAt(batch, 0)).toBeUndefined();
  });
});
