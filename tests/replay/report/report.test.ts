/** Reports: the JSON's names are a contract with programs; the text is for people. */
import { describe, expect, test } from 'vitest';
import { batchOf } from '../../../core/event/batch.ts';
import { buildLayout } from '../../../core/layout/catalog/index.ts';
import { newLane } from '../../../replay/lane/lane.ts';
import { reportJson, reportText } from '../../../replay/report/index.ts';
import { replay } from '../../../replay/run/pipeline.ts';
import { FULL_WINDOW } from '../scenario.ts';
import { lane } from '../support.ts';

const result = await replay([batchOf(FULL_WINDOW)], [lane('3g1g'), lane('x86_64')]);
const same = await replay([batchOf(FULL_WINDOW)], [lane('x86_64')]);

describe('JSON', () => {
  const json = JSON.parse(reportJson(result));
  const [small, large] = json.layouts;

  test('is the result itself', () => {
    expect(json).toEqual(result);
    expect(reportJson(result).endsWith('}\n')).toBe(true);
  });

  test('the names of a layout', () => {
    expect(Object.keys(small)).toEqual([
      'name',
      'title',
      'ramBytes',
      'unusedRam',
      'wordBits',
      'objectScale',
      'digest',
      'events',
      'eventsPerSecond',
      'simulatedNs',
      'cpuNs',
      'allocations',
      'failures',
      'otherFailures',
      'recordedAsFailed',
      'firstFailures',
      'addressTypes',
      'references',
      'memory',
      'vmalloc',
      'kmap',
      'pageTableBytes',
      'pageTableBytesPeak',
      'lowFreeLowestBytes',
      'tlb',
      'faults',
      'counters',
    ]);
    expect(Object.keys(small.tlb)).toEqual([
      'translations',
      'l1Hits',
      'l2Hits',
      'walks',
      'walkReferences',
      'walkCacheHits',
      'pdpteCacheHits',
      'pml4eCacheHits',
      'pml5eCacheHits',
      'flushes',
      'shootdowns',
      'kptiSwitches',
      'all',
      'instruction',
      'data',
      'user',
      'kernel',
      'cpus',
      'walkLevels',
    ]);
    expect(Object.keys(small.tlb.data)).toEqual([
      'translations',
      'l1Hits',
      'l2Hits',
      'walks',
      'l1MissesPerThousand',
      'walksPerThousand',
      'l1HitRate',
      'l2HitRate',
      'walkRate',
    ]);
    expect(Object.keys(small.tlb.all)).toEqual(['references', ...Object.keys(small.tlb.data)]);
    expect(Object.keys(small.faults)).toEqual([
      'demandZero',
      'zeroPage',
      'copyOnWrite',
      'fileMinor',
      'fileMajor',
      'swapIn',
      'vmalloc',
    ]);
  });

  test('what follows from the layout', () => {
    expect(small).toMatchObject({ name: '3g1g', ramBytes: 2 ** 30, unusedRam: null });
    expect(small.events).toBe(FULL_WINDOW.length);
    // Up to two pages below the kmap window (VMALLOC_END, arch/x86/include/asm/pgtable_32_areas.h).
    expect(small.vmalloc.totalBytes).toBe(88 * 2 ** 20 - 2 * 4096);
    expect(small.kmap).toEqual({ slots: 1024, used: 1, peak: 1 });
    expect(large.kmap).toEqual({ slots: 0, used: 0, peak: 0 });
    expect(large.memory.high).toEqual({ totalBytes: 0, freeBytes: 0 });
    expect(small.memory.zones.map(({ name }: { name: string }) => name)).toEqual([
      'DMA',
      'Normal',
      'HighMem',
    ]);
  });

  test('what the story leaves behind: buffers, the arrays of their pages, and guard pages', () => {
    const buffer = 15 * 2 ** 20;
    // 3840 pointers to pages.
    const [array32, array64] = [4 * 4096, 8 * 4096];
    expect(small.vmalloc.usedBytes).toBe(5 * (buffer + array32 + 2 * 4096));
    expect(small.vmalloc.peakBytes).toBe(5 * (buffer + array32));
    expect(large.vmalloc.usedBytes).toBe(6 * (buffer + array64 + 2 * 4096));
    expect(large.vmalloc.peakBytes).toBe(7 * (buffer + array64));
  });

  test('low and high memory are the sums of their zones', () => {
    const [dma, normal, highmem] = small.memory.zones;
    expect(small.memory.low.totalBytes).toBe(dma.totalBytes + normal.totalBytes);
    expect(small.memory.low.freeBytes).toBe(dma.freeBytes + normal.freeBytes);
    expect(small.memory.high.freeBytes).toBe(highmem.freeBytes);
    expect(small.memory.high.freeBytes).toBeLessThan(small.memory.high.totalBytes);
  });

  test('the names of differences; without a second layout there are none', () => {
    const { differences } = json;
    expect(Object.keys(differences)).toEqual([
      'total',
      'byCategory',
      'byKind',
      'consequences',
      'tlbLevel',
      'first',
    ]);
    expect(Object.keys(differences.first[1])).toEqual([
      'event',
      'kind',
      'request',
      'fields',
      'category',
      'count',
      'recordedAsFailed',
      'outcomes',
      'stories',
      'why',
    ]);
    expect(differences.first[1].outcomes.x86_64).toEqual({
      status: 'ok',
      addressType: 'kernel-virtual',
      address: '0xffffc90004b32000',
      fault: 'none',
      tlb: 'l1',
      latencyNs: expect.any(Number),
    });
    expect(JSON.parse(reportJson(same))).not.toHaveProperty('differences');
  });
});

