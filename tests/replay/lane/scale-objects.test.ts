/** Kernel objects of another word size: what is scaled and what is not, and that scaled traces replay as lawfully. */
import { describe, expect, test } from 'vitest';
import { READ, WRITE } from '../../../core/event/access-mode.ts';
import { batchOf, eventAt, rebatch } from '../../../core/event/batch.ts';
import { DMA_TO_DEVICE, transferOf } from '../../../core/event/dma-flags.ts';
import { GFP_KERNEL } from '../../../core/event/gfp.ts';
import type { KindName, MemoryEvent } from '../../../core/event/kinds.ts';
import { buildLayout } from '../../../core/layout/catalog/index.ts';
import { tellEvent } from '../../../replay/cli/text/told-event.ts';
import { type Lane, newLane, stepLane } from '../../../replay/lane/lane.ts';
import {
  objectScale,
  scaledBatches,
  scaleObjects,
  type WordBits,
} from '../../../replay/lane/scale-objects.ts';
import { reportText } from '../../../replay/report/index.ts';
import { replay } from '../../../replay/run/pipeline.ts';
import { workload } from '../../../workloads/index.ts';
import { event, timeless } from '../support.ts';

type Fields = Readonly<Record<string, number>>;

/** One batch through a scaler; the fields of its last event that differ from those recorded. */
function scaled(recorded: WordBits, wanted: WordBits, events: readonly MemoryEvent[]): Fields {
  const batch = batchOf(events);
  const before = batchOf(events);
  const start = objectScale(recorded, wanted)!;
  const found = eventAt(scaleObjects(start, batch).batch, events.length - 1)!;
  expect(batch).toEqual(before);
  const last = events.at(-1) as unknown as Fields;
  return Object.fromEntries(
    Object.entries(found as unknown as Fields).filter(([name, n]) => n !== last[name]),
  );
}

const kmalloc = (size: number) => event('kmalloc', { object: 1, size, gfp: GFP_KERNEL });
const cache = (size: number, align = 0) => event('kmem_cache_create', { cache: 9, size, align });
const fromCache = event('kmem_cache_alloc', { object: 1, cache: 9, gfp: GFP_KERNEL });
const access = (offset: number, size: number, mode = WRITE) =>
  event('access', { object: 1, offset, size, mode });
const transfer = transferOf(3, DMA_TO_DEVICE);
const dma = (kind: KindName, fields: Fields) => event(kind, { object: 1, ...fields });

describe('from 32 to 64 bits', () => {
  test.each<[string, MemoryEvent[], Fields]>([
    ['kmalloc doubles', [kmalloc(100)], { size: 200 }],
    ['up to what a slab cache serves', [kmalloc(8192)], { size: 16_384 }],
    ['above it is data', [kmalloc(8193)], {}],
    ['nothing stays nothing', [kmalloc(0)], {}],
    ['a slab cache doubles its objects', [cache(136)], { size: 272 }],
    ['and an alignment to words', [cache(136, 4)], { size: 272, align: 8 }],
    ['but not one to cache lines', [cache(136, 64)], { size: 272 }],
    ['an access goes to the same part', [kmalloc(64), access(32, 4)], { offset: 64 }],
    ['also of an object of a cache', [cache(64), fromCache, access(60, 4)], { offset: 120 }],
    ['not of data', [kmalloc(8193), access(32, 4)], {}],
    ['not of an object that is gone', [kmalloc(64), event('kfree', { object: 1 }), access(32, 4)], {}],
    ['not of pages', [event('page_alloc', { object: 1 }), access(32, 4)], {}],
    [
      'a buffer for a device is as long as before',
      [kmalloc(64), dma('dma_map_single', { transfer, offset: 8, length: 56 })],
      {},
    ],
    ['vmalloc is data', [event('vmalloc', { object: 1, size: 4096 })], {}],
    ['and so are mappings', [event('mmap', { object: 1, length: 64 })], {}],
  ])('%s', (_what, events, changed) => expect(scaled(32, 64, events)).toEqual(changed));
});

describe('from 64 to 32 bits', () => {
  test.each<[string, MemoryEvent[], Fields]>([
    ['kmalloc halves, rounded up', [kmalloc(101)], { size: 51 }],
    ['a slab cache too', [cache(232, 8)], { size: 116, align: 4 }],
    ['an access ends where the object does', [kmalloc(64), access(56, 8)], { offset: 28, size: 4 }],
    ['or is as large as before', [kmalloc(64), access(0, 8)], {}],
    ['one beyond the object stays there', [kmalloc(64), access(64, 8)], { offset: 32 }],
    [
      'a device gets what is left',
      [kmalloc(64), dma('dma_map_single', { transfer, offset: 16, length: 48 })],
      { offset: 8, length: 24 },
    ],
    [
      'and gives it back at the same offset',
      [kmalloc(64), dma('dma_unmap', { device: 3, offset: 16 })],
      { offset: 8 },
    ],
    ['so does a sync', [kmalloc(64), dma('dma_sync', { device: 3, offset: 16, owner: 1 })], { offset: 8 }],
  ])('%s', (_what, events, changed) => expect(scaled(64, 32, events)).toEqual(changed));
});

