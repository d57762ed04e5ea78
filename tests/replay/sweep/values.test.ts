/** Values of a key as they are typed: lists and ranges, both sides of every end. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expandValues } from '../../../replay/sweep/values.ts';

const expand = (text: string): string => expandValues(text, '--vary k').join(' ');

describe('values', () => {
  it.each([
    ['7', '7'],
    ['a,b,c', 'a b c'],
    [' a , b ', 'a b'],
    ['on,off', 'on off'],
    ['linux-3g1g:vmalloc=256M,linux-2g2g', 'linux-3g1g:vmalloc=256M linux-2g2g'],
    ['../board.json,2x/..y', '../board.json 2x/..y'],
    ['2.6.31,6.1', '2.6.31 6.1'],
    ['1..4', '1 2 3 4'],
    ['5..5', '5'],
    ['0..2', '0 1 2'],
    ['1..20:+5', '1 6 11 16'],
    ['1..21:+5', '1 6 11 16 21'],
    ['256..4096:x2', '256 512 1024 2048 4096'],
    ['256..4095:x2', '256 512 1024 2048'],
    ['1..100:x10', '1 10 100'],
    ['256M..1G:x2', '256M 512M 1G'],
    ['512M..1G:+256M', '512M 768M 1G'],
    ['1,2,8..32:x2', '1 2 8 16 32'],
    ['1024..1026', '1024 1025 1026'],
    ['0..1M:+512K', '0 512K 1M'],
  ])('%s', (text, values) => {
    expect(expand(text)).toBe(values);
  });

  it.each([
    ['', /found no value/],
    ['1,,2', /found no value/],
    ['1,', /found no value/],
    ['20..1', /found an end below its beginning/],
    ['1..3:x1', /:x1, expected a factor from 2 on/],
    ['0..8:x2', /a beginning from 1 on/],
    ['1..3:+0', /:\+0, expected a step from 1 on/],
    ['1..3:2', /expected a range such as/],
    ['1..', /expected a range such as/],
    ['1..9Q', /found 9Q, expected a whole number, or a size/],
    ['1..3:xM', /expected a range such as/],
    ['1.5..3', /expected a range such as/],
    ['1,2,1', /found 1 twice/],
    ['1..3,2', /found 2 twice/],
    ['1..100001', /more than 100000 values/],
  ])('%s is refused', (text, message) => {
    expect(() => expand(text)).toThrow(message);
    expect(() => expand(text)).toThrow(/^--vary k: /);
  });

  it('as many as a sweep may have points', () => {
    expect(expandValues('1..100000', '')).toHaveLength(100_000);
  });

  it('of a range begin with its first, go on by its step, and never pass its end', () => {
    const bound = fc.integer({ min: 1, max: 5000 });
    fc.assert(
      fc.property(bound, bound, fc.integer({ min: 2, max: 9 }), fc.boolean(), (a, b, by, isFactor) => {
        const [first, last] = [Math.min(a, b), Math.max(a, b)];
        const values = expandValues(`${first}..${last}:${isFactor ? 'x' : '+'}${by}`, '').map(Number);
        const next = (value: number): number => (isFactor ? value * by : value + by);
        expect(values[0]).toBe(first);
        expect(values.slice(1)).toEqual(values.slice(0, -1).map(next));
        expect(values.at(-1)).toBeLessThanOrEqual(last);
        expect(next(values.at(-1)!)).toBeGreaterThan(last);
      }),
    );
  });
});
