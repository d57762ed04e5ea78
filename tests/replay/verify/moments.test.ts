/** Figures that a machine reported while it was traced, against what the events make of them. */
import { describe, expect, test } from 'vitest';
import { momentsOf } from '../../../replay/index.ts';
import {
  alloc,
  BATCH,
  drain,
  each,
  type Figures,
  free,
  given,
  lost,
  moment,
  pause,
  read,
  scores,
  stolen,
  verify,
} from './traces.ts';

/** What is said of the second moment, when these events lie between it and the first. */
async function between(events: string, found: Figures, whileRead = ''): Promise<Record<string, string>> {
  const moments = [moment('a', { free: 90_000 }), moment('b', found)];
  return scores(await verify(read('a') + events + read('b', whileRead), moments));
}

describe('free pages', () => {
  const P = 0x10_0000;
  const rows: readonly [string, string, number][] = [
    ['nothing', '', 0],
    ['a refill', each(P, BATCH, given) + alloc(P), -BATCH],
    ['an allocation from a list', alloc(P), 0],
    ['a drained page', drain(P), 1],
    ['a block without list that is given', given(P, { order: 4 }) + alloc(P, { order: 4 }), -16],
    ['a block without list that is freed', free(P, { order: 5 }), 32],
    ['a block that is stolen', stolen(P, 6, 10) + alloc(P, { order: 6 }), -64],
    ['the same, reported twice', given(P, { order: 6 }) + stolen(P, 6, 10) + alloc(P, { order: 6 }), -64],
  ];

  test.each(rows)('after %s', async (_what, events, change) => {
    expect((await between(events, { free: 90_000 + change })).accounting).toBe('1/1');
    expect((await between(events, { free: 90_001 + change })).accounting).toBe('0/1');
  });

  test('where events are lost, nobody knows', async () => {
    expect(await between(lost(0), { free: 95_000 })).not.toHaveProperty('accounting');
  });

  test('more are managed than before', async () => {
    expect((await between('', { free: 90_512, managed: (1 << 20) + 512 })).accounting).toBe('1/1');
  });

  test('what happens while they are read may or may not be in them', async () => {
    expect((await between('', { free: 90_000 }, drain(P))).accounting).toMatch(
      /^0\/0, 1 the buddy allocator was at work/,
    );
  });
});

describe('per-cpu lists', () => {
  const P = 0x10_0000;

  test('count what events put on them and took from them', async () => {
    const events = alloc(P) + alloc(P + 1, { order: 2 }) + free(P + 100);
    expect((await between(events, { free: 90_000, count: 496 }))['pcp-count']).toBe('1/1');
    expect((await between(events, { free: 90_000, count: 497 }))['pcp-count']).toBe('0/1');
  });

  test('what happens while they are read may or may not be in them', async () => {
    const counts = [498, 499, 500, 501].map((count) =>
      between('', { free: 90_000, count }, alloc(P) + alloc(P + 1)),
    );
    expect((await Promise.all(counts)).map((result) => result['pcp-count'])).toEqual([
      '1/1',
      '1/1',
      '1/1',
      '0/1',
    ]);
  });

  test('so the next moment may find one or the other', async () => {
    const found = (count: number) => {
      const moments = [moment('a', { free: 90_000 }), moment('b', { free: 90_000, count })];
      return verify(read('a', alloc(P)) + read('b'), moments);
    };
    const counts = await Promise.all([498, 499, 500, 501].map(found));
    expect(counts.map((result) => scores(result)['pcp-count'])).toEqual(['0/1', '1/1', '1/1', '0/1']);
  });

  test('raise their high mark with every refill, and lower it by an eighth when idle', async () => {
    const refilled =
      each(P, BATCH >> 1, (i) => given(P + 2 * (i - P), { order: 1 })) + alloc(P, { order: 1 });
    const high = async (events: string, found: number): Promise<string> =>
      (await between(events, { free: 90_000, high: found }))['pcp-high']!;
    expect([await high('', 2000), await high('', 1750), await high('', 1532), await high('', 1700)]).toEqual([
      '1/1',
      '1/1',
      '1/1',
      '0/1',
    ]);
    expect([await high(refilled, 2063), await high(refilled, 2062)]).toEqual(['1/1', '0/1']);
  });

  const refill = () =>
    each(P, BATCH >> 1, (i) => given(P + 2 * (i - P), { order: 1 })) + alloc(P, { order: 1 });

  test('keep a high mark that somebody has fixed', async () => {
    const moments = ['a', 'b'].map((label) => moment(label, { free: 90_000, pinned: true }));
    expect(scores(await verify(read('a') + refill() + read('b'), moments))['pcp-high']).toBe('1/1');
  });

  test('may have been idle, which no event tells, when a second has passed', async () => {
    const moments = [moment('a', { free: 90_000 }), moment('b', { free: 90_000, high: 2062 })];
    const trace = read('a') + refill() + pause(1) + read('b');
    expect(scores(await verify(trace, moments))['pcp-high']).toBe('0/0, 1 idle decay in between');
  });

  test('that are idle give back what is above the lowered mark, and again', async () => {
    const [once, again] = [150, 217];
    const drains = (pages: number, from: number) => each(from, pages, (pfn) => drain(pfn));
    const trace = read('a') + drains(once, P) + alloc(P + 8192) + drains(again, P + 4096) + alloc(P + 8193);
    // 2000 less an eighth is 1750, and that less an eighth 1532.
    const start = moment('a', { free: 90_000, count: 1750 + once, high: 2000 });
    expect(scores(await verify(trace, [start]))['drain-size']).toBe('2/2');
  });

  test('go back block by block, the last one whole: 150 pages are 19 blocks of 8', async () => {
    const start = moment('a', { free: 90_000, count: 1900, high: 2000 });
    const size = async (blocks: number): Promise<string> => {
      const back = each(0, blocks, (i) => drain(P + 8 * i, { order: 3 }));
      return scores(await verify(read('a') + back + alloc(P + 8192), [start]))['drain-size']!;
    };
    expect([await size(18), await size(19), await size(20)]).toEqual(['0/1', '1/1', '0/1']);
  });
});

