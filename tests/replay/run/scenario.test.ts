/** One story, all the way to what people read: who fails first, where, why, and what differs. */
import { describe, expect, test } from 'vitest';
import { batchOf } from '../../../core/event/batch.ts';
import { replay } from '../../../replay/run/pipeline.ts';
import { FULL_AT, FULL_WINDOW } from '../scenario.ts';
import { lane, timeless } from '../support.ts';

const result = await replay([batchOf(FULL_WINDOW)], [lane('3g1g'), lane('x86_64')]);
const [small, large] = result.layouts;

describe('a full vmalloc window', () => {
  test('the first failure is the sixth buffer, for want of address space', () => {
    expect(small!.firstFailures[0]).toEqual({
      event: FULL_AT,
      kind: 'vmalloc',
      status: 'vmalloc-space',
      request: 'vmalloc(object 6, 15.0 MiB)',
      reason: 'no hole of the vmalloc window is large enough (out of address space, not memory)',
      detail: '75.1 MiB of 88.0 MiB used, largest hole 12.9 MiB',
    });
    expect(large!.firstFailures).toEqual([]);
  });

  test('what fails after it says what it comes of', () => {
    expect(small!.firstFailures.slice(1).map(({ event, kind, detail }) => ({ event, kind, detail }))).toEqual(
      [
        { event: 8, kind: 'access', detail: 'its vmalloc failed at event 6' },
        { event: 9, kind: 'vfree', detail: 'its vmalloc failed at event 6' },
      ],
    );
  });

  test('allocations by kind and status', () => {
    expect(small!.allocations).toEqual({
      page_alloc: { ok: 1 },
      vmalloc: { ok: 6, 'vmalloc-space': 2 },
      kmap: { ok: 1 },
    });
    expect(large!.allocations).toEqual({ page_alloc: { ok: 1 }, vmalloc: { ok: 8 }, kmap: { ok: 1 } });
    expect(small!.failures).toBe(4);
    expect(small!.otherFailures).toEqual({ access: { 'no-object': 1 }, vfree: { 'no-object': 1 } });
  });

  test('types of addresses given: a high page has none until it is kmapped', () => {
    expect(small!.addressTypes).toEqual({
      userVirtual: 0,
      bus: 0,
      kernelLogical: 0,
      kernelVirtual: 7,
      physical: 1,
    });
    expect(large!.addressTypes).toEqual({
      userVirtual: 0,
      bus: 0,
      kernelLogical: 2,
      kernelVirtual: 8,
      physical: 0,
    });
    expect(small!.references).toEqual({
      total: 3,
      userVirtual: 0,
      kernelLogical: 0,
      kernelVirtual: 2,
      failed: 1,
    });
  });

  test('differences: two vmallocs, the high page and its kmap; the use of a missing buffer only follows', () => {
    const { total, byCategory, byKind, consequences } = result.differences!;
    expect({ total, byCategory, byKind, consequences }).toEqual({
      total: 4,
      byCategory: { status: 2, addressType: 2, fault: 0 },
      byKind: { page_alloc: 1, vmalloc: 2, kmap: 1 },
      consequences: 2,
    });
  });

  test('the first of each sort is explained, and says how many are like it', () => {
    // Which page the buddy allocator picks is its own affair.
    const page = result.differences!.first[0]!.outcomes;
    const { pfn, zone } = page['3g1g']!;
    const { address } = page.x86_64!;
    expect(zone).toBe('HighMem');
    expect(address).toMatch(/^0xffff8880[0-9a-f]{5}000$/);
    expect(result.differences!.first.map(({ event, count, why }) => [event, count, why])).toEqual([
      [
        0,
        1,
        'page_alloc(object 100, order 0, GFP_HIGHUSER): ' +
          `3g1g: ok, page frame 0x${pfn!.toString(16)} of HighMem, which has no kernel address without a kmap; ` +
          `x86_64: ok at ${address}, a kernel logical address`,
      ],
      [
        6,
        2,
        'vmalloc(object 6, 15.0 MiB): ' +
          '3g1g: no hole of the vmalloc window is large enough (out of address space, not memory): ' +
          '75.1 MiB of 88.0 MiB used, largest hole 12.9 MiB; ' +
          'x86_64: ok at 0xffffc90004b32000, in the vmalloc window',
      ],
      [
        10,
        1,
        'kmap(object 100, page 0): 3g1g: ok at 0xfe001000, a slot of the kmap window; ' +
          `x86_64: ok at ${address}, a kernel logical address`,
      ],
    ]);
    expect(result.differences!.first[1]).toMatchObject({
      kind: 'vmalloc',
      category: 'status',
      fields: { kind: 'vmalloc', object: 6, size: 15 * 2 ** 20 },
      outcomes: {
        '3g1g': { status: 'vmalloc-space', addressType: 'none' },
        x86_64: { status: 'ok', addressType: 'kernel-virtual', address: '0xffffc90004b32000' },
      },
    });
  });

  test('no sorts are kept when none are asked for, and all are counted', async () => {
    const lanes = [lane('3g1g'), lane('x86_64')];
    const { differences } = await replay([batchOf(FULL_WINDOW)], lanes, { firstDifferences: 0 });
    expect(differences).toEqual({ ...result.differences, first: [] });
  });

  test('a layout does not differ from itself', async () => {
    const twins = [lane('3g1g', { name: 'one' }), lane('3g1g', { name: 'other' })];
    const { differences } = await replay([batchOf(FULL_WINDOW)], twins);
    expect(differences).toEqual({
      total: 0,
      byCategory: { status: 0, addressType: 0, fault: 0 },
      byKind: {},
      consequences: 0,
      tlbLevel: 0,
      first: [],
    });
  });

  test('batches of one event tell the same story', async () => {
    const again = await replay([batchOf(FULL_WINDOW)], [lane('3g1g'), lane('x86_64')], { batchSize: 1 });
    expect(timeless(again)).toEqual(timeless(result));
  });
});
