/** How many page faults a heap takes: at least, by malloc itself, and at most. */
import { expect, test } from 'vitest';
import { type HeapPages, TouchedPages } from '../../../traces/import/heap-pages.ts';
import { importText } from '../../captures/program-traces.ts';

const PAGE = 4096;

test.each<[string, (pages: TouchedPages) => void, HeapPages]>([
  ['a page is touched in part, by the program', (pages) => pages.touch(10, 1, false), { least: 0, most: 1 }],
  ['by malloc', (pages) => pages.touch(10, 1, true), { least: 1, most: 1 }],
  ['over the end of a page', (pages) => pages.touch(PAGE - 1, 2, true), { least: 2, most: 2 }],
  ['up to the end of a page', (pages) => pages.touch(0, PAGE, true), { least: 1, most: 1 }],
  ['no bytes', (pages) => pages.touch(10, 0, true), { least: 0, most: 0 }],
  [
    'twice, by the program and then by malloc, which would have touched it anyway',
    (pages) => {
      pages.touch(0, 8, false);
      pages.touch(8, 8, true);
      pages.touch(8, 8, true);
    },
    { least: 1, most: 1 },
  ],
  [
    'again when it was given back',
    (pages) => {
      pages.touch(0, 2 * PAGE, true);
      pages.drop(PAGE, PAGE);
      pages.touch(0, 2 * PAGE, true);
    },
    { least: 3, most: 3 },
  ],
  [
    'where it was moved to it is there, and where it was it is not',
    (pages) => {
      pages.touch(0, 2 * PAGE, true);
      pages.move(0, 8 * PAGE, 2 * PAGE);
      pages.touch(8 * PAGE, 3 * PAGE, true);
      pages.touch(0, PAGE, false);
    },
    { least: 3, most: 4 },
  ],
  [
    'a move by less than its length',
    (pages) => {
      pages.touch(2 * PAGE, 2 * PAGE, true);
      pages.move(2 * PAGE, PAGE, 3 * PAGE);
      pages.touch(PAGE, 2 * PAGE, true);
    },
    { least: 2, most: 2 },
  ],
])('%s', (_, act, expected) => {
  const counts = { least: 0, most: 0 };
  act(new TouchedPages(counts));
  expect(counts).toEqual(expected);
});

const heapOf = async (...lines: string[]): Promise<unknown> => {
  const text = lines.map((line) => `--7-- ${line}\n`).join('');
  return (await importText(text)).result.heapPages;
};

// the first page of the heap has the cache of the thread, and the header of the block behind it; that of a mapping its own
test.each<[string, string[], HeapPages]>([
  ['a small block', ['malloc(100) = 0x4B0B040'], { least: 1, most: 1 }],
  ['a mapping: its header', ['malloc(409600) = 0x4B0B040'], { least: 2, most: 102 }],
  ['calloc of a mapping clears nothing', ['calloc(1,409600) = 0x4B0B040'], { least: 2, most: 102 }],
  [
    'calloc of the heap clears what may have been in use',
    ['malloc(80000) = 0x4B0B040', 'free(0x4B0B040)', 'calloc(1,80000) = 0x4B0B040'],
    { least: 20, most: 20 },
  ],
  [
    'a mapping that is given back, and another',
    ['malloc(40960000) = 0x4B0B040', 'free(0x4B0B040)', 'malloc(40960000) = 0x4B0B040'],
    { least: 3, most: 20_003 },
  ],
  [
    'the end of the heap is given back, and taken again',
    [
      'malloc(100000) = 0x4B0B040',
      'malloc(100000) = 0x4B30000',
      'malloc(100000) = 0x4B50000',
      'free(0x4B50000)',
      'free(0x4B30000)',
      'free(0x4B0B040)',
      'malloc(100000) = 0x4B0B040',
      'malloc(100000) = 0x4B30000',
      'malloc(100000) = 0x4B50000',
    ],
    { least: 6, most: 115 },
  ],
  [
    'realloc makes a mapping smaller, and larger again, of which nothing is known',
    [
      'malloc(409600) = 0x4B0B040',
      'realloc(0x4B0B040,204800) = 0x4B0B040',
      'realloc(0x4B0B040,409600) = 0x4B0B040',
      'realloc(0x4B0B040,819200) = 0x4B0B040',
    ],
    { least: 2, most: 152 },
  ],
])('%s', async (_, lines, expected) => {
  expect(await heapOf(...lines)).toEqual(expected);
});
