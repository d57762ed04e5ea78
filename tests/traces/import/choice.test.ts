/** Which format a file is read as, and what is said of it when that may be wrong. */
import { describe, expect, test } from 'vitest';
import { chooseFormat, forcedFormat } from '../../../traces/import/choice.ts';
import type { Importer } from '../../../traces/import/importer.ts';
import { importTrace } from '../../../traces/index.ts';
import { evidenceOf, traceHead } from '../../../traces/text/evidence.ts';
import { inBlocks } from '../support.ts';

const headOf = (text: string) => traceHead(Buffer.from(text), true);

/** A format whose lines begin with its name. */
const made = (name: string, likeness: Partial<Parameters<typeof evidenceOf>[1]> = {}): Importer => ({
  name,
  describe: `lines of ${name}`,
  grammar: [`${name} 1`],
  sniff: (head) =>
    evidenceOf(head, { what: `lines of ${name}`, isOwn: (line) => line.startsWith(name), ...likeness }),
  import: () => Promise.reject(new Error('not asked to')),
});

const FORMATS = [made('alpha'), made('beta')];
const chosen = (text: string) => chooseFormat(FORMATS, headOf(text))?.choice;

describe('the format with the largest share of the first lines', () => {
  test.each([
    ['one only', 'beta 1\n', 'beta', '1 of the first 1 lines are lines of beta'],
    ['the larger share', 'alpha 1\nbeta 1\nbeta 2\n', 'beta', '2 of the first 3 lines are lines of beta'],
    ['blank lines are none', '\n\n\nalpha 1\r\n\n', 'alpha', '1 of the first 1 lines are lines of alpha'],
  ])('%s', (_, text, format, why) => {
    expect(chosen(text)).toMatchObject({ format, why, forced: false });
  });

  test('none speaks for any', () => {
    expect(chosen('gamma\n')).toBeUndefined();
    expect(chosen('')).toBeUndefined();
  });

  test('a line by which a tool names itself is certain', () => {
    const marked = made('alpha', { isMark: (line) => line === 'this is alpha' });
    const choice = chooseFormat([made('beta'), marked], headOf('beta 1\nbeta 2\nthis is alpha\n'))?.choice;
    expect(choice).toMatchObject({ format: 'alpha', why: 'a line says so: "this is alpha"' });
  });

  test('shared lines are left out of the share, lines of another tool count against it', () => {
    const alpha = made('alpha', {
      isShared: (line) => line.startsWith('=='),
      isAgainst: (line) => line.endsWith('!'),
    });
    expect(alpha.sniff(headOf('== a\n== b\nalpha 1\ngamma\n'))).toMatchObject({ score: 1 / 2 });
    expect(alpha.sniff(headOf('alpha 1\nalpha 2\nalpha 3\nalpha 4!\n'))).toEqual({
      score: 1 / 2,
      why: '3 of the first 4 lines are lines of alpha, and 1 cannot be',
    });
    expect(alpha.sniff(headOf('alpha 1!\n')).score).toBe(0);
  });

  test('of many lines a sample decides where it is sure, and is told of all', () => {
    const asked: string[] = [];
    const counting = made('beta', { isOwn: (line) => asked.push(line) > 0 && line.startsWith('beta') });
    const text = 'alpha 1\n'.repeat(2_000);
    const choice = chooseFormat([made('alpha'), counting], headOf(text))?.choice;
    expect(choice?.why).toBe('2000 of the first 2000 lines are lines of alpha');
    expect(asked.length).toBeLessThan(300);
  });

  test('a few lines among many that say nothing are found', () => {
    const lines = Array.from({ length: 2_000 }, (_, i) => (i === 1_001 ? 'beta 1' : 'gamma'));
    expect(chosen(`${lines.join('\n')}\n`)?.format).toBe('beta');
  });

  test('a line that may go on is not judged', () => {
    expect(traceHead(Buffer.from('alpha 1\nalp'), false).lines).toEqual(['alpha 1']);
    expect(traceHead(Buffer.from('alpha 1\nalp'), true).lines).toEqual(['alpha 1', 'alp']);
    expect(traceHead(Buffer.from('alpha'), false).lines).toEqual(['alpha']);
  });
});

