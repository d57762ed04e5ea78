/** Heaps in each format: the same blocks make the same events, other lines have a rule, and what cannot be is refused. */
import { describe, expect, test } from 'vitest';
import { eventsOf } from '../../../core/event/batch.ts';
import { importText } from '../../captures/program-traces.ts';
import {
  AWAY,
  FIRST,
  FIRST_56,
  free,
  MAIN,
  MORECORE,
  malloc,
  realloc,
  refused,
  told,
} from '../../support/heap-lines.ts';

describe('what is no event has a rule', () => {
  test.each<[string, string]>([
    ['a.out->free(nil) = <void>', 'free(NULL)'],
    [free(FIRST + 64), 'free of a block of before the trace'],
    ['a.out->malloc(99999999999) = nil', 'failed call for 4 GiB or more'],
    [realloc(FIRST, 3 * 2 ** 31, AWAY), 'block of 2 GiB or more'],
    ['a.out->puts("x") = 2', 'call of puts'],
    ['--- SIGCHLD (Child exited) ---', 'signal'],
    ['hello', 'output of the program'],
  ])('%s', async (line, rule) => {
    const { result } = await told([malloc(56, FIRST), line]);
    expect(result.ignored).toEqual({ [rule]: 1 });
  });

  test('a second free', async () => {
    const { result } = await told([malloc(56, FIRST), free(FIRST), free(FIRST)]);
    expect(result.ignored).toEqual({ 'free of a block that is free': 1 });
  });
});

describe('the same blocks in each format', () => {
  const expected = [MAIN, FIRST_56, 'write 1+664 120'];
  const [one, two] = ['5555000002a0', '5555000002a0'];

  test.each<[string, string[], string[]]>([
    [
      'vgmalloc',
      [
        '==12== Command: ./a.out',
        `--12-- realloc(0x0,56)malloc(56) = 0x${one}`,
        `--12-- realloc(0x${one},100) = 0x${two}`,
        `--12-- memalign(al 16, size 5) = 0x${one}`,
        `--12-- calloc(3,8) = 0x555500000400`,
        '--12-- free(0x0)', // counts as none
        '==12==   total heap usage: 4 allocs, 1 frees, 185 bytes allocated',
      ],
      [...expected, 'write 1+672 144', 'write 1+808 40'],
    ],
    [
      'ltrace',
      [
        '12 10:00:00.000000 realloc@libc.so.6(0, 56 <unfinished ...>',
        `12 10:00:00.000001 malloc@libc.so.6(56) = 0x${one}`,
        `12 10:00:00.000002 <... realloc resumed> ) = 0x${one}`,
        `12 10:00:00.000003 a.out->realloc(0x${one}, 100) = 0x${two}`,
        '12 10:00:00.000004 +++ exited (status 0) +++',
      ],
      [...expected, 'exit'],
    ],
    [
      'mtrace',
      [
        '= Start',
        `@ ./a.out:[0x11a2] + 0x${one} 0x38`,
        `@ ./a - b:(main+8c)[0x1] < 0x${one}`,
        `@ ./a - b:(main+8c)[0x1] > 0x${two} 0x64`,
        `@ ./a.out:[0x11a2] ! 0x${two} 0xffff`,
        '= End',
      ],
      [...expected, ...refused(MORECORE)],
    ],
  ])('%s', async (format, lines, events) => {
    const { result, events: found } = await told(lines);
    expect(result).toMatchObject({ format, warnings: [] });
    expect(found).toEqual(events);
  });

  test('times of ltrace pass', async () => {
    const line = (time: string): string => `12 ${time} malloc@libc.so.6(56) = 0x${one}\n`;
    const { batches } = await importText(line('10:00:00.000001') + line('10:00:00.000003'));
    expect(
      batches.flatMap((batch) => [...eventsOf(batch)]).reduce((sum, { thinkNs }) => sum + thinkNs, 0),
    ).toBe(2_000);
  });
});

describe('data that cannot be a heap', () => {
  test.each([
    'a.out->realloc(0x5555000002a0, 6) = 0x6',
    'a.out->malloc(8) = 0x5555000002a1',
    'a.out->calloc(94024665746176, 2048) = 0x5555000002a0',
    'a.out->free(0x8) = <void>',
    'a.out->malloc() = 0x5555000002a0',
    'a.out->malloc(56 = 0x5555000002a0',
  ])('%s', async (line) => {
    await expect(told([malloc(56, FIRST), line])).rejects.toThrow(
      /line 2: found .* Record again: ltrace -L -x/,
    );
  });

  test('a vgmalloc whose summary counts more', async () => {
    const { result } = await told([
      '--12-- malloc(8) = 0x4D2F040',
      '==12==   total heap usage: 2 allocs, 0 frees, 16 bytes allocated',
    ]);
    expect(result.warnings).toEqual([
      'allocs, frees and bytes: valgrind counted 2 0 16, the trace has 1 0 8',
    ]);
  });

  test('an mtrace with the second half of a realloc only', async () => {
    await expect(told(['= Start', '@ ./a:[0x1] > 0x5555000002a0 0x8'])).rejects.toThrow(
      /line 2: .*with < before/,
    );
  });
});
