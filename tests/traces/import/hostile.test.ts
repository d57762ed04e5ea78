/** What nobody's tool writes, or a hand that wants harm: it is counted or refused, and the import ends. */
import { describe, expect, test } from 'vitest';
import { eventsOf } from '../../../core/event/batch.ts';
import { IMPORTERS, importTrace } from '../../../traces/index.ts';
import { importText, sum } from '../../captures/program-traces.ts';
import { atDepth, FULL } from '../../support/depth.ts';
import { execve, line, lines, mmap, PAGE, tell, told } from '../../support/strace-lines.ts';
import { inBlocks } from '../support.ts';

const A = 0x7f00_0000_0000;
const USER_SPACE_FORMATS = atDepth({
  quick: ['strace', 'ltrace'],
  full: ['strace', 'ltrace', 'mtrace', 'vgmalloc', 'lackey'],
});

/** How an import ends: by a result, or by an error that names the place. */
async function endOf(text: string, from: string): Promise<'result' | 'error'> {
  const blocks = inBlocks(Buffer.from(text, 'latin1'), 1 << 20);
  try {
    await importTrace({ name: 'a.trace', blocks, from }, { write() {} });
    return 'result';
  } catch (error) {
    expect(error).toMatchObject({ name: 'ImportError', file: 'a.trace' });
    return 'error';
  }
}

/**
 * Lines of 200,000 bytes. A grammar that goes back over what it has read would need 10^10 steps and more, and the test would
 * not end.
 */
describe('a line is read in one pass', () => {
  const LENGTH = 200_000;
  const PARTS = [
    ...[
      ' ',
      '-',
      '/*',
      '->',
      '3<',
      '"',
      '(',
      '[',
      '= ',
      ') = ',
      ', ',
      '1',
      '0x',
      ' <unfinished',
      '<... ',
      '@ ',
    ],
    ...[
      'mmap(',
      'malloc(',
      'malloc ',
      '[1] ',
      '1:',
      '+++ ',
      ' attached',
      'strace: ',
      '\r',
      '\x1b[1',
      '::',
      'I 0',
    ],
  ];
  const AROUND = [
    ['', ''],
    ['20 mmap(NULL, ', ', 4096, PROT_READ, MAP_ANONYMOUS, -1, 0) = 0x5000'],
    ['malloc(', ' <unfinished ...>'],
  ] as const;

  test.each(USER_SPACE_FORMATS)('%s', async (format) => {
    for (const [i, part] of PARTS.entries())
      for (const [before, behind] of FULL ? AROUND : [AROUND[i % AROUND.length]!]) {
        const middle = part.repeat(Math.floor((LENGTH - 100) / part.length));
        await endOf(`${before}${middle}${behind}\n`, format);
      }
  });

  test.each(USER_SPACE_FORMATS)('%s: 200,000 empty lines', async (format) => {
    expect(await endOf('\n'.repeat(LENGTH), format)).toBe('error');
  });

  test('in blocks of one byte', async () => {
    const long = `20 mmap(NULL, ${' '.repeat(LENGTH)}4096, PROT_READ, MAP_ANONYMOUS, -1, 0) = 0x9000`;
    const { result } = await importText(`20 brk(0x3000) = 0x3000\n${long}\n`, 1);
    expect(result.eventLines).toBe(2);
  });
});

describe('lengths and addresses that no kernel maps', () => {
  const anonymous = 'PROT_NONE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0';

  test.each([
    ['mmap of 2^56 bytes', `mmap(NULL, 72057594037927936, ${anonymous}) = 0x10000000000`],
    ['mprotect of 2^56 bytes', 'mprotect(0x10000000000, 72057594037927936, PROT_NONE) = 0'],
    ['mmap far above user space', `mmap(NULL, 4096, ${anonymous}) = 0xffffff0000000000`],
    ['a length that is no number', `mmap(NULL, 1e9, ${anonymous}) = 0x10000000000`],
    ['a length below 0', `mmap(NULL, -4096, ${anonymous}) = 0x10000000000`],
    ['brk above user space', 'brk(0xffff000000000000) = 0xffff000000000000'],
  ])('%s is refused with its line', async (_, call) => {
    await expect(told(lines(mmap(A, PAGE), call))).rejects.toThrow(
      /line 2: found .*expected (addresses|a number)/,
    );
  });

  test('2^47 bytes are all of a user space of four levels, and become objects of 2 GiB; more is a rule', async () => {
    const { result, batches } = await importText(
      `${line(`mmap(NULL, ${2 ** 47}, ${anonymous}) = 0x1000`)}\n`,
    );
    expect(batches.flatMap((batch) => [...eventsOf(batch)]).length).toBe(2 + 2 ** 16);
    expect(result.eventLines).toBe(1);
    const more = await importText(
      `${line(mmap(A, PAGE))}\n${line(`mmap(NULL, ${2 ** 47 + PAGE}, ${anonymous}) = 0x1000`)}\n`,
    );
    expect(more.result.ignored).toEqual({ 'call on more than 128 TiB': 1 });
  });

  test('a mmap of no bytes that succeeds, as before Linux 2.6.12, maps nothing', async () => {
    const { result } = await told(lines(mmap(A, PAGE), `mmap(NULL, 0, ${anonymous}) = 0x5000`));
    expect(result.ignored).toEqual({ 'call on no bytes': 1 });
  });
});