describe('doubts are told', () => {
  test.each([
    ['a tie', 'alpha 1\nbeta 1\n', [/read as alpha .*beta fits as well.*--format beta/]],
    [
      'half of the best',
      'alpha 1\nalpha 2\nbeta 1\n',
      [/read as alpha .*beta fits nearly as well.*--format beta/],
    ],
    ['less than half', 'alpha 1\nalpha 2\nalpha 3\nbeta 1\n', []],
    ['a quarter of the lines', 'alpha 1\n?\n?\n?\n', []],
    ['less than a quarter', 'alpha 1\n?\n?\n?\n?\n', [/though only 1 of the first 5 .*--format/]],
  ])('%s', (_, text, doubts) => {
    const told = chosen(text)!.doubts;
    expect(told).toHaveLength(doubts.length);
    for (const [i, doubt] of doubts.entries()) expect(told[i]).toMatch(doubt);
  });

  test('a forced format that the lines speak against', () => {
    const forced = (text: string) => forcedFormat(FORMATS, FORMATS[0]!, headOf(text));
    expect(forced('alpha 1\nbeta 1\n')).toMatchObject({ format: 'alpha', forced: true, doubts: [] });
    expect(forced('beta 1\n').doubts).toEqual([
      'read as alpha as told, but 1 of the first 1 lines are lines of beta, as beta writes them',
    ]);
  });
});

async function imported(text: string, from?: string) {
  const blocks = inBlocks(Buffer.from(text), 1 << 16);
  return importTrace({ name: 'some.file', blocks, from }, { write() {} });
}

describe('the result and the notes of the trace say how the format was found', () => {
  test.each([
    [undefined, false],
    ['strace', true],
  ])('--format %s', async (from, forced) => {
    const { choice, notes } = await imported('20 brk(0x3000) = 0x3000\n20 brk(0x5000) = 0x5000\n', from);
    const why = '2 of the first 2 lines are system calls';
    expect(choice).toEqual({ format: 'strace', forced, why, doubts: [] });
    expect(notes).toMatchObject({ imported: { format: 'strace', forced, why, warnings: [] } });
  });

  test('doubts and the importer’s own warnings are among the warnings of both', async () => {
    const { warnings, notes } = await imported('a->malloc(16) = 0x5000\nb->malloc(', 'ltrace');
    expect(warnings).toEqual([expect.stringContaining('no end')]);
    expect(notes).toMatchObject({ imported: { warnings } });
  });
});

describe('a trace most of which is none of its format says so loudly', () => {
  const calls = '20 brk(0x3000) = 0x3000\n20 brk(0x5000) = 0x5000\n';
  test.each([
    ['half of the lines', `${calls}hello\nworld\n`, false],
    ['more than half', `${calls}hello\nworld\n!\n`, true],
    ['system calls without an event are lines of strace', `${calls}${'20 getpid() = 20\n'.repeat(9)}`, false],
  ])('%s', async (_, text, loud) => {
    const { warnings } = await imported(text);
    const said = warnings.filter((warning) => warning.startsWith('MOST LINES ARE NO LINES OF STRACE'));
    expect(said).toHaveLength(loud ? 1 : 0);
    if (loud) expect(said[0]).toContain('3 of 5 (output of the program)');
  });
});

describe('ltrace and strace print calls alike, and are told apart', () => {
  test.each([
    ['ltrace', 'read(3, "a", 1) = 1\nfork() = 4242\nstrlen("a") = 1\n'],
    ['ltrace', 'fork() = 4242\nputs("x") = 2\n+++ exited (status 0) +++\n'],
    ['ltrace', '[pid 7] fork() = 8\n[pid 7] a.out->wait(0) = 8\n[pid 8] +++ exited (status 0) +++\n'],
    ['ltrace', 'SYS_brk(0) = 0x5000\nSYS_fork() = 8\nmalloc(16) = 0x5010\n'],
    ['ltrace', 'fork() = 8\n--- SIGCHLD (Child exited) ---\nfree(0x5000) = <void>\n'],
    ['strace', 'fork() = 4242\nmmap(NULL, 4096, 0x3, 0x22, -1, 0) = 0x5000\nnewcall(1) = 0\n'],
    ['strace', '20 fork() = 21\n20 brk(0x3000) = 0x3000\n21 +++ exited with 0 +++\n'],
    ['strace', 'fork() = 8\n--- SIGCHLD {si_signo=SIGCHLD} ---\nmunmap(0x5000, 4096) = 0\n'],
    ['strace', 'open("a", O_RDONLY) = -1 ENOENT (No such file)\nfork() = 8\nfree(x) = 3\n'],
  ])('%s: %j', async (format, text) => {
    expect((await imported(text)).format).toBe(format);
  });
});
