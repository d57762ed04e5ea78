/** What the buddy allocator gives, predicted by the simulated one from counts of free blocks and what came back since. */
import { describe, expect, test } from 'vitest';
import {
  alloc,
  BATCH,
  drain,
  each,
  free,
  given,
  lost,
  moment,
  read,
  scores,
  stolen,
  verify,
} from './traces.ts';

const UNSEEN = 'blocks of before the trace come first';
/** A page, and blocks of order 2, 4 and 10. */
const [PAGE, QUAD, LARGE, HUGE] = [0x10_0101, 0x10_0204, 0x10_0310, 0x10_0400];

type Counts = readonly (readonly number[])[];

/** Free blocks by order. */
function blocks(...orders: readonly number[]): number[] {
  return Array.from({ length: 11 }, (_, order) => orders.filter((one) => one === order).length);
}

/** What is said of these events after a moment with such free blocks, and of the blocks after them. */
async function scoresOf(types: Counts, events: string, then?: Counts): Promise<Record<string, string>> {
  const moments = [
    moment('a', { free: 1 << 19, types }),
    moment('b', { free: 1 << 19, types: then ?? types }),
  ];
  return scores(await verify(read('a') + events + (then === undefined ? '' : read('b')), moments));
}

const movable = (...orders: number[]): Counts => [blocks(), blocks(...orders), blocks()];

describe('a block', () => {
  test('of the smallest order comes first, and what is left of it next, ascending', async () => {
    const events = given(PAGE) + each(QUAD, 4, given);
    expect(await scoresOf(movable(0, 2, 10), events)).toMatchObject({
      buddy: `3/3, 2 ${UNSEEN}`,
      'smallest-order': '1/1',
    });
    expect(await scoresOf(movable(0, 2, 10), given(PAGE) + given(QUAD + 1))).toMatchObject({
      'smallest-order': '0/1',
    });
    expect((await scoresOf(movable(2), given(QUAD) + given(QUAD + 2))).buddy).toBe(`0/1, 1 ${UNSEEN}`);
  });

  test('leaves its upper halves behind: a larger request takes the one that fits', async () => {
    const events =
      given(LARGE) +
      given(LARGE + 2, { order: 1 }) +
      given(LARGE + 8, { order: 3 }) +
      given(LARGE + 4, { order: 2 });
    expect((await scoresOf(movable(4), events)).buddy).toBe(`3/3, 1 ${UNSEEN}`);
  });

  test('that came back last is given first', async () => {
    const block = { order: 10 };
    const [one, two] = [
      given(HUGE, block) + alloc(HUGE, block),
      given(HUGE * 2, block) + alloc(HUGE * 2, block),
    ];
    const back = free(HUGE, block) + free(HUGE * 2, block);
    const again = given(HUGE * 2, block) + given(HUGE, block);
    expect((await scoresOf(movable(10, 10), one + two + back + again)).buddy).toBe(`2/2, 2 ${UNSEEN}`);
  });

  test('merges with its buddy when both are back', async () => {
    const events = each(QUAD, 4, given) + each(QUAD, 4, (pfn) => drain(QUAD + ((pfn * 3) & 3)));
    expect((await scoresOf(movable(2), events, movable(2))).buddyinfo).toBe(
      '2/2, 1 a block may have merged with one of before the trace',
    );
    const whole = given(HUGE, { order: 10 }) + free(HUGE, { order: 10 });
    expect((await scoresOf(movable(10), whole, movable(10))).buddyinfo).toBe('3/3');
    expect((await scoresOf(movable(10), whole, movable(9, 9))).buddyinfo).toBe('2/3');
  });

  test('that the kernel takes out of the middle leaves what is around it', async () => {
    const events = given(QUAD) + given(QUAD + 3) + given(QUAD + 2);
    expect((await scoresOf(movable(2), events)).buddy).toBe(`1/2, 1 ${UNSEEN}`);
  });

  test('goes to one end of its list or the other, by the buddy of the pair: if that is not known, who knows', async () => {
    const [low, high] = [0x10_0100, 0x10_0101];
    const events = given(low) + given(high) + drain(low) + given(low);
    expect((await scoresOf(movable(1), events)).buddy).toBe(
      `1/1, 1 ${UNSEEN}, 1 a block may have merged with one of before the trace`,
    );
  });

  test('where events are lost, is not known until blocks are counted again', async () => {
    const events = given(QUAD) + lost(0) + given(QUAD + 1);
    expect((await scoresOf(movable(2), events)).buddy).toBe(
      `0/0, 1 ${UNSEEN}, 1 free blocks of this type not counted by a snapshot yet`,
    );
  });

  test('may have merged, if its buddy was free before the trace: nobody knows', async () => {
    const events = given(PAGE) + drain(PAGE) + given(PAGE);
    expect((await scoresOf(movable(0, 2), events)).buddy).toBe(
      `0/0, 1 ${UNSEEN}, 1 a block may have merged with one of before the trace`,
    );
  });
});

describe('a type that has no blocks', () => {
  test('takes the largest of another one', async () => {
    const steal = async (fallbackOrder: number): Promise<string> =>
      (await scoresOf(movable(3, 10), stolen(HUGE, 6, fallbackOrder))).steal!;
    expect([await steal(10), await steal(3)]).toEqual(['1/1', '0/1']);
    expect((await scoresOf(movable(10), given(LARGE, { type: 0 }))).steal).toBe('0/1');
  });

  test('keeps what is left, and its pageblocks', async () => {
    const events = stolen(HUGE, 6, 10) + given(HUGE + 64, { order: 6, type: 0 });
    const left = [blocks(7, 8, 9), blocks(), blocks()];
    expect(await scoresOf(movable(10), events, left)).toMatchObject({ buddy: '1/1', buddyinfo: '3/3' });
  });
});

test('a block that is broken without its pageblock leaves the rest to its own type', async () => {
  const events = stolen(LARGE, 0, 3, { type: 1, from: 0, owns: false });
  const left = [blocks(0, 1, 2), blocks(), blocks()];
  expect(await scoresOf([blocks(3), blocks(), blocks()], events, left)).toMatchObject({
    steal: '1/1',
    buddyinfo: '3/3',
  });
});

test('counts that were read while blocks moved in the zone are not compared', async () => {
  const moments = ['a', 'b'].map((label) => moment(label, { free: 1 << 19, types: movable(2) }));
  const trace = read('a') + read('b', drain(PAGE, { type: 2 }));
  expect(scores(await verify(trace, moments)).buddyinfo).toBe(
    '0/0, 2 the buddy allocator was at work while it was read',
  );
});

test('a request gets a page of the highest zone that it may use, above its low mark', async () => {
  const zone = async (pages: number, pfn: number): Promise<string> =>
    scores(await verify(read('a') + alloc(pfn), [moment('a', { free: pages })])).zone!;
  expect(await zone(1000, PAGE)).toBe('1/1');
  expect(await zone(20, PAGE)).toBe('0/0, 1 near the low mark of the zone');
});

test('a refill of one block after the other is predicted page by page', async () => {
  expect((await scoresOf(movable(6), each(HUGE, BATCH, given))).buddy).toBe(
    `${BATCH - 1}/${BATCH - 1}, 1 ${UNSEEN}`,
  );
});
