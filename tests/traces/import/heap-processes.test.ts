/** Heaps of several processes in one trace, and lines that end otherwise than by a result. */
import { describe, expect, test } from 'vitest';
import { eventsOf } from '../../../core/event/batch.ts';
import { importText, sum } from '../../captures/program-traces.ts';
import { tell } from '../../support/strace-lines.ts';

async function told(...texts: string[]) {
  const { result, batches } = await importText(texts.map((text) => `${text}\n`).join(''));
  expect(result.lines).toBe(result.eventLines + sum(result.ignored));
  expect(result.events).toBe(result.eventLines + sum(result.implied));
  return { result, events: batches.flatMap((batch) => [...eventsOf(batch)].map(tell)) };
}

const FIRST = 0x5555_0000_02a0;
const hex = (number: number): string => `0x${number.toString(16)}`;
const ltrace = (pid: number, body: string): string => `${pid} ${body}`;
const valgrind = (pid: number, body: string): string => `--${pid}-- ${body}`;
const written = (offset: number, size: number): string =>
  `access object=1 offset=${offset} size=${size} mode=1`;
/** The first block of 16 bytes, with the cache of the thread and the top. */
const first = written(8, 696);
/** Of a thread that frees, and has not asked for anything before. */
const ARENA = [
  'mmap object=2 length=134217728 flags=0 file=0',
  'munmap object=2 offset=0 length=12582912',
  'munmap object=2 offset=79691776 length=54525952',
  'mprotect object=2 offset=12582912 length=135168 prot=3',
  'access object=2 offset=12582912 size=2928 mode=1',
];
const freed = written(672, 16);
const heap = ['brk object=1 length=135168', first];

describe('a child has the heap of its parent, and then one of its own', () => {
  test.each([
    ['fork returns before', [ltrace(20, 'fork() = 21')]],
    ['a line of the child comes first', [ltrace(20, 'fork( <unfinished ...>')]],
  ])('ltrace: %s', async (_, fork) => {
    const { events, result } = await told(
      ...[ltrace(20, `malloc(16) = ${hex(FIRST)}`), ...fork],
      ...[ltrace(21, `free(${hex(FIRST)}) = <void>`), ltrace(21, `malloc(24) = ${hex(FIRST)}`)],
      ltrace(20, `free(${hex(FIRST)}) = <void>`),
    );
    expect(events).toEqual([
      ...['spawn pid=20', 'switch pid=20', ...heap, 'fork pid=21'],
      ...['switch pid=21', freed, written(672, 24)],
      ...['switch pid=20', freed],
    ]);
    expect(result).toMatchObject({ processes: 2, warnings: [] });
  });

  test('ltrace: a pid that nobody forked is a thread, which is told', async () => {
    const { events, result } = await told(
      ltrace(20, `malloc(16) = ${hex(FIRST)}`),
      ltrace(21, `free(${hex(FIRST)}) = <void>`),
    );
    expect(events).toEqual(['spawn pid=20', 'switch pid=20', ...heap, ...ARENA, freed]);
    expect(result.warnings).toEqual([expect.stringMatching(/taken for threads$/)]);
  });

  test('valgrind: another pid is a child; one that begins with a banner has a program of its own', async () => {
    const { events, result } = await told(
      ...['==20== Memcheck, a memory error detector', valgrind(20, `malloc(16) = ${hex(FIRST)}`)],
      valgrind(21, `free(${hex(FIRST)})`),
      '==21== Memcheck, a memory error detector',
      ...[valgrind(21, `malloc(16) = ${hex(FIRST)}`), '==22== Memcheck, a memory error detector'],
      ...[valgrind(22, `malloc(16) = ${hex(FIRST)}`), valgrind(20, `free(${hex(FIRST)})`)],
      '==20== total heap usage: 1 allocs, 1 frees, 16 bytes allocated',
    );
    expect(events).toEqual([
      ...['spawn pid=20', 'switch pid=20', ...heap],
      ...['fork pid=21', 'switch pid=21', freed],
      ...['exec', 'brk object=2 length=135168', first.replace('object=1', 'object=2')],
      ...['spawn pid=22', 'switch pid=22', 'brk object=3 length=135168'],
      first.replace('object=1', 'object=3'),
      ...['switch pid=20', freed],
    ]);
    expect(result).toMatchObject({ processes: 3, warnings: [] });
  });
});

test('execve ends a heap', async () => {
  const { events } = await told(
    ...[`malloc(16) = ${hex(FIRST)}`, '--- Called exec() ---', `malloc(16) = ${hex(FIRST)}`],
  );
  expect(events.slice(4)).toEqual([
    'exec',
    'brk object=2 length=135168',
    'access object=2 offset=8 size=696 mode=1',
  ]);
});

describe('calls that do not end by a result', () => {
  test.each([
    ['never returned', ['free(0x5000 <no return ...>'], { 'call that never returned': 1 }, /never returned/],
    [
      'output within it, and then its end',
      ['malloc(32hello', 'world', ')            = 0x5000'],
      { 'call that output of the program tore': 2, 'output of the program': 1 },
      /1 calls are left out/,
    ],
  ])('%s', async (_, lines, ignored, warning) => {
    const { result } = await told(`malloc(16) = ${hex(FIRST)}`, ...lines);
    expect(result.ignored).toEqual(ignored);
    expect(result.warnings).toEqual([expect.stringMatching(warning)]);
  });

  test('one that is unfinished when its process ends does not hide those that follow', async () => {
    const { result } = await told(
      ...[ltrace(20, 'malloc(16 <unfinished ...>'), ltrace(20, '+++ killed by SIGSEGV +++')],
      ltrace(20, `malloc(16) = ${hex(FIRST)}`),
    );
    expect(result.eventLines).toBe(1);
  });
});
