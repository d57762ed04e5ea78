/** Blocks of pages of which the tracepoints of a kernel name parts: what is left, what was lost. */
import { describe, expect, test } from 'vitest';
import { alloc, expectAllAccountedFor, free, importLines, TASK } from '../../support/kernel-lines.ts';

describe('blocks and their parts', () => {
  const REST = 'rest of a block that was freed in part';
  const LOST = 'page freed without a line (lost)';
  const BULK = 'page allocated without a line (in bulk, or lost)';
  test.each<[string, string[], string[], Record<string, number>]>([
    [
      'a block of 8 freed from its first page: the rest are blocks of 4, 2 and 1',
      [alloc(8, 3), free(8)],
      ['alloc 3', 'free 1', 'alloc 2', 'alloc 1', 'alloc 0'],
      { [REST]: 3 },
    ],
    [
      'from its last',
      [alloc(8, 3), free(15)],
      ['alloc 3', 'free 1', 'alloc 2', 'alloc 1', 'alloc 0'],
      { [REST]: 3 },
    ],
    [
      'page by page, it is all freed',
      [alloc(8, 1), free(8), free(9)],
      ['alloc 1', 'free 1', 'alloc 0', 'free 1'],
      { [REST]: 1 },
    ],
    [
      'a part that is a block of its own',
      [alloc(8, 3), free(12, 2), free(8, 2)],
      ['alloc 3', 'free 1', 'alloc 2', 'free 1'],
      { [REST]: 1 },
    ],
    [
      'a block of pages that were allocated singly: those frees are missing',
      [alloc(8), alloc(9), free(8, 1)],
      ['alloc 0', 'alloc 0', 'free 1', 'free 2', 'alloc 1', 'free 2'],
      { [LOST]: 2, [BULK]: 1 },
    ],
    [
      'an allocation inside a live block: its free is missing',
      [alloc(8, 3), alloc(10)],
      ['alloc 3', 'free 1', 'alloc 0'],
      { [LOST]: 1 },
    ],
    [
      'an allocation around live pages',
      [alloc(9), alloc(11), alloc(8, 2)],
      ['alloc 0', 'alloc 0', 'free 1', 'free 2', 'alloc 2'],
      { [LOST]: 2 },
    ],
    [
      'neighbours do not touch',
      [alloc(8, 1), alloc(10, 1), free(8, 1)],
      ['alloc 1', 'alloc 1', 'free 1'],
      {},
    ],
    [
      'blocks of 512 pages and more',
      [alloc(0x400, 10), alloc(0x3ff), free(0x400, 10), free(0x7ff)],
      ['alloc 10', 'alloc 0', 'free 1', 'alloc 0', 'free 1'],
      { [BULK]: 1 },
    ],
  ])('%s', async (_name, lines, events, implied) => {
    const { told, result } = await importLines(lines);
    const short = told.map((event) =>
      event.replace(/page_(alloc) object=\d+ order=(\d+).*/, '$1 $2').replace(/page_free object=/, 'free '),
    );
    expect(short.slice(2)).toEqual(events);
    expect(result.implied).toEqual({ ...TASK, ...implied });
    expectAllAccountedFor(result);
  });
});
