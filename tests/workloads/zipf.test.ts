import { describe, expect, test } from 'vitest';
import { Prng } from '../../workloads/engine/prng.ts';
import { Zipf } from '../../workloads/engine/zipf.ts';
import { chiSquare, chiSquareLimit } from '../support/statistics.ts';

const DRAWS = 200_000;

describe.each([
  { size: 10, theta: 0 },
  { size: 50, theta: 0.5 },
  { size: 50, theta: 0.99 },
  { size: 300, theta: 1 },
  { size: 20, theta: 2 },
])('Zipf of $size items, theta $theta', ({ size, theta }) => {
  test('rank i comes as often as 1 / (i + 1)^theta', () => {
    const zipf = new Zipf(size, theta);
    const random = Prng.fromSeed(11);
    const counts = new Array<number>(size).fill(0);
    for (let i = 0; i < DRAWS; i++) counts[zipf.rank(random)]!++;
    const weights = counts.map((_, i) => (i + 1) ** -theta);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const expected = weights.map((weight) => (weight / total) * DRAWS);
    expect(chiSquare(counts, expected)).toBeLessThan(chiSquareLimit(size - 1));
  });
});

test.each([1, 2, 3, 7, 64, 1000, 65_536])('scattered gives each of %d ranks a place of its own', (size) => {
  const zipf = new Zipf(size, 0.5);
  const [ranks, places] = [Prng.fromSeed(12), Prng.fromSeed(12)];
  const placeOf = new Map<number, number>();
  const elsewhere: number[] = [];
  for (let i = 0; i < 5000; i++) {
    const rank = zipf.rank(ranks);
    const place = zipf.scattered(places);
    if (place !== (placeOf.get(rank) ?? place)) elsewhere.push(rank);
    placeOf.set(rank, place);
  }
  expect(elsewhere).toEqual([]);
  expect(Math.max(...placeOf.values())).toBeLessThan(size);
  expect(new Set(placeOf.values()).size).toBe(placeOf.size);
});

test('scattered keeps popular items apart', () => {
  const zipf = new Zipf(65_536, 2);
  const random = Prng.fromSeed(13);
  const hot = new Set(Array.from({ length: 50 }, () => zipf.scattered(random)));
  expect(Math.max(...hot) - Math.min(...hot)).toBeGreaterThan(30_000);
});
