/** The rules of `vmsplit verify kernel`, one by one, on traces written by hand: what is predicted, and what is not. */
import { describe, expect, test } from 'vitest';
import {
  alloc,
  batched,
  drain,
  each,
  free,
  given,
  lost,
  moment,
  read,
  scores,
  softirqFree,
  stolen,
  verify,
  vmapArea,
} from './traces.ts';

const [A, B, C] = [0x100010, 0x100020, 0x100030];
const BEFORE = 'pages of before the trace on the list';
const UNKNOWN = 'migrate type of the pageblock not seen yet';

describe('per-cpu lists', () => {
  test('the page that was freed last is given first', async () => {
    const trace = alloc(A) + alloc(B) + free(A) + free(B) + alloc(B) + alloc(A);
    expect(scores(await verify(trace))).toMatchObject({ 'pcp-lifo': `2/2, 2 ${BEFORE}` });
  });

  test('another page than that is a disagreement, with its reason', async () => {
    const { disagreements, failed } = await verify(alloc(A) + free(A) + alloc(C));
    expect(failed).toEqual(['pcp-lifo']);
    expect(disagreements).toEqual([
      {
        rule: 'pcp-lifo',
        line: 4,
        event: 'mm_page_alloc, order 0, type 1',
        expected: 'pfn 0x100010',
        because: 'it was freed last to this list, in line 3',
        found: 'pfn 0x100030',
        known: 'it was on no list that the trace has shown',
      },
    ]);
  });

  test('every cpu, order and migrate type has its own', async () => {
    const both = (block: object): string => alloc(A) + alloc(0x104000, { type: 0, ...block }) + free(A);
    const apart = [
      both({ cpu: 1 }) + free(0x104000, { cpu: 1 }),
      both({ order: 2 }) + free(0x104000, { order: 2 }),
      both({}) + free(0x104000),
    ];
    for (const trace of apart)
      expect(scores(await verify(trace + alloc(A)))).toMatchObject({ 'pcp-lifo': `1/1, 2 ${BEFORE}` });
  });

  test('a page of a batch comes to its list at its second report', async () => {
    const trace = alloc(A) + alloc(B) + free(A) + free(B) + batched(A) + alloc(A) + batched(B) + alloc(B);
    expect(scores(await verify(trace))).toMatchObject({ 'pcp-lifo': `2/2, 2 ${BEFORE}` });
  });

  test('a page of a pageblock that nothing is known of may be on any list, until it is seen', async () => {
    const trace = free(A) + free(A + 1) + alloc(A + 1) + alloc(A);
    expect(scores(await verify(trace))).toMatchObject({ 'pcp-lifo': `1/1, 1 ${UNKNOWN}` });
  });

  test('pages before one that is given were taken unseen', async () => {
    const result = await verify(each(A, 8, alloc) + each(A, 8, free) + alloc(A + 3) + alloc(A + 2));
    expect([result.untracedPages, scores(result)]).toMatchObject([4, { 'pcp-lifo': `1/2, 8 ${BEFORE}` }]);
    expect(result.disagreements[0]!.known).toMatch(/^4 entries stood before it on that list/);
  });

  test('what a softirq freed went straight to the buddy allocator, where an allocation takes what lies behind it', async () => {
    const reason = 'an interrupt that found the lists locked freed to the buddy allocator';
    const begin = each(A, 4, alloc) + free(A) + softirqFree(A + 1) + softirqFree(A + 2);
    const behind = await verify(begin + alloc(A));
    expect(scores(behind)).toMatchObject({ 'pcp-lifo': `0/0, 4 ${BEFORE}, 1 ${reason}` });
    expect([behind.failed, behind.untracedPages]).toEqual([[], 0]);
    // as a rule it found them unlocked
    const usual = await verify(begin + alloc(A + 2) + alloc(A + 1) + alloc(A));
    expect(scores(usual)).toMatchObject({ 'pcp-lifo': `3/3, 4 ${BEFORE}` });
    // a task that freed is no interrupt
    const mixed = await verify(begin + free(A + 3) + alloc(A));
    expect([mixed.failed, mixed.untracedPages]).toEqual([['pcp-lifo'], 3]);
  });

  test('a kernel stack takes its pages with no event but that of its area', async () => {
    const frees = each(A, 8, (pfn) => alloc(pfn, { type: 0 })) + each(A, 8, free);
    const stackOf = async (size: number, align: number, next: number): Promise<[number, string]> => {
      const result = await verify(frees + vmapArea(size, align) + alloc(next, { type: 0 }));
      return [result.untracedPages, scores(result)['pcp-lifo']!];
    };
    expect(await stackOf(20480, 16384, A + 3)).toEqual([0, `1/1, 8 ${BEFORE}`]);
    expect(await stackOf(20480, 4096, A + 7)).toEqual([0, `1/1, 8 ${BEFORE}`]);
    expect(await stackOf(16384, 16384, A + 7)).toEqual([0, `1/1, 8 ${BEFORE}`]);
    expect(await stackOf(20480, 16384, A + 7)).toEqual([0, `0/1, 8 ${BEFORE}`]);
  });

  test('where events are lost, nothing is known of a cpu', async () => {
    const trace = alloc(A) + alloc(B, { cpu: 1 }) + free(A) + free(B, { cpu: 1 }) + lost(0);
    expect(scores(await verify(trace + alloc(C) + alloc(B, { cpu: 1 })))).toMatchObject({
      'pcp-lifo': `1/1, 3 ${BEFORE}`,
    });
  });

  test('nor of the pages that had come to its lists before', async () => {
    const trace = alloc(A) + free(A) + alloc(0x104000, { order: 1 }) + lost(0) + alloc(C);
    expect(scores(await verify(trace))).toMatchObject({ 'pcp-lifo': `0/0, 3 ${BEFORE}` });
  });
});

