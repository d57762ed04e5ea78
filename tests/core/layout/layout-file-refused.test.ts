/** Layout files that cannot be: every fault is told with its place and remedy, and what is at the edge is none. */
import { describe, expect, test } from 'vitest';
import { UsageError } from '../../../core/base/errors.ts';
import {
  buildCustomLayout,
  buildLayout,
  exportLayout,
  type LayoutOptions,
  parseLayoutFile,
} from '../../../core/layout/catalog/index.ts';
import { BOARD, SEGMENTS } from './board.ts';

const MIB = 1n << 20n;

describe('refused', () => {
  /** The example with other values at some paths (`levels.0.bits`); undefined removes a field. */
  const changed = (changes: Readonly<Record<string, unknown>>): string => {
    const file = JSON.parse(BOARD);
    for (const [path, value] of Object.entries(changes)) {
      const names = path.split('.');
      const last = names.pop()!;
      names.reduce((at, name) => at[name], file)[last] = value;
    }
    return JSON.stringify(file);
  };
  const refusal = (text: string, options: LayoutOptions = {}): string => {
    try {
      buildCustomLayout(parseLayoutFile(text, 'board.json'), options);
    } catch (error) {
      expect(error).toBeInstanceOf(UsageError);
      return (error as Error).message;
    }
    return 'taken';
  };

  test.each<[string, Readonly<Record<string, unknown>>, string]>([
    [
      'a field that is missing',
      { 'kernel.pageOffset': undefined },
      'kernel.pageOffset: found nothing, expected an address or size such as "0xc0000000", "896M" or 4096: add it',
    ],
    ['a value of another kind', { entryBytes: '4' }, 'entryBytes: found "4", expected 4 or 8: write it so'],
    [
      'no address',
      { 'kernel.vmalloc.start': '12q' },
      'kernel.vmalloc.start: found "12q", expected an address',
    ],
    ['no object', { user: 3 }, 'user: found 3, expected an object: put its fields in { }'],
    ['no list', { zones: 'DMA' }, 'zones: found "DMA", expected a list'],
    [
      'a field that there is not',
      { 'kernel.pageOfset': 1 },
      'kernel.pageOfset: found 1, expected no such field: remove it, or write pageOffset',
    ],
    ['a page size', { pageBytes: 5000 }, 'pageBytes: found 5000, expected 32 or 64 or'],
    [
      'levels that do not add up',
      { 'levels.1.bits': 9 },
      'levels: found 19 bits in 2 levels and 12 in a page, expected 32 together (virtualBits)',
    ],
    [
      'a table of more than a page',
      { entryBytes: 8 },
      'levels[0].bits: found 10: 1024 entries of 8 bytes, expected at most 9: a table is one page',
    ],
    [
      'large pages in the last level',
      { 'levels.1.large': true },
      'levels[1].large: found true, expected large pages above the last level only',
    ],
    [
      'user space in the kernel',
      { 'user.end': '0xb0000000' },
      'user.end: found 0xb0000000, expected an address up to 0xa0000000 (kernel.pageOffset): move it down',
    ],
    [
      'a size below zero',
      { ram: -1 },
      'ram: found -1, expected an address or size such as "0xc0000000", "896M" or 4096',
    ],
    [
      'no user space',
      { 'user.end': 0 },
      'user.end: found 0x0, expected an address up to 0xa0000000 (kernel.pageOffset)',
    ],
    [
      'a stack in the kernel',
      { 'user.stackTop': '0xb0000000' },
      'user.stackTop: found 0xb0000000, expected an address up to 0xa0000000 (user.end)',
    ],
    [
      'a segment beyond 4 GiB',
      { segments: { ...SEGMENTS, kernelData: { base: '0xa0000000', limit: '0x60000000' } } },
      'segments.kernelData.limit: found an end at 0x100000000, expected it below 4 GiB',
    ],
    [
      'mmap areas above the stack',
      { 'user.mmapBase': '0x9fff0000', 'user.stackTop': '0x9ffe0000' },
      'user.mmapBase: found 0x9fff0000, expected an address up to 0x9ffe0000 (user.stackTop)',
    ],
    [
      'a window inside a page',
      { 'kernel.vmalloc.start': '0xe0800200' },
      'kernel.vmalloc.start: found 0xe0800200, expected a multiple of the page size, 4 KiB: write 0xe0800000',
    ],
    [
      'an empty window',
      { 'kernel.vmalloc.end': '0xe0800000' },
      'kernel.vmalloc.start: found 0xe0800000..0xe0800000, expected an end above the start',
    ],
    [
      'a window in user space',
      { 'kernel.vmalloc': { start: '0x10000000', end: '0x20000000' } },
      'kernel.vmalloc.start: found 0x10000000..0x20000000, expected kernel addresses, 0xa0000000 to 0x100000000',
    ],
    [
      'windows that overlap',
      { 'kernel.pkmap.base': '0xfd000000' },
      'kernel.pkmap.base: found 0xfd000000, expected at least 0xfdffe000, the end of kernel.vmalloc',
    ],
    [
      'zones that do not ascend',
      {
        zones: [
          { name: 'DMA32', end: '16M' },
          { name: 'DMA', end: '8M' },
        ],
      },
      'zones[1].end: found 0x800000, expected more than 0x1000000: let zones ascend',
    ],
    [
      'a direct map that reaches into a window',
      { 'kernel.directMapBytes': '2G', ram: '1200M' },
      'reaches into the vmalloc area at 0xe0800000',
    ],
    [
      'too small a fixmap',
      { 'kernel.fixmap': { start: '0xffff0000', end: '0xffffe000' } },
      'a fixmap of 14 pages; expected at least 196',
    ],
  ])('%s', (_, changes, message) => {
    expect(refusal(changed(changes))).toContain(message);
  });

  test('all faults are told at once, and nothing is said of what hangs on a faulty field', () => {
    const vmalloc = { start: 'low', end: '0xfdffe000' };
    const text = changed({ wordBits: 17, title: '', 'kernel.vmalloc': vmalloc, levels: undefined });
    const lines = refusal(text).split('\n');
    expect(lines[0]).toBe('board.json: 4 faults in the layout');
    const paths = lines.slice(1).map((line) => line.trim().split(':')[0]);
    expect(paths).toEqual(['title', 'wordBits', 'levels', 'kernel.vmalloc.start']);
  });

  test('several fields that there are not, of an object that is missing its own, in entries of lists', () => {
    const text = changed({
      user: undefined,
      colour: 'red',
      'kernel.vmaloc': 1,
      'kernel.pkmap.slot': 2,
      zones: [{ name: 'DMA', end: '16M' }, { name: 'HighMem' }],
    });
    expect(refusal(text).split('\n  ').slice(1).sort()).toEqual([
      'colour: found "red", expected no such field: remove it',
      'kernel.pkmap.slot: found 2, expected no such field: remove it, or write slots',
      'kernel.vmaloc: found 1, expected no such field: remove it, or write vmalloc',
      'user.end: found nothing, expected an address or size such as "0xc0000000", "896M" or 4096: add it',
      'zones[1].end: found nothing, expected an address or size such as "0xc0000000", "896M" or 4096: add it',
      'zones[1].name: found "HighMem", expected DMA or DMA32: write it so',
    ]);
  });

  test.each([
    [
      'more address bits than a register has',
      { virtualBits: 33 },
      'virtualBits: found 33, expected a whole number from 8 to 32',
    ],
    [
      'an architecture that there is not',
      { arch: 'mips' },
      'arch: found "mips", expected x86-32 or x86-pae or x86-64 or',
    ],
    [
      'a kernel stack of less than a page',
      { 'kernel.stackBytes': 2048 },
      'kernel.stackBytes: found 2048, expected a page of 4096',
    ],
    [
      'segments where there is no unit for them',
      { arch: 'vax', segments: SEGMENTS },
      'segments: found segments on vax',
    ],
  ])('%s', (_what, changes, message) => {
    expect(refusal(changed(changes))).toContain(message);
  });

  test('an architecture by name, with the tables of the file', () => {
    const { member } = parseLayoutFile(changed({ arch: 'vax' }), 'board.json');
    expect(member.arch).toMatchObject({ name: 'vax', pageShift: 12, port: { zoneNames: ['DMA', 'Normal'] } });
    expect(parseLayoutFile(changed({ title: null }), 'board.json').member.title).toBe(
      'Custom layout of board.json',
    );
  });

  test('64 bits: user space beyond the half of the address space that has no sign', () => {
    const wide = JSON.parse(
      JSON.stringify(exportLayout(buildLayout('linux-x86_64', { ramBytes: 64n * MIB }))),
    );
    const withEnd = (end: string) => refusal(JSON.stringify({ ...wide, user: { ...wide.user, end } }));
    expect(withEnd('0x1000000000000')).toContain(
      'user.end: found 0x1000000000000, expected an address up to 0x800000000000 (half of virtualBits)',
    );
    expect(withEnd('0x800000000000')).toBe('taken');
    expect(refusal(JSON.stringify({ ...wide, segments: SEGMENTS }))).toContain(
      'segments: found segments on x86-64, expected an architecture that has a segmentation unit: remove them',
    );
  });

  test('what is no JSON', () => {
    expect(refusal('{')).toMatch(/^board.json: found no JSON \(.*\), expected a layout as JSON$/);
    expect(refusal('[]')).toContain('the file: found [], expected an object');
  });

  test('but not what is at the edge', () => {
    const edge = changed({
      'user.end': '0xa0000000',
      'kernel.pkmap.base': '0xfdffe000',
      segments: SEGMENTS,
    });
    expect(refusal(edge, { ramBytes: 1032n * MIB })).toBe('taken');
  });
});
