/** Costs of a captured machine, by the times of its trace. */
import { describe, expect, it, test } from 'vitest';
import { capturedCosts, diskCosts, OTHER_DISKS } from '../../../replay/verify/pressure/costs.ts';

const US = 1000;

/** Events of one task, each so many microseconds after the one before. */
function trace(events: readonly (readonly [afterUs: number, text: string])[]): string {
  let us = 0;
  return events
    .map(([after, text]) => {
      us += after;
      return `  eater-9  [000] d.... ${(1 + us / 1e6).toFixed(6)}: ${text}\n`;
    })
    .join('');
}

function times<T>(count: number, of: readonly T[]): T[] {
  return Array.from({ length: count }, () => of).flat();
}

const write: [number, string] = [20, 'mm_vmscan_write_folio: page=1 pfn=0x1 flags=x'];
const kept: [number, string] = [
  64,
  'mm_vmscan_lru_shrink_inactive: nid=0 nr_scanned=32 nr_reclaimed=0 nr_ref_keep=32',
];
const begin: [number, string] = [320, 'mm_vmscan_direct_reclaim_begin: order=0'];
const end: [number, string] = [5000, 'mm_vmscan_direct_reclaim_end: nr_reclaimed=32'];

describe('costs', () => {
  const usual = capturedCosts('');

  it('are medians of the time between neighbours', () => {
    const found = capturedCosts(
      trace([...times(30, [write]), [1, 'other: x'], ...times(30, [kept]), ...times(30, [begin, end])]),
    );
    expect(found).toMatchObject({
      scanPageNs: 2 * US,
      diskSubmitNs: 18 * US,
      faultNs: 10 * US - usual.clearPageNs!,
    });
  });

  it('of faults that are told each is measured, and of pages that were freed as soon as they were looked at', () => {
    const fault: [number, string] = [17, 'page_fault_user: address=0x1 ip=0x2 error_code=0x6'];
    const freed: [number, string] = [
      80,
      kept[1].replace('nr_reclaimed=0 nr_ref_keep=32', 'nr_reclaimed=32 nr_ref_keep=0'),
    ];
    const found = capturedCosts(
      trace([...times(30, [fault]), ...times(30, [begin, end]), ...times(30, [kept]), ...times(30, [freed])]),
    );
    expect(found).toMatchObject({
      faultNs: 17 * US - usual.clearPageNs!,
      scanPageNs: 2 * US,
      pageFreeNs: 2.5 * US - 2 * US,
    });
  });

  test.each([
    ['few events', trace([...times(10, [write]), ...times(10, [kept]), ...times(10, [begin, end])])],
    [
      'events of other tasks in between',
      trace(times(30, [write])).replace(/eater-9(.*\n).*eater/g, 'a-1$1 b'),
    ],
  ])('%s tell nothing', (_, text) => {
    expect(capturedCosts(text)).toEqual(usual);
  });

  it('a disk is faster or slower', () => {
    expect([Math.min(...OTHER_DISKS), Math.max(...OTHER_DISKS)]).toEqual([0.5, 4]);
    for (const speed of OTHER_DISKS)
      for (const cost of ['diskWriteNs', 'diskDelayNs', 'diskReadNs'] as const)
        expect(diskCosts(speed)[cost] * speed).toBeCloseTo(usual[cost]!, -1);
  });
});