describe('text', () => {
  const text = reportText(result);
  const lines = text.split('\n');
  const line = (label: string) => lines.find((one) => one.trim().startsWith(label));

  test('a column for each layout, aligned to the right', () => {
    expect(lines[0]).toMatch(/^ +3g1g +x86_64$/);
    const width = lines[0]!.length;
    expect(lines[1]).toMatch(new RegExp(`^${FULL_WINDOW.length} events +1\\.0 GiB RAM +1\\.0 GiB RAM$`));
    expect(lines[1]!.length).toBe(width);
    expect(line('vmalloc used')!.length).toBe(width);
    expect(line('outcome digest')!.length).toBe(width);
  });

  test.each([
    ['vmalloc ', /^ {2}vmalloc +6 ok +8 ok$/],
    ['2 vmalloc-space', /^ +2 vmalloc-space$/],
    ['other failures', /^ {2}other failures +vfree: 1 no-object +-$/],
    ['vmalloc used', /75\.1 MiB of 88\.0 MiB +90\.2 MiB of 32\.0 TiB$/],
    ['kmap slots at most', /1 of 1024 +-$/],
    ['given: kernel logical', /- +2$/],
    ['given: page frames only', /1 +-$/],
    ['failed', /1 +-$/],
  ])('row %s', (label, expected) => expect(line(label)).toMatch(expected));

  test('what has nothing to say is left out', () => {
    expect(text).not.toContain('page faults');
    expect(text).not.toContain('kmalloc');
    expect(text).not.toMatch(/ $/m);
  });

  test('RAM that a layout cannot use is warned of, in the text and in the JSON', async () => {
    const ramBytes = 2n ** 33n;
    const lanes = ['linux-3g1g', 'linux-x86_64'].map((name) => newLane(buildLayout(name, { ramBytes })));
    const large = await replay([batchOf(FULL_WINDOW)], lanes);
    expect(large.layouts.map(({ unusedRam }) => unusedRam)).toEqual([
      { bytes: 5 * 2 ** 30, reason: expect.stringMatching(/reach 4 GiB: a layout with PAE/) },
      null,
    ]);
    expect(reportText(large)).toMatch(/\nwarning: linux-3g1g leaves 5\.0 GiB of RAM unused: its page-table/);
    expect(reportText(large)).toMatch(/RAM that is used +3\.0 GiB +8\.0 GiB\n/);
    expect(reportText(large).match(/warning/g)).toHaveLength(1);
    expect(text).not.toMatch(/warning|is used/);
  });

  test('the first failures, roots only', () => {
    const start = lines.indexOf('first failures');
    expect(lines.slice(start, start + 6)).toEqual([
      'first failures',
      '3g1g',
      '  event 6: vmalloc(object 6, 15.0 MiB): vmalloc-space',
      '      no hole of the vmalloc window is large enough (out of address space, not memory)',
      '      75.1 MiB of 88.0 MiB used, largest hole 12.9 MiB',
      '',
    ]);
  });

  test('what differs and why', () => {
    const start = lines.indexOf('what differs and why');
    expect(lines[start + 1]).toBe('  4 events: 2 in status, 2 in type of address; 2 more as a consequence');
    const vmalloc = lines.indexOf('  event 6: vmalloc(object 6, 15.0 MiB) (and 1 more like it)');
    expect(lines.slice(vmalloc + 1, vmalloc + 3)).toEqual([
      '      3g1g: no hole of the vmalloc window is large enough (out of address space, not memory): ' +
        '75.1 MiB of 88.0 MiB used, largest hole 12.9 MiB',
      '      x86_64: ok at 0xffffc90004b32000, in the vmalloc window',
    ]);
  });

  test('one layout: no failures, nothing to compare', () => {
    const alone = reportText(same);
    expect(alone).not.toContain('first failures');
    expect(alone).not.toContain('what differs');
  });

  test('layouts that agree say so; a replay that was broken off too', async () => {
    const twins = [lane('3g1g', { name: 'one' }), lane('3g1g', { name: 'other' })];
    const agreed = await replay([batchOf(FULL_WINDOW)], twins);
    expect(reportText({ ...agreed, complete: false })).toMatch(
      /what differs and why\n {2}nothing: every event came out the same\n\nbroken off after 15 events\n$/,
    );
  });

  test('colours only when asked for', () => {
    const plain = (colored: string) =>
      colored.replaceAll(new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g'), '');
    expect(text).toBe(plain(text));
    const colored = reportText(result, { colors: true });
    expect(colored).not.toBe(text);
    expect(plain(colored)).toBe(text);
  });
});
