import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { READ, WRITE } from '../../../core/event/access-mode.ts';
import { type Batch, eventsOf } from '../../../core/event/batch.ts';
import type { MemoryEvent } from '../../../core/event/kinds.ts';
import {
  ImportError,
  type ImportResult,
  importTrace,
  MemorySink,
  TraceWriter,
} from '../../../traces/index.ts';
import { FULL } from '../../support/depth.ts';
import { inBlocks, ORIGIN, type Row, readRows, rowsOf } from '../support.ts';

async function importBytes(
  bytes: Uint8Array,
  blockBytes = 0x10_0000,
): Promise<{ result: ImportResult; batches: Batch[] }> {
  const batches: Batch[] = [];
  const output = { write: (batch: Batch) => void batches.push(batch) };
  const blocks = inBlocks(bytes, blockBytes);
  const result = await importTrace({ name: 'some.lackey', blocks, from: 'lackey' }, output);
  return { result, batches };
}

const importText = (text: string, blockBytes?: number) => importBytes(Buffer.from(text), blockBytes);
const eventsIn = (batches: readonly Batch[]): MemoryEvent[] =>
  batches.flatMap((batch) => [...eventsOf(batch)]);

/** `read 1+8 4` for a read of 4 bytes at offset 8 of object 1; other events by name. */
async function told(text: string): Promise<string[]> {
  const names = ['read', 'write', 'modify', 'execute'];
  const { batches } = await importText(text);
  return eventsIn(batches).map((event) => {
    if (event.kind !== 'access') return 'pid' in event ? `${event.kind} ${event.pid}` : tellObject(event);
    const name = `${names[event.mode & 3]}${event.mode & 8 ? ' continued' : ''}`;
    return `${name} ${event.object}+${event.offset} ${event.size}`;
  });
}

function tellObject(event: MemoryEvent): string {
  return 'object' in event ? `${event.kind} ${event.object}` : event.kind;
}

describe('forms of a line', () => {
  test.each([
    ['I  00400010,3', 'execute 1+16 3'],
    [' I 00400010,3', 'execute 1+16 3'],
    [' L 00400010,8', 'read 1+16 8'],
    [' S 00400010,8', 'write 1+16 8'],
    [' M 00400010,8', 'modify 1+16 8'],
    [' L 1fff000d18,8', 'read 1+3352 8'],
    [' L 1FFF000D18,8', 'read 1+3352 8'],
    [' L 00400010,32', 'read 1+16 32'],
    [' L 00400010,512', 'read 1+16 512'],
    [' L ffffffffff600400,8', 'read 1+2098176 8'],
    // as other versions and editors may leave them
    ['L 00400010,8', 'read 1+16 8'],
    [' L   00400010,8', 'read 1+16 8'],
    [' L 400010,8', 'read 1+16 8'],
    [' L 0,1', 'read 1+0 1'],
    [' L 00400010,8\r', 'read 1+16 8'],
  ])('%j', async (line, reference) => {
    expect(await told(`${line}\n`)).toEqual(['spawn 1', 'switch 1', 'mmap 1', reference, 'exit']);
  });

  test.each([
    [' L 00400010,0', /size from 1 to 512/],
    [' L 00400010,513', /size/],
    [' L 00400010,', /size/],
    [' L 00400010,8 and more', /size/],
    [' L 00400010,8,9', /size/],
    [' L 12345678901234567,8', /at most 16 hex digits/],
  ])('%j is an error with its line number', async (line, expected) => {
    const imported = importText(`I  00400000,1\n${line}\nI  00400001,1\n`);
    await expect(imported).rejects.toThrow(ImportError);
    await expect(imported).rejects.toMatchObject({ file: 'some.lackey', line: 2, expected });
  });

  test.each([
    ['==10654== Jccs:', 'valgrind banner'],
    ['==10654== ', 'valgrind banner'],
    ['--10654-- WARNING: unhandled syscall: 999', 'valgrind message'],
    ['**10654** a message to the user', 'valgrind message'],
    ['', 'empty line'],
    [' ', 'empty line'],
    ['ls: cannot open directory', 'output of the program'],
    ['I am the program', 'output of the program'],
    ['I  ', 'output of the program'],
    ['S', 'output of the program'],
    [' L 00400010', 'output of the program'],
    [' L 0040001g,8', 'output of the program'],
    [' L 0x400010,8', 'output of the program'],
    [' X 00400010,8', 'output of the program'],
    ['\u0000\u00ff\u20ac', 'output of the program'],
  ])('%j is ignored and counted', async (line, rule) => {
    const { result } = await importText(`I  00400000,1\n${line}\nI  00400001,1\n`);
    expect(result).toMatchObject({ lines: 3, references: { execute: 2 }, ignored: { [rule]: 1 } });
  });
});

