/** Who goes first on the engine's thread. */
import { expect, test } from 'vitest';
import { RightOfWay } from '../../../../replay/page/engine/right-of-way.ts';

/** Long enough for whatever does not wait. */
const turns = async (): Promise<void> => {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setTimeout(resolve, 0));
};

async function* numbers() {
  for (let i = 0; i < 4; i++) yield i;
}

test('what runs in the background waits for all that a person waits for, and goes on then', async () => {
  const way = new RightOfWay();
  const ends: (() => void)[] = [];
  const underWay = [0, 1].map(() => way.first(() => new Promise<void>((resolve) => ends.push(resolve))));
  const seen: number[] = [];
  const background = (async () => {
    for await (const value of way.last(numbers())) seen.push(value);
  })();
  await turns();
  expect(seen).toEqual([]);
  ends[0]!();
  await turns();
  expect(seen).toEqual([]);
  ends[1]!();
  await Promise.all([...underWay, background]);
  expect(seen).toEqual([0, 1, 2, 3]);
});

test('work that fails is no longer waited for', async () => {
  const way = new RightOfWay();
  await expect(way.first(() => Promise.reject(new Error('gone')))).rejects.toThrow('gone');
  for await (const value of way.last(numbers())) expect(value).toBeLessThan(4);
});