const lane = (name: string, recordedWordBits?: WordBits) =>
  newLane(
    buildLayout(name, { ramBytes: 2n ** 30n, cpus: 2 }),
    recordedWordBits === undefined ? {} : { recordedWordBits },
  );

describe.each([
  ['netrx', 12_000],
  ['prefork', 6000],
  ['drivers', 4000],
] as const)('%s', (name, events) => {
  const batches = () => workload(name).generate(1, {}, events);

  test.each<[string, WordBits]>([
    ['linux-x86_64', 32],
    ['linux-3g1g', 64],
  ])('comes out as well under %s when recorded on %i bits', async (layout, recorded) => {
    const plain = (await replay(batches(), [lane(layout)])).layouts[0]!;
    const found = (await replay(batches(), [lane(layout, recorded)])).layouts[0]!;
    expect(found.objectScale).toBe(recorded === 32 ? 2 : 0.5);
    expect(found.allocations).toEqual(plain.allocations);
    expect(found.failures).toBe(plain.failures);
    const pages = [plain, found].map(({ counters }) => counters.slabPages);
    if (recorded === 32) expect(pages[1]!).toBeGreaterThan(pages[0]!);
    else expect(pages[1]!).toBeLessThan(pages[0]!);
  });

  test('under the word size of the recording nothing changes', async () => {
    const plain = await replay(batches(), [lane('linux-3g1g')]);
    const same = await replay(batches(), [lane('linux-3g1g', 32)]);
    expect(timeless(same)).toEqual(timeless(plain));
  });
});

test('what one batch scales the next ones know, however the events are cut', async () => {
  const events = [cache(136, 4), fromCache, access(32, 4), event('kfree', { object: 1 }), access(32, 4)];
  const start = objectScale(32, 64)!;
  const whole = scaleObjects(start, batchOf(events));
  const cut: MemoryEvent[] = [];
  for await (const batch of scaledBatches(rebatch([batchOf(events)], 2), start))
    for (let at = 0; at < batch.count; at++) cut.push(eventAt(batch, at)!);
  expect(cut).toEqual(events.map((_, at) => eventAt(whole.batch, at)));
  expect(cut.map((one) => ('offset' in one ? one.offset : undefined))).toEqual([
    undefined,
    undefined,
    64,
    undefined,
    32,
  ]);
});

describe('a comparison', () => {
  const events = batchOf([kmalloc(4096 * 2), access(8000, 4, READ), event('page_alloc', { object: 1 })]);

  test('tells what each lane asked for, and folds that again to explain it', async () => {
    const { differences, layouts } = await replay([events], [lane('3g1g', 32), lane('x86_64', 32)]);
    expect(differences!.total).toBe(0);
    expect(layouts.map(({ objectScale }) => objectScale)).toEqual([1, 2]);
    expect(layouts[1]!.firstFailures.map(({ request }) => request)).toEqual([
      'access(object 1, at +0x3e80, 4 B, read)',
      expect.stringMatching(/^page_alloc/),
    ]);
  });

  test('an event that is told alone is scaled as the next one of its lane', () => {
    const lanes = [lane('linux-x86_64'), lane('linux-x86_64', 32)];
    const told = lanes
      .map((start) => stepLane(start, batchOf([kmalloc(64)])).lane)
      .map((stepped) => tellEvent(stepped, access(32, 4), {}).outcome.touched!.address);
    expect(told.map((address) => Number(BigInt(address) % 4096n))).toEqual([32, 64]);
  });

  test('says that objects are as recorded, or how they were scaled; 32 bits alone have nothing to say', async () => {
    const textOf = async (...lanes: Lane[]): Promise<string> => reportText(await replay([events], lanes));
    expect(await textOf(lane('3g1g'), lane('x86_64'))).toMatch(
      /\nnote: x86_64: kernel objects keep the sizes that were recorded;.* \(--scale-kernel-objects 32\)\n/,
    );
    expect(await textOf(lane('3g1g', 32), lane('x86_64', 32))).toMatch(
      /\nnote: x86_64 has kernel objects of 2 times the recorded size/,
    );
    expect(await textOf(lane('3g1g'))).not.toContain('note:');
    const noObjects = await replay([batchOf([event('page_alloc', { object: 1 })])], [lane('x86_64')]);
    expect(reportText(noObjects)).not.toContain('note:');
  });
});
