/** A kind of event that this file adds, with one row and one handler: everything that knows kinds knows it then. */
import { describe, expect, test } from 'vitest';
import { UsageError } from '../../core/base/errors.ts';
import { batchOf, eventAt, eventsOf } from '../../core/event/batch.ts';
import { GFP, NR_PAGES, OBJECT } from '../../core/event/field-types.ts';
import { GFP_HIGHUSER, GFP_KERNEL } from '../../core/event/gfp.ts';
import type { MemoryEvent } from '../../core/event/kinds.ts';
import { fold } from '../../core/fold/fold.ts';
import { defineKind } from '../../core/fold/handlers.ts';
import { nameFrames, pageBytes } from '../../core/kmem/name-frames.ts';
import { EXISTS, OK } from '../../core/outcome/outcome.ts';
import { USE_PAGES } from '../../core/phys/frames.ts';
import { allocPages } from '../../core/phys/page-alloc.ts';
import { NO_CLASS, OBJECT as OBJECT_FIELD, PAGES } from '../../core/state/objects.ts';
import { reportText } from '../../replay/report/index.ts';
import { replay } from '../../replay/run/pipeline.ts';
import { describeEvent } from '../../replay/text/event-text.ts';
import { describeOutcome } from '../../replay/text/outcome-text.ts';
import { expectConservation, expectPurity } from '../support/laws.ts';
import { machineOf } from '../support/rows.ts';
import { event, lane, traceOf } from './support.ts';

/** A hypervisor's balloon: it takes a block of at least so many pages from the machine. */
const balloon = defineKind(
  'balloon',
  {
    code: 200,
    doc: 'virtio_balloon: the hypervisor takes pages; they are given back by page_free',
    fields: { object: ['object', OBJECT], count: ['a', NR_PAGES], gfp: ['c', GFP] },
    allocates: true,
    creates: true,
  },
  (draft, { object, count, gfp }, result) => {
    draft.spend(1000 * count);
    if (draft.objects.get(object, OBJECT_FIELD.class) !== NO_CLASS) return EXISTS;
    const order = Math.ceil(Math.log2(count));
    const pfn = allocPages(draft, order, gfp, USE_PAGES, object);
    if (pfn < 0) return -pfn;
    nameFrames(draft, object, PAGES, pfn, pageBytes(draft) << order, result);
    draft.objects.set(object, OBJECT_FIELD.extra, order);
    return OK;
  },
);

const inflate = (object: number, count: number, gfp = GFP_KERNEL): MemoryEvent =>
  balloon({ cpu: 1, thinkNs: 5, object, count, gfp });

/** 4 MiB at a time: of 1 GiB, the high part does not fit in low memory. */
const HALF: readonly MemoryEvent[] = [
  inflate(1, 3),
  inflate(1, 3),
  event('page_free', { object: 1 }),
  ...Array.from({ length: 256 }, (_, i) => inflate(10 + i, 1024, i < 64 ? GFP_HIGHUSER : GFP_KERNEL)),
];

describe('a kind that was added', () => {
  test('is built and checked', () => {
    const batch = batchOf([inflate(1, 3)]);
    expect([batch.kind[0], batch.cpu[0], batch.object[0], batch.a[0], batch.b[0], batch.c[0]]).toEqual([
      200,
      1,
      1,
      3,
      0,
      GFP_KERNEL,
    ]);
    expect(eventAt(batch, 0)).toEqual({
      kind: 'balloon',
      cpu: 1,
      thinkNs: 5,
      object: 1,
      count: 3,
      gfp: GFP_KERNEL,
    });
    expect(() => batchOf([inflate(1, -1)])).toThrow(/^event 0 \(balloon, count\): found -1/);
    expect(() => batchOf([{ ...inflate(1, 1), kind: 'baloon' } as unknown as MemoryEvent])).toThrow(
      /did you mean balloon\?$/,
    );
  });

  test('is told', () => {
    expect(describeEvent(inflate(1, 3))).toBe('balloon(object 1, 3 pages, GFP_KERNEL)');
    const before = machineOf('linux-x86_64', 64);
    const { outcome, story } = describeOutcome(before, fold(before, batchOf([inflate(1, 3)])), inflate(1, 3));
    expect(outcome).toMatchObject({ status: 'ok', addressType: 'kernel-logical' });
    expect(outcome.latencyNs).toBeGreaterThanOrEqual(3000);
    expect(story).toMatch(/^ok at 0x[0-9a-f]+, a kernel logical address$/);
  });

  test('is folded as lawfully as its handler is', () => {
    const start = machineOf('linux-3g1g', 96, { cpus: 2, highmemBytes: 32n << 20n });
    expectPurity(start, [batchOf(HALF)], 16);
    expectConservation(start, [batchOf(HALF)], 16);
  });

  test('is recorded, read, replayed, counted and compared', async () => {
    const trace = await traceOf((writer) => writer.write(batchOf(HALF)));
    expect(trace.header.kinds[200]).toEqual({
      name: 'balloon',
      fields: { object: 'object', count: 'a', gfp: 'c' },
    });
    const read: MemoryEvent[] = [];
    for await (const batch of trace.batches()) read.push(...eventsOf(batch));
    expect(read).toEqual(HALF);

    const result = await replay(trace.batches(), [lane('linux-3g1g'), lane('linux-x86_64')]);
    const [low, wide] = result.layouts.map(({ allocations }) => allocations as Record<string, object>);
    expect(wide!.balloon).toMatchObject({ ok: expect.any(Number), exists: 1 });
    expect(Object.keys(low!.balloon!).sort()).toEqual(['exists', 'fragmented', 'ok']);
    expect(result.layouts[0]!.firstFailures.find(({ status }) => status === 'fragmented')).toMatchObject({
      kind: 'balloon',
      request: expect.stringMatching(/^balloon\(object \d+, 1024 pages, GFP_KERNEL\)$/),
      detail: expect.stringMatching(/^free: DMA .*largest block/),
    });
    expect(result.differences!.byKind).toMatchObject({ balloon: expect.any(Number) });
    expect(reportText(result)).toMatch(/^ *balloon +\d+ ok/m);
  });

  test('has a name, a code and columns of its own', () => {
    const row = { code: 201, doc: '', fields: { object: ['object', OBJECT] } } as const;
    expect(() => defineKind('balloon', row, () => OK)).toThrow(UsageError);
    expect(() => defineKind('other', { ...row, code: 200 }, () => OK)).toThrow(/balloon has it$/);
    expect(() => defineKind('other', { ...row, code: 256 }, () => OK)).toThrow(/one from 1 to 255/);
    expect(() => defineKind('other', { ...row, code: 0 }, () => OK)).toThrow(/one from 1 to 255/);
    const twice = { ...row, fields: { object: ['object', OBJECT], count: ['object', NR_PAGES] } } as const;
    expect(() => defineKind('other', twice, () => OK)).toThrow(
      /field count: found column object a second time/,
    );
  });
});
