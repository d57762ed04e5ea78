/** What execve maps of a file's segments: pages of the file, and memory behind them (set_brk of fs/binfmt_elf.c, v6.1). */
import { describe, expect, test } from 'vitest';
import { PROT_EXEC, PROT_READ, PROT_WRITE } from '../../../core/event/mmap-flags.ts';
import { readElf } from '../../../traces/elf/elf-file.ts';
import { clearedFrom, piecesOf } from '../../../traces/elf/elf-image.ts';
import { elfBytes, type Header, PF_R, PF_W, PF_X, PT, reader } from '../../support/elf-builder.ts';

const BASE = 0x10_0000;
const elfOf = (...segments: Omit<Header, 'type'>[]) => {
  const headers = segments.map((segment) => ({ type: PT.load, ...segment }));
  return readElf(reader(elfBytes({ wordBytes: 8, isBigEndian: false, type: 3, headers })));
};
/** `start-end file+offset`, with `bss` where the rest of the last page is cleared, or `start-end memory`. */
const mapped = (...segments: Omit<Header, 'type'>[]): string[] =>
  piecesOf(elfOf(...segments), 'F', BASE).map(({ start, end, file, offset, hasBss }) => {
    const from = file === undefined ? 'memory' : `F+${offset.toString(16)}${hasBss ? ' bss' : ''}`;
    return `${(start - BASE).toString(16)}-${(end - BASE).toString(16)} ${from}`;
  });

const data = { flags: PF_R | PF_W, address: 0x3dd0, offset: 0x2dd0 };

describe('of one segment', () => {
  test.each<[string, Omit<Header, 'type'>, string[]]>([
    ['without bss', { ...data, fileBytes: 0x258 }, ['3000-5000 F+2000']],
    [
      'bss in its last page alone',
      { ...data, fileBytes: 0x258, memoryBytes: 0x260 },
      ['3000-5000 F+2000 bss'],
    ],
    [
      'bss of further pages',
      { ...data, fileBytes: 0x258, memoryBytes: 0x1258 },
      ['3000-5000 F+2000 bss', '5000-6000 memory'],
    ],
    [
      'bss from the beginning of a page on, so that none is cleared',
      { ...data, fileBytes: 0x230, memoryBytes: 0x430 },
      ['3000-4000 F+2000', '4000-5000 memory'],
    ],
    [
      'bss that cannot be cleared, since nobody may write there',
      { ...data, flags: PF_R, fileBytes: 0x258, memoryBytes: 0x260 },
      ['3000-5000 F+2000'],
    ],
    ['nothing of the file, in the middle of a page', { ...data, memoryBytes: 0x260 }, ['3000-5000 memory']],
  ])('%s', (_, segment, pieces) => {
    expect(mapped(segment)).toEqual(pieces);
  });

  test.each([
    [PF_R, PROT_READ | PROT_WRITE],
    [PF_R | PF_X, PROT_READ | PROT_WRITE | PROT_EXEC],
  ])('with flags %i has bss of protection %i', (flags, prot) => {
    const pieces = piecesOf(elfOf({ flags, fileBytes: 0x1000, memoryBytes: 0x2000 }), 'F', BASE);
    expect(pieces.map((piece) => piece.prot).at(-1)).toBe(prot);
  });
});

describe('the next segment is mapped over', () => {
  const next = { flags: PF_R, address: 0x4c00, offset: 0xc00, fileBytes: 0x100 };

  test.each<[string, Omit<Header, 'type'>, string[]]>([
    [
      'the page that both have of the file',
      { ...data, fileBytes: 0x700 },
      ['3000-4000 F+2000', '4000-5000 F+0'],
    ],
    [
      'bss that reaches into its page',
      { ...data, fileBytes: 0x230, memoryBytes: 0x930 },
      ['3000-4000 F+2000', '4000-5000 F+0'],
    ],
  ])('%s', (_, segment, pieces) => {
    expect(mapped(segment, next)).toEqual(pieces);
  });
});

test('what is cleared is the bss of the last segment that has any', () => {
  const bss = { fileBytes: 0x10, memoryBytes: 0x20 };
  expect(clearedFrom(elfOf({ ...bss }, { address: 0x2000, ...bss }, { address: 0x4000, fileBytes: 8 }))).toBe(
    0x2010,
  );
  expect(clearedFrom(elfOf({ fileBytes: 0x10 }))).toBeUndefined();
});