test.each(['pfn=-1101 order=0', 'pfn: -1101, order: 0', 'pfn: 1, order: -1'])(
  'a page frame or an order below 0 is none: %s',
  async (fields) => {
    const text = `bash-1 [000] ..... 1.000000: mm_page_free: page: 0x10, ${fields}\n`;
    expect(await endOf(text, 'ftrace')).toBe('error');
  },
);

describe('names are names, whatever JavaScript calls so', () => {
  const NAMES = ['__proto__', 'constructor', 'valueOf', 'hasOwnProperty', 'toString'];

  test.each(NAMES)('a call named %s', async (name) => {
    const { result } = await told(
      lines(mmap(A, PAGE), `${name}(1, 2) = 0`, `${name}() = -1 ENOMEM (Cannot)`),
    );
    expect(result.ignored).toEqual({ 'call that is no system call of Linux': 2 });
    const heap = await importText(`malloc(16) = 0x5000\na->${name}(1) = 0x5020\n`);
    expect(heap.result.ignored).toEqual({ [`call of ${name}`]: 1 });
  });

  test.each(NAMES)('an advice, a protection and a flag named %s', async (name) => {
    const { events, result } = await told(
      lines(
        `mmap(NULL, 4096, ${name}, MAP_PRIVATE|${name}|MAP_ANONYMOUS, -1, 0) = 0x5000`,
        `madvise(0x5000, 4096, ${name}) = 0`,
        `clone(child_stack=NULL, flags=${name}) = 9`,
      ),
    );
    expect(events.slice(2)).toEqual(['mmap object=1 length=4096 flags=0 file=0', 'fork pid=9']);
    expect(result.ignored).toEqual({ 'madvise without an event: of another name': 1 });
  });

  test('so many different names that counting each would fill memory are counted together', async () => {
    const calls = Array.from({ length: 3_000 }, (_, i) => `a->f${i}(1) = 1`);
    const { result } = await importText(`malloc(16) = 0x5000\n${calls.join('\n')}\n`);
    expect(Object.keys(result.ignored)).toHaveLength(1_001);
    expect(sum(result.ignored)).toBe(3_000);
  });
});

describe('output between the lines', () => {
  test('a bare carriage return, as progress bars write it, is output of the program', async () => {
    const text = `1 ${execve}\n 10%\r 20%\r\n1 ${mmap(A, PAGE)}\n`;
    const { result, batches } = await importText(text);
    expect(result.ignored).toEqual({ 'output of the program': 1 });
    const events = batches.flatMap((batch) => [...eventsOf(batch)].map(tell));
    expect(events.at(-1)).toBe('mmap object=3 length=4096 flags=3 file=0');
    const heap = await importText('malloc(16) = 0x5000\n 10%\r 20%\r\n');
    expect(heap.result.ignored).toEqual({ 'output of the program': 1 });
  });

  test('paths with controls, quotes and commas are paths', async () => {
    const { events } = await told(
      lines(
        `mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, 3</tmp/\x07a, "b" (c] /* d */>, 0) = 0x5000`,
        `mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, 4</tmp/other>, 0) = 0x7000`,
      ),
    );
    expect(events.filter((event) => event.startsWith('file'))).toHaveLength(2);
  });
});

test('every format says how its lines look', () => {
  for (const { grammar } of IMPORTERS) expect(grammar.length).toBeGreaterThan(0);
});
