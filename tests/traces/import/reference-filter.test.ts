/** The filter of lackey traces: what it keeps, line by line, and that what it keeps takes the same faults. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ReferenceFilter } from '../../../traces/import/reference-filter.ts';

const kept = (...lines: string[]): string[] => {
  const filter = new ReferenceFilter();
  return lines.filter((line) => filter.keeps(line));
};

describe('kept are', () => {
  test.each([
    ['the first of a page', [' L 1000,8', ' L 1ff8,8'], [' L 1000,8']],
    [
      'each operation',
      [' L 1000,8', ' S 1000,8', 'I  1000,2', ' M 1000,4'],
      [' L 1000,8', ' S 1000,8', 'I  1000,2', ' M 1000,4'],
    ],
    [
      'what crosses into a page that is new',
      [' L 1000,8', ' L 1ffc,8', ' L 2000,8'],
      [' L 1000,8', ' L 1ffc,8'],
    ],
    [
      'the first again after a call, and the call',
      [' L 1000,8', 'SYSCALL[1,1](11) sys_munmap ( 0x1000, 4096 )[sync] --> Success(0x0)', ' L 1000,8'],
      [' L 1000,8', 'SYSCALL[1,1](11) sys_munmap ( 0x1000, 4096 )[sync] --> Success(0x0)', ' L 1000,8'],
    ],
    ['all that is no reference', ['==1== Lackey', 'hello', ''], ['==1== Lackey', 'hello', '']],
    [
      'pages above 2^32 apart',
      [' L 1fff000d18,8', ' L 0fff000d18,8'],
      [' L 1fff000d18,8', ' L 0fff000d18,8'],
    ],
  ])('%s', (_, lines, expected) => {
    expect(kept(...lines)).toEqual(expected);
  });
});

test('whatever the references, the pages that are touched by each operation between two calls are the same', () => {
  const reference = fc.tuple(
    fc.constantFrom(' L', ' S', ' M', 'I '),
    fc.nat(0x7fff),
    fc.integer({ min: 1, max: 64 }),
  );
  const line = fc.oneof(
    {
      weight: 9,
      arbitrary: reference.map(([operation, at, bytes]) => `${operation} ${at.toString(16)},${bytes}`),
    },
    { weight: 1, arbitrary: fc.constant('SYSCALL[1,1](39) sys_getpid ()[sync] --> Success(0x1)') },
  );
  const touched = (lines: readonly string[]): string[] => {
    let calls = 0;
    const pages = new Set<string>();
    for (const each of lines) {
      const [, operation, at, bytes] = /^(..) (\w+),(\d+)$/.exec(each) ?? [];
      if (operation === undefined) calls++;
      else
        for (const end of [0, Number(bytes) - 1])
          pages.add(`${calls} ${operation} ${(Number.parseInt(at!, 16) + end) >> 12}`);
    }
    return [...pages].sort();
  };
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      const some = kept(...lines);
      expect(touched(some)).toEqual(touched(lines));
      expect(kept(...some)).toEqual(some);
    }),
  );
});