describe('pages that go back at the high mark', () => {
  const P = 0x10_0000;
  const HIGH = 2000;

  /** The score of a drain of so many pages, after these events have brought the lists to their high mark. */
  async function drained(
    pages: number,
    allocs: number,
    frees: number,
    allocsAfter = 0,
    freesAfter = 0,
  ): Promise<string> {
    const count = HIGH + allocs - frees + allocsAfter - freesAfter;
    const page = (call: (pfn: number) => string, times: number, from = P): string => each(from, times, call);
    const events =
      page(alloc, allocs) +
      page(free, frees) +
      page(alloc, allocsAfter, P + frees) +
      page(free, freesAfter, P + frees);
    const trace = read('a') + events + page((pfn) => drain(pfn), pages, P + 4096) + alloc(P);
    return scores(await verify(trace, [moment('a', { free: 90_000, count, high: HIGH })]))['drain-size']!;
  }

  test('are as many as were freed in a row, a batch at least', async () => {
    expect([await drained(100, 13, 100), await drained(99, 13, 100)]).toEqual(['1/1', '0/1']);
    expect([await drained(BATCH, 13, 22), await drained(22, 13, 22)]).toEqual(['1/1', '0/1']);
  });

  test('are half as many for every allocation in between', async () => {
    expect([await drained(111, 13, 200, 1, 11), await drained(211, 13, 200, 1, 11)]).toEqual(['1/1', '0/1']);
  });

  test('larger blocks are not hoarded, once a batch and half the least mark are freed in a row', async () => {
    const start = moment('a', { free: 90_000, count: 500, high: 5000 });
    const size = async (frees: number, drains: number): Promise<string> => {
      const blocks = each(0, frees, (i) => free(P + 2 * i, { order: 1 }));
      const back = each(P + 8192, drains, (pfn) => drain(pfn));
      const trace = read('a') + each(P + 16384, 13, alloc) + blocks + back + alloc(P);
      return scores(await verify(trace, [start]))['drain-size']!;
    };
    // 63 + 1000 / 2 pages are 282 blocks: with the next one all of 500 - 13 + 566 go.
    expect([await size(283, 1053), await size(282, 1051)]).toEqual(['1/1', '0/1']);
    expect(await size(282, 564)).toBe('1/1');
  });

  test('are nobody knows how many, when nothing was allocated since the trace began', async () => {
    expect(await drained(100, 0, 100)).toMatch(/^0\/0, 1 /);
  });
});

describe('files', () => {
  const BUDDYINFO = 'Node 0, zone   Normal      1      0 \n';

  test('NAME.LABEL are put together by label, the last moment last', () => {
    const files = ['after', 'before'].map((label) => ({ name: `dir/buddyinfo.${label}`, text: BUDDYINFO }));
    expect(momentsOf(files).map(({ label }) => label)).toEqual(['before', 'after']);
  });

  test('may have a folder for each moment', () => {
    const names = ['c/after/buddyinfo', 'before/buddyinfo', 'c/start/buddyinfo', 'c/other/buddyinfo.late'];
    const files = names.map((name) => ({ name, text: BUDDYINFO }));
    expect(momentsOf(files).map(({ label }) => label)).toEqual(['before', 'start', 'late', 'after']);
  });

  test('of several moments have headings', () => {
    const text = `=== one\n--- buddyinfo\n${BUDDYINFO}=== two\n--- buddyinfo\n${BUDDYINFO}`;
    expect(
      momentsOf([{ name: 'snaps.txt.gz', text }]).map(({ label, buddyinfo }) => [label, buddyinfo?.length]),
    ).toEqual([
      ['one', 1],
      ['two', 1],
    ]);
  });
});
