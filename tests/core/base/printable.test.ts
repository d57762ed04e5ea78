import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isPrintable, printable, printableLines } from '../../../core/base/printable.ts';
import { anyText } from '../../generators/any-text.ts';

describe('a name', () => {
  test.each([
    ['plain', 'a.vmt', 'a.vmt'],
    ['letters of any script', 'трасса-跡-é', 'трасса-跡-é'],
    ['ESC', 'a\x1b[2Jb', 'a\\u001b[2Jb'],
    ['OSC and BEL', '\x1b]0;title\x07', '\\u001b]0;title\\u0007'],
    ['the end of a line', 'a\r\nstate complete', 'a\\u000d\\u000astate complete'],
    ['DEL', '\x7f', '\\u007f'],
    ['C1', '\x80\x9b31m\x9f', '\\u0080\\u009b31m\\u009f'],
    ['the neighbours of C1', '~\u00a0', '~\u00a0'],
    ['directions', '\u202egpj.exe\u2066', '\\u202egpj.exe\\u2066'],
    ['separators of lines', 'a\u2028b\u2029', 'a\\u2028b\\u2029'],
  ])('%s', (_, text, expected) => {
    expect(printable(text)).toBe(expected);
    expect(isPrintable(text)).toBe(text === expected);
  });

  test('of any sort has nothing that a terminal obeys', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be there
        expect(printable(text)).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/);
        expect(printable(printable(text))).toBe(printable(text));
        expect(JSON.parse(printable(JSON.stringify(text)))).toBe(text);
      }),
    );
  });
});

describe('lines', () => {
  test('keep their ends and tabs', () => {
    expect(printableLines('a\tb\nc\rd\x1b[31m')).toBe('a\tb\nc\\u000dd\\u001b[31m');
  });

  test('with styles keep those, and no other sequence', () => {
    const styled = '\x1b[1m\x1b[31mred\x1b[39m\x1b[22m';
    expect(printableLines(styled, { styled: true })).toBe(styled);
    for (const bad of ['\x1b[8mhidden', '\x1b[2J', '\x1b[31;1m', '\x1b[999m', '\x1b]0;x\x07', '\x9b31m'])
      expect(printableLines(bad, { styled: true }), JSON.stringify(bad)).toMatch(/^\\u00/);
  });
});