describe('refills', () => {
  const refill = (first: number, count = 63): string => each(first, count, given) + alloc(first);

  test('give their pages in the order in which they came', async () => {
    const trace = refill(0x100000) + each(0x100001, 62, alloc);
    expect(scores(await verify(trace))).toMatchObject({
      'refill-when': `0/0, 1 ${BEFORE}`,
      'refill-size': '0/0, 1 refills and frees before the trace',
      'refill-first': '1/1',
      'refill-order': '62/62',
    });
  });

  test('come when the list is empty: not before, and not later', async () => {
    const emptied = refill(0x100000) + each(0x100001, 62, alloc);
    expect(scores(await verify(emptied + refill(0x100100)))['refill-when']).toBe(`1/1, 1 ${BEFORE}`);
    expect(scores(await verify(emptied + alloc(C)))['refill-when']).toBe(`0/1, 1 ${BEFORE}`);
    expect(scores(await verify(refill(0x100000) + refill(0x100100)))['refill-when']).toBe(`0/1, 1 ${BEFORE}`);
  });

  test('are a batch after some frees; another size is a disagreement', async () => {
    const frees = each(0x100800, 5, alloc) + each(0x100800, 5, free);
    const size = async (blocks: number, order = 0): Promise<string> =>
      scores(
        await verify(
          frees + each(0, blocks, (i) => given(0x101000 + i * 2 ** order, { order, type: 0 })) + free(C),
        ),
      )['refill-size']!;
    expect(await size(63)).toBe('1/1');
    expect(await size(62)).toBe('0/1');
    expect([await size(31, 1), await size(15, 2), await size(7, 3), await size(2, 9)]).toEqual(
      Array(4).fill('1/1'),
    );
  });

  test('grow since 6.7 only', async () => {
    const size = async (fixed: boolean, second: number): Promise<string> => {
      const start = moment('a', { free: 90_000, high: 20_000, fixed });
      const first =
        each(0x100800, 5, (pfn) => alloc(pfn) + free(pfn)) + each(0x101000, 63, given) + alloc(0x101000);
      const trace = read('a') + first + each(0x102000, second, given) + alloc(0x102000);
      return scores(await verify(trace, [start]))['refill-size']!;
    };
    expect([await size(false, 126), await size(true, 63)]).toEqual(['2/2', '2/2']);
    expect([await size(false, 63), await size(true, 126)]).toEqual(['1/2', '1/2']);
  });

  test('for two lists are two, one behind the other', async () => {
    const frees = each(0x100800, 5, alloc) + each(0x100800, 5, free);
    const two = each(0x101000, 63, given) + each(0x104000, 63, (pfn) => given(pfn, { type: 2 }));
    expect(scores(await verify(frees + two + alloc(0x104000, { type: 2 })))).toMatchObject({
      'refill-size': '1/1, 1 pages on the lists of before the trace',
      'refill-first': '1/1',
    });
  });

  test('a single block while the list holds some is for somebody who found it locked', async () => {
    const trace = alloc(A) + free(A) + given(C) + alloc(C) + alloc(A);
    expect(scores(await verify(trace))).toMatchObject({ 'pcp-lifo': `1/1, 1 ${BEFORE}`, direct: '1/1' });
  });
});