describe('addresses become objects', () => {
  const START = ['spawn 1', 'switch 1'];

  test('a window of 4 MiB is mapped when it is first touched', async () => {
    const text = ' L 00400000,8\n S 007fffff,1\n L 00800000,8\n L 00400008,8\n';
    expect(await told(text)).toEqual([
      ...START,
      'mmap 1',
      'read 1+0 8',
      'write 1+4194303 1',
      'mmap 2',
      'read 2+0 8',
      'read 1+8 8',
      'exit',
    ]);
  });

  test('as private anonymous memory that all may be done to', async () => {
    const { batches } = await importText(' L 00400000,8\n');
    expect(eventsIn(batches)[2]).toEqual({
      kind: 'mmap',
      cpu: 0,
      thinkNs: 0,
      object: 1,
      length: 4 << 20,
      flags: 7,
      file: 0,
    });
  });

  test('windows that differ only above 4 GiB, or by many windows, are not confused', async () => {
    const far = ' L 00400000,8\n L 100400000,8\n L 10400000,8\n L 00400000,8\n';
    expect((await told(far)).filter((event) => event.startsWith('read'))).toEqual([
      'read 1+0 8',
      'read 2+0 8',
      'read 3+0 8',
      'read 1+0 8',
    ]);
  });

  test.each([
    ['ends with the window', ' S 007ffff8,8', ['mmap 1', 'write 1+4194296 8']],
    [
      'crosses its end by one byte',
      ' S 007ffff9,8',
      ['mmap 1', 'mmap 2', 'write 1+4194297 7', 'write continued 2+0 1'],
    ],
    ['crosses 4 GiB', ' M fffffffc,8', ['mmap 1', 'mmap 2', 'modify 1+4194300 4', 'modify continued 2+0 4']],
  ])('an access that %s', async (_, line, events) => {
    expect(await told(`${line}\n`)).toEqual([...START, ...events, 'exit']);
    const { result } = await importText(`${line}\n`);
    const { write, modify } = result.references;
    expect(write + modify).toBe(1);
  });
});

describe('processes', () => {
  const banner = (pid: number) =>
    `==${pid}== Lackey, an example Valgrind tool\n==${pid}== Command: /bin/true\n`;
  const summary = (pid: number, count: string) => `==${pid}==   guest instrs:  ${count}\n`;

  test('another command is another process with an empty address space', async () => {
    const text = `${banner(7)}I  00400000,1\n${banner(8)}I  00400000,1\n${summary(8, '1')}`;
    expect(await told(text)).toEqual([
      'spawn 1',
      'switch 1',
      'mmap 1',
      'execute 1+0 1',
      'exit',
      'spawn 2',
      'switch 2',
      'mmap 2',
      'execute 2+0 1',
      'exit',
    ]);
    const { result } = await importText(text);
    expect(result.processes).toBe(2);
    expect(result.warnings).toEqual([expect.stringContaining('--log-file=trace.%p')]);
  });

  test('another command of the same process is an exec', async () => {
    const text = `${banner(7)}I  00400000,1\n${banner(7)}I  00400000,1\n${summary(7, '1')}`;
    const events = ['mmap 1', 'execute 1+0 1', 'exec', 'mmap 2', 'execute 2+0 1', 'exit'];
    expect(await told(text)).toEqual(['spawn 1', 'switch 1', ...events]);
    expect((await importText(text)).result).toMatchObject({ processes: 1, warnings: [] });
  });

  test.each([
    ['agrees', '1,000', []],
    ['does not agree', '1,001', ['valgrind counted 1001 instructions, the trace has 1000']],
  ])('the summary %s', async (_, count, warnings) => {
    const text = banner(7) + 'I  00400000,1\n'.repeat(1000) + summary(7, count);
    expect((await importText(text)).result.warnings).toEqual(warnings);
  });

  test('without a summary the trace is a part of a run', async () => {
    const { result } = await importText(`${banner(7)}I  00400000,1\n`);
    expect(result.warnings).toEqual([expect.stringContaining('part of a run')]);
  });
});

