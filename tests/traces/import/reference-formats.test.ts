/** Formats of which a line is a reference: what lines mean, what is passed over, and what is refused. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { importText } from '../../support/import-text.ts';
import { expectAllAccountedFor } from '../../support/kernel-lines.ts';

const fixture = (path: string): string =>
  readFileSync(join(import.meta.dirname, '../../fixtures', path), 'latin1');
const START = ['spawn 1', 'switch 1', 'mmap 1'];

describe('files are found by their first lines, and mean', () => {
  test.each<[path: string, format: string, events: string[]]>([
    ['cases/csim-short.txt', 'csim', [...START, 'read 1+16 1', 'modify 1+32 1', 'exit']],
    ['cases/csim-third-column.txt', 'csim', [...START, 'read 1+16 1', 'modify 1+32 1', 'exit']],
    [
      'formats/address-list.txt',
      'address-list',
      [...START, 'read 1+128928 1', 'mmap 2', 'read 2+3531456 1', 'mmap 3', 'write 3+2590976 1', 'exit'],
    ],
    [
      'formats/address-list-first.txt',
      'address-list',
      [
        ...START,
        'execute 1+64016 1',
        'mmap 2',
        'read 2+4193800 1',
        'write 2+4193800 1',
        'mmap 3',
        'modify 3+16 1',
        'exit',
      ],
    ],
    [
      'formats/address-list-words.txt',
      'address-list',
      [...START, 'execute 1+3040 2', 'mmap 2', 'write 2+4192972 4', 'read 1+88108 4', 'exit'],
    ],
    ['formats/pinatrace.txt', 'pinatrace', [...START, 'read 1+3939928 1', 'write 1+3939928 8', 'exit']],
    [
      'formats/din.txt',
      'din',
      [
        ...START,
        'execute 1+256 4',
        'mmap 2',
        'read 2+4128940 4',
        'write 2+4128940 4',
        'mmap 3',
        'read 3+16 4',
        'exit',
      ],
    ],
    [
      'formats/drmemtrace.txt',
      'drmemtrace',
      [
        'spawn 3264725',
        'switch 3264725',
        'mmap 1',
        'execute 1+1844784 3',
        'mmap 2',
        'write 2+745432 8',
        'clone 3264726',
        'switch 3264726',
        'read 2+745432 8',
        'switch 3264725',
        'read 2+745432 4',
        'switch 3264726',
        'exit',
        'switch 3264725',
        'exit',
      ],
    ],
  ])('%s', async (path, format, events) => {
    const { told, result } = await importText(fixture(path));
    expect(result).toMatchObject({ format, warnings: [] });
    expect(told).toEqual(events);
    expectAllAccountedFor(result);
    // blocks may end anywhere
    expect((await importText(fixture(path), undefined, 7)).told).toEqual(events);
    expect((await importText(fixture(path).replaceAll('\n', '\r\n'))).told).toEqual(events);
  });
});

describe('lines', () => {
  test.each<[format: string, line: string, told: string | { ignored: string }]>([
    ['csim', ' L 10,1 miss eviction hit', 'read 1+16 1'],
    ['csim', 'I  00400000,3', 'execute 2+0 3'],
    ['csim', ' S FFFFFFFFFFFFFFF0,8', 'write 2+4194288 8'],
    ['csim', ' L 10,4096', 'read 1+16 4096'],
    ['csim', 'hits:4 misses:5 evictions:3', { ignored: 'line of no known form' }],
    ['csim', ' X 10,1', { ignored: 'line of no known form' }],
    ['csim', ' L 12345678901234567,1', { ignored: 'line of no known form' }],
    ['address-list', '0x10 w', 'write 1+16 1'],
    ['address-list', '10 RW', 'modify 1+16 1'],
    ['address-list', '10\tLD\t8', 'read 1+16 8'],
    ['address-list', 'STORE 0X10 16', 'write 1+16 16'],
    ['address-list', '# a comment', { ignored: 'comment' }],
    ['address-list', 'R', { ignored: 'line of no known form' }],
    ['address-list', '10', { ignored: 'line of no known form' }],
    ['address-list', '10 jump', { ignored: 'line of no known form' }],
    ['address-list', '10 constructor', { ignored: 'line of no known form' }],
    ['pinatrace', '0x1: P 0x10', { ignored: 'prefetch' }],
    ['pinatrace', '1: W 10 4', 'write 1+16 4'],
    ['pinatrace', '0x1: X 0x10', { ignored: 'line of no known form' }],
    ['din', '  2 0x10', 'execute 1+16 4'],
    ['din', '0 13', 'read 1+16 4'],
    ['din', '4 10', { ignored: 'flush of the cache' }],
    ['din', '5 10', { ignored: 'line of no known form' }],
    ['din', '0', { ignored: 'line of no known form' }],
    ['drmemtrace', 'T1 write 4 byte(s) @ 0x10', 'write 1+16 4'],
    ['drmemtrace', '  1  1:  1 ifetch  4 byte(s) @ 0x10 non-branch', 'execute 1+16 4'],
    ['drmemtrace', '  1  1:  1 iflush 64 byte(s) @ 0x10', { ignored: /no reference/.source }],
    ['drmemtrace', '  1  1:  1 <thread W0.T1 exited>', { ignored: 'marker' }],
  ])('%s: %j', async (format, line, expected) => {
    const first = { csim: ' L 0,1', 'address-list': '0 R', pinatrace: '0x1: R 0x0', din: '0 0' }[format];
    const text = `${first ?? 'T1 read 1 byte(s) @ 0x0'}\n${line}\n`;
    const { told, result } = await importText(text, format);
    if (typeof expected === 'string') expect(told.slice(3, -1).at(-1)).toBe(expected);
    else expect(Object.keys(result.ignored)).toEqual([expect.stringMatching(expected.ignored)]);
    expectAllAccountedFor(result);
  });

  test.each([
    ['csim', ' L 10,', 'a size from 1 to 4096'],
    ['csim', ' L 10,0', 'a size from 1 to 4096'],
    ['csim', ' L 10,4097', 'a size from 1 to 4096'],
    ['csim', ' L 10,1x', 'a size from 1 to 4096'],
    ['drmemtrace', 'T1 read 0 byte(s) @ 0x10', '1 to 4096 bytes'],
    ['drmemtrace', 'T1 read 8 byte(s) @ nowhere', '1 to 4096 bytes'],
  ])('%s: %j is an error with its line number', async (format, line, expected) => {
    await expect(importText(`${line}\n`, format)).rejects.toMatchObject({
      name: 'ImportError',
      line: 1,
      expected: expect.stringContaining(expected),
    });
  });

  test('what is assumed of lines is told', async () => {
    const { result, told } = await importText('10 R often\n20 W 99999\n', 'address-list');
    expect(told).toEqual([...START, 'read 1+16 1', 'write 1+32 1', 'exit']);
    expect(result.changed).toEqual({ 'column behind the reference that is no size': 2 });
  });

  test('a reference across the end of a window is cut in two', async () => {
    const { told } = await importText(' L 3ffffe,4\n', 'csim');
    expect(told).toEqual([...START, 'mmap 2', 'read 1+4194302 2', 'read continued 2+0 2', 'exit']);
  });

  test.each(['csim', 'address-list', 'pinatrace', 'din', 'drmemtrace'])(
    '%s: a last line without its end is left out',
    async (format) => {
      const line = { csim: ' L 0,1', 'address-list': '0 R', pinatrace: '0x1: R 0x0', din: '0 0' }[format];
      const whole = line ?? 'T1 read 1 byte(s) @ 0x0';
      const { result } = await importText(`${whole}\n${whole}`, format);
      expect(result).toMatchObject({ lines: 2, eventLines: 1, ignored: { 'last line, cut': 1 } });
      expect(result.warnings).toEqual([expect.stringContaining('line 2 has no end')]);
      await expect(importText('nothing of it\n', format)).rejects.toThrow(/none of them a memory reference/);
    },
  );
});