describe('drains', () => {
  const filled = each(0x100000, 63, given) + alloc(0x100000);

  test('take the tail, the page that waited longest', async () => {
    const trace = filled + free(0x100000) + drain(0x10003e) + drain(0x10003d);
    expect(scores(await verify(trace))['drain-tail']).toBe('2/2');
    expect(scores(await verify(filled + free(0x100000) + drain(0x100001)))['drain-tail']).toBe('0/1');
  });

  test('come to the next list when one is empty', async () => {
    const two =
      each(0x100000, 63, given) + alloc(0x100000) + each(0x104000, 63, (pfn) => given(pfn, { type: 2 }));
    const trace = two + alloc(0x104000, { type: 2 }) + free(0x100000);
    const tails = each(0, 62, (i) => drain(0x10003e - i)) + drain(0x100000) + drain(0x10403e, { type: 2 });
    expect(scores(await verify(trace + tails))['drain-tail']).toBe('64/64');
  });

  test('that are at the next list have left none before it: it is refilled next', async () => {
    const other = each(0x104000, 63, (pfn) => given(pfn, { type: 2 })) + alloc(0x104000, { type: 2 });
    const trace = filled + other + free(0x100000) + drain(0x10403e, { type: 2 });
    const refill = each(0x108000, 63, given) + alloc(0x108000);
    expect(scores(await verify(trace + refill))).toMatchObject({ 'refill-when': `1/1, 2 ${BEFORE}` });
  });

  test('behind what the trace has shown of a list are pages that it has not', async () => {
    expect(scores(await verify(alloc(A) + free(A) + drain(B)))['drain-tail']).toBe(`0/0, 1 ${BEFORE}`);
  });
});

describe('blocks without per-cpu list', () => {
  test('go to whom the buddy allocator gave them', async () => {
    const [given4, alloc4] = [given(0x100100, { order: 4, type: 0 }), alloc(0x100100, { order: 4, type: 0 })];
    expect(scores(await verify(given4 + alloc4))).toMatchObject({ direct: '1/1' });
    expect(scores(await verify(given4 + alloc(0x100110, { order: 4 })))).toMatchObject({ direct: '0/1' });
  });

  test('and so do those that were stolen from another type, reported once or twice', async () => {
    const block = { order: 6, type: 0 };
    const [once, taken] = [stolen(0x100400, 6, 10), alloc(0x100400, block)];
    expect(scores(await verify(once + taken)).direct).toBe('1/1');
    expect(scores(await verify(given(0x100400, block) + once + taken)).direct).toBe('1/1');
  });

  test('all pageblocks of a stolen block are the thief’s: what is freed there is given to its type', async () => {
    const trace = stolen(0x100400, 6, 10) + alloc(0x100400, { order: 6, type: 0 });
    const page = 0x100400 + 512 + 7;
    expect(scores(await verify(trace + free(page) + alloc(page, { type: 0 })))['pcp-lifo']).toBe('1/1');
  });
});

test('a trace of some tasks only is told from one of the machine', async () => {
  const trace = each(0x100000, 100, alloc) + each(0x100000, 100, free);
  expect((await verify(trace)).missing).toEqual(['mm_page_free_batched']);
  expect((await verify(trace + batched(0x100000))).missing).toEqual([]);
});

test('nothing predicted is no agreement', async () => {
  expect((await verify(alloc(A))).agrees).toBe(false);
  expect((await verify(alloc(A) + free(A) + alloc(A))).agrees).toBe(true);
});

test('one miss among a few predictions is forgiven, but not among less than five, nor where all must be right', async () => {
  const failed = async (right: number, atLeastPercent: number): Promise<readonly string[]> => {
    const hits = each(A, right, (pfn) => alloc(pfn) + free(pfn) + alloc(pfn));
    return (await verify(hits + alloc(C) + free(C) + alloc(B), [], { atLeastPercent })).failed;
  };
  expect([await failed(4, 95), await failed(3, 95), await failed(4, 100)]).toEqual([
    [],
    ['pcp-lifo'],
    ['pcp-lifo'],
  ]);
});
