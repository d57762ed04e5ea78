/** Calls of the allocator become what glibc asks of the system, and references to what it writes. */
import { describe, expect, test } from 'vitest';
import {
  AWAY,
  FIRST,
  FIRST_56,
  free,
  HEAP,
  hex,
  MAIN,
  MORECORE,
  malloc,
  realloc,
  refused,
  told,
} from '../../support/heap-lines.ts';
import { PAGE } from '../../support/rows.ts';

/** References to [start, end) of an object. */
const written = (object: number, start: number, end: number): string[] => {
  const pages: string[] = [];
  for (let at = start; at < end; at = (Math.floor(at / PAGE) + 1) * PAGE)
    pages.push(`write ${object}+${at} ${Math.min(end, (Math.floor(at / PAGE) + 1) * PAGE) - at}`);
  return pages;
};
/** The same from the second page on, where the last, behind which the top begins, is written before. */
const lastFirst = (object: number, start: number, end: number): string[] => {
  const pages = written(object, start, end).slice(1);
  return [...pages.slice(-1), ...pages.slice(0, -1)];
};

describe('calls of the allocator become what glibc asks of the system, and references', () => {
  test.each<[string, string[], string[]]>([
    [
      'the first block makes a heap of 132 KiB; cache, header, block and top are written',
      [malloc(56, FIRST)],
      [MAIN, FIRST_56],
    ],
    [
      'a block of several pages is a reference for each',
      [malloc(5000, FIRST)],
      [MAIN, 'write 1+8 4088', 'write 1+4096 1584'],
    ],
    [
      'free writes the links of the cache',
      [malloc(56, FIRST), free(FIRST)],
      [MAIN, FIRST_56, 'write 1+672 16'],
    ],
    [
      'what the top has room for lies in the heap, however large',
      [malloc(131_072, FIRST), free(FIRST)],
      [MAIN, 'write 1+8 4088', ...lastFirst(1, 0, 131_760), 'write 1+664 8'],
    ],
    [
      'what it has not has a mapping of its own, which goes with it; then the threshold has risen',
      [malloc(200_000, AWAY + 16), free(AWAY + 16), malloc(150_000, FIRST)],
      [
        MAIN,
        'write 1+8 664',
        'mmap 2 length=200704 flags=3 file=0',
        'write 2+8 4088',
        ...written(2, PAGE, 200_016),
        'munmap 2 length=0',
        'brk 1 length=282624',
        'write 1+664 3432',
        ...lastFirst(1, 664, 150_688),
      ],
    ],
    [
      'what is free at the end of the heap goes back, all but 128 KiB',
      [malloc(100_000, FIRST), malloc(100_000, FIRST + 100_016), free(FIRST + 100_016), free(FIRST)],
      [
        MAIN,
        'write 1+8 4088',
        ...lastFirst(1, 0, 100_688),
        'brk 1 length=335872',
        'write 1+100680 1720',
        ...lastFirst(1, 100_680, 200_704),
        'write 1+100680 8',
        'brk 1 length=233472',
        'write 1+100680 8',
        'write 1+664 8',
        MAIN,
        'write 1+664 8',
      ],
    ],
    [
      'realloc has room in the top',
      [malloc(56, FIRST), realloc(FIRST, 100, FIRST)],
      [MAIN, FIRST_56, 'write 1+664 120'],
    ],
    [
      'realloc that has none copies, and frees',
      [malloc(56, FIRST), malloc(8, FIRST + 64), realloc(FIRST, 100, FIRST + 96)],
      [MAIN, FIRST_56, 'write 1+728 40', 'write 1+760 120', 'read 1+672 56', 'write 1+672 196'],
    ],
    [
      'realloc to nothing is a free',
      [malloc(56, FIRST), `a.out->realloc(${hex(FIRST)}, 0) = nil`],
      [MAIN, FIRST_56, 'write 1+672 16'],
    ],
    [
      'realloc to a smaller block gives the rest back to the top',
      [malloc(100, FIRST), realloc(FIRST, 10, FIRST)],
      [MAIN, 'write 1+8 776', 'write 1+664 56'],
    ],
    [
      'realloc of a mapping moves its pages; what it adds is used when somebody wants still more',
      [
        malloc(200_000, AWAY + 16),
        realloc(AWAY + 16, 210_000, AWAY + 16),
        realloc(AWAY + 16, 220_000, AWAY + 16),
      ],
      [
        MAIN,
        'write 1+8 664',
        'mmap 2 length=200704 flags=3 file=0',
        'write 2+8 4088',
        ...written(2, PAGE, 200_016),
        'mremap 2 length=212992 mremapFlags=1',
        'write 2+0 16',
        'write 2+200016 688',
        'write 2+200704 4096',
        'write 2+204800 4096',
        'write 2+208896 1120',
        'mremap 2 length=221184 mremapFlags=1',
        'write 2+0 16',
      ],
    ],
    [
      'blocks of before the trace: the first shows how much was taken, and others what of that was free',
      [malloc(24, HEAP + 0x910), malloc(24, HEAP + 0x500)],
      [MAIN, 'write 1+8 2344', 'write 1+1280 24'],
    ],
    [
      'an address that is given away twice was freed between',
      [malloc(56, FIRST), malloc(56, FIRST)],
      [MAIN, FIRST_56, 'write 1+672 56'],
    ],
    [
      'a thread has an arena: 64 MiB of addresses, of which 132 KiB are memory; its cache goes with it',
      [`7 ${malloc(56, FIRST)}`, `8 ${malloc(2000, 0x7fff_f000_0b70)}`, '8 +++ exited (status 0) +++'],
      [
        MAIN,
        FIRST_56,
        'mmap 2 length=134217728 flags=0 file=0',
        'munmap 2 length=12582912',
        'munmap 2 length=54525952',
        'mprotect 2 length=135168 prot=3',
        'write 2+12582912 4096',
        'write 2+12587008 848',
        'write 2+12585176 656',
      ],
    ],
  ])('%s', async (_, lines, expected) => {
    const { events, result } = await told(lines);
    expect(events).toEqual(expected);
    expect(result.warnings.filter((warning) => !warning.includes('taken for threads'))).toEqual([]);
  });

  test('blocks that glibc would have put elsewhere are told', async () => {
    const { result } = await told([malloc(56, FIRST), malloc(24, FIRST + 4096)]);
    expect(result.warnings).toEqual([
      expect.stringMatching(/^1 of 2 blocks lie elsewhere than malloc of glibc 2.36/),
    ]);
  });
});

describe('calls that failed ask for what glibc tries last, which is given back at once', () => {
  const GIB = 2 ** 30;
  test.each<[string, string, number]>([
    ['a small block: as much as brk would not give', 'a.out->malloc(56) = nil', MORECORE],
    ['the last that is small', 'a.out->malloc(131071) = 0', MORECORE],
    ['a large one: its pages', 'a.out->calloc(1, 1048576) = nil', MORECORE + PAGE],
    ['the largest that an event can say', 'a.out->malloc(4294963184) = nil', 4 * GIB - PAGE],
    ['realloc: the old block stays', 'a.out->realloc(0x5555000002a0, 2147483648) = nil', 2 * GIB + PAGE],
  ])('%s', async (_, line, length) => {
    const { events, result } = await told([malloc(56, FIRST), line, free(FIRST)]);
    const [heap, first, ...others] = events;
    expect([heap, first]).toEqual([MAIN, FIRST_56]);
    expect(others).toEqual([...refused(length), 'write 1+672 16']);
    expect(result.ignored).toEqual({});
  });
});