describe('the input', () => {
  const text =
    '==7== Command: x\nI  00400000,3\n L 1fff000d18,8\nnoise\n S 007ffffc,8\n==7==   guest instrs:  1\n';

  test('may come in blocks of any size', async () => {
    const whole = await importText(text);
    for (let size = 1; size <= text.length; size++) {
      const { result, batches } = await importText(text, size);
      expect(result).toEqual(whole.result);
      expect(rowsOf(batches)).toEqual(rowsOf(whole.batches));
    }
  });

  test('may be gzip, found by its first bytes', async () => {
    const { result, batches } = await importBytes(gzipSync(text), 5);
    const plain = await importText(text);
    expect(result).toEqual(plain.result);
    expect(rowsOf(batches)).toEqual(rowsOf(plain.batches));
  });

  test.each([
    ['cut', (bytes: Buffer) => bytes.subarray(0, -20), /end of the file/],
    ['damaged', (bytes: Buffer) => bytes.fill(0x55, 20, 40), /damaged gzip/],
  ])('that is %s gzip is an error, not a short trace', async (_, harm, found) => {
    const imported = importBytes(harm(gzipSync(text.repeat(50))));
    await expect(imported).rejects.toThrow(ImportError);
    await expect(imported).rejects.toMatchObject({ found });
  });

  test('a last line without end is left out, counted, and told', async () => {
    const { result } = await importText('I  00400000,1\nI  00400001,1');
    expect(result).toMatchObject({ lines: 2, references: { execute: 1 }, ignored: { 'last line, cut': 1 } });
    expect(result.warnings[0]).toContain('line 2 has no end');
  });

  test.each([
    ['nothing', ''],
    ['text', 'hello\nworld\n'],
    ['lackey without --trace-mem', '==7== Lackey, an example Valgrind tool\n==7==   guest instrs:  1\n'],
  ])('%s has no reference, which is an error', async (_, given) => {
    await expect(importText(given)).rejects.toMatchObject({ name: 'ImportError', remedy: /--trace-mem=yes/ });
  });

  test('a line without end is not kept in memory', async () => {
    await expect(importText('x'.repeat(3_000_000), 1_000_000)).rejects.toThrow(/a line of more than/);
  });
});

describe('real traces', () => {
  // Counted by grep -c in the captured text, and by valgrind itself (guest instrs).
  type Counted = [name: string, lines: number, references: ImportResult['references']];
  const larger: Counted = [
    'ls-lR',
    1_030_710,
    { execute: 756_481, read: 183_054, write: 88_172, modify: 2979 },
  ];
  test.each<Counted>([
    ['true', 147_702, { execute: 111_169, read: 24_739, write: 10_266, modify: 1504 }],
    ...(FULL ? [larger] : []),
  ])('%s: every reference, and no warning', async (name, lines, references) => {
    const file = new URL(`../../fixtures/lackey/${name}.lackey.gz`, import.meta.url);
    const bytes = await readFile(file);
    const { result, batches } = await importBytes(bytes);
    expect(result).toMatchObject({ format: 'lackey', lines, references, processes: 1, warnings: [] });
    expect(result.ignored).toEqual({ 'valgrind banner': 24 });

    const sink = new MemorySink();
    const writer = await TraceWriter.create(sink, ORIGIN);
    for (const batch of batches) await writer.write(batch);
    await writer.finish();
    const trace = sink.bytes();
    expect(trace.length / result.events).toBeLessThan(1.5);
    expect(sameRows(await readRows(trace), rowsOf(batches))).toBe(true);
  });
});

/** Of millions of rows; toEqual would take minutes. */
function sameRows(found: readonly Row[], expected: readonly Row[]): boolean {
  return (
    found.length === expected.length && found.every((row, i) => row.every((x, k) => x === expected[i]![k]))
  );
}

test('modes are those of the access event', async () => {
  const { batches } = await importText(' L 00400000,8\n S 00400000,8\n');
  expect(rowsOf(batches).flatMap(([kind, , , , , , mode]) => (kind === 21 ? [mode] : []))).toEqual([
    READ,
    WRITE,
  ]);
});
