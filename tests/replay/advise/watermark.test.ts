/** __zone_watermark_ok() over the figures of a report: both sides of each bound. */
import { describe, expect, test } from 'vitest';
import { GFP_ATOMIC, GFP_KERNEL } from '../../../core/event/gfp.ts';
import { type Asked, answerOf } from '../../../replay/advise/verdict/watermark.ts';
import type { ReportedZone } from '../../../traces/index.ts';

const ASKED: Asked = { order: 0, mask: GFP_KERNEL, rank: 1, pageKb: 4, kernel: '6.1', mark: 'min' };

/** 1,000 kB must be left, and 400 of the reserve. */
function zone(free: number, more: Partial<ReportedZone> = {}): ReportedZone {
  const marks = { min: 1000, low: 1250, high: 1500, boost: 0 };
  const of = { node: 0, zone: 'Normal', freeCma: 0, highAtomic: 0, present: 100_000, managed: 100_000 };
  return { ...of, ...marks, free, sizes: {}, reserve: [0, 100], ...more };
}

const refusal = (of: ReportedZone, asked: Partial<Asked> = {}): string | undefined =>
  answerOf(of, { ...ASKED, ...asked }).refusedBy;

describe('a page', () => {
  test.each([
    ['more than mark and reserve', zone(1404), undefined],
    ['as much', zone(1400), 'reserve'],
    ['more than the mark alone', zone(1004), 'reserve'],
    ['as much as the mark', zone(1000), 'min'],
    ['enough, but for CMA', zone(2000, { freeCma: 600 }), 'cma'],
    ['enough, but for those that cannot wait', zone(2000, { highAtomic: 600 }), 'high-atomic'],
  ])('%s is free', (_, of, refusedBy) => {
    expect(refusal(of)).toBe(refusedBy);
  });

  test('who cannot wait may go down to three eighths of the mark', () => {
    const lowered = (1000 * 3) / 8 + 400;
    expect(refusal(zone(lowered + 4), { mask: GFP_ATOMIC })).toBeUndefined();
    expect(refusal(zone(lowered), { mask: GFP_ATOMIC })).toBe('reserve');
  });
});

describe('a block', () => {
  const blocks = [
    { order: 0, count: 900, types: 'UME' },
    { order: 2, count: 1, types: 'U' },
  ];
  const of = zone(3616, { blocks });

  test.each([
    ['4.3', 'fragmentation'],
    ['4.4', undefined],
  ])('Linux %s: until 4.3 half of the mark had to be left for each order', (kernel, refusedBy) => {
    expect(refusal(of, { order: 2, kernel })).toBe(refusedBy);
  });

  test('must be there, and of a type that may be given', () => {
    expect(refusal(of, { order: 3 })).toBe('fragmentation');
    const lent = zone(3616, { blocks: [{ order: 3, count: 1, types: 'C' }] });
    expect(refusal(lent, { order: 3 })).toBe('cma');
  });
});
