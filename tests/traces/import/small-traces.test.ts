/**
 * The smallest traces that each show one thing tools print: what each means, as events. They are recognised by their
 * first lines. `+500` behind an event are milliseconds since the one before.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { eventsOf } from '../../../core/event/batch.ts';
import type { MemoryEvent } from '../../../core/event/kinds.ts';
import { importText } from '../../captures/program-traces.ts';
import { tell } from '../../support/strace-lines.ts';

const FOLDER = join(import.meta.dirname, '../../fixtures/small');
const read = (name: string): string => readFileSync(join(FOLDER, `${name}.txt`), 'latin1');

async function told(name: string) {
  const { result, batches } = await importText(read(name));
  const lost = result.lines - result.eventLines - Object.values(result.ignored).reduce((a, b) => a + b, 0);
  expect(lost).toBe(0);
  return { result, events: batches.flatMap((batch) => [...eventsOf(batch)].map(withTime)) };
}

function withTime(event: MemoryEvent): string {
  return event.thinkNs === 0 ? tell(event) : `${tell(event)} +${event.thinkNs / 1e6}`;
}

const process = (pid: number): string[] => [`spawn pid=${pid}`, `switch pid=${pid}`];
const execve = [
  'exec',
  'mmap object=1 length=8388608 flags=515 file=0',
  'mmap object=2 length=8192 flags=773 file=0',
];
const forks = [
  ...process(20),
  ...execve,
  'mmap object=3 length=8192 flags=3 file=0',
  'fork pid=21',
  'switch pid=21',
  'munmap object=3 offset=0 length=8192',
  'switch pid=20',
  'munmap object=3 offset=0 length=8192',
];
/** Of a heap whose beginning no line shows: it begins a page below. */
const oneBreak = [...process(20), 'brk object=1 length=4096'];

const STRACES: Readonly<Record<string, readonly string[]>> = {
  'strace-old-process-attached': forks,
  'strace-child-before-resumed': forks,
  'strace-clone-flags-in-resumed': [
    ...process(20),
    'mmap object=1 length=8192 flags=3 file=0',
    // CLONE_VM and CLONE_THREAD
    'clone pid=21 cloneFlags=65792',
    'switch pid=21',
    'munmap object=1 offset=0 length=4096',
  ],
  'strace-resumed-space-mprotect': [
    ...process(20),
    'mmap object=1 length=8192 flags=3 file=0',
    'clone pid=21 cloneFlags=65792',
    'mprotect object=1 offset=0 length=4096 prot=1',
    'madvise object=1 offset=0 length=4096 advice=4',
  ],
  'strace-resumed-space-munmap': [
    ...process(20),
    'mmap object=1 length=8192 flags=3 file=0',
    'munmap object=1 offset=0 length=8192',
  ],
  'strace-raw-flags': [
    ...process(20),
    'mmap object=1 length=8192 flags=3 file=0',
    'mmap object=2 length=8192 flags=3 file=0',
  ],
  'strace-old-mmap': [
    ...process(1),
    'mmap object=1 length=4096 flags=3 file=0',
    'munmap object=1 offset=0 length=4096',
    // 0x806d000 - 0x804c000
    'brk object=2 length=135168',
  ],
  'strace-relative-times': [
    ...process(20),
    'brk object=1 length=8192 +500',
    'brk object=1 length=16384 +300',
    'brk object=1 length=24576 +200',
  ],
  'strace-relative-times-no-pid': [...process(1), 'brk object=1 length=8192 +500'],
  'strace-attached-threads': [
    ...process(10),
    'clone pid=11 cloneFlags=65792',
    'switch pid=11',
    'mmap object=1 length=4096 flags=3 file=0',
    'switch pid=10',
    'munmap object=1 offset=0 length=4096',
  ],
  'strace-Y': oneBreak,
  'strace-i': oneBreak,
  'strace-n': oneBreak,
  'strace-tt-r': oneBreak,
  'strace-shmat': [
    ...process(20),
    'brk object=1 length=4096',
    'brk object=1 length=12288',
    // shared, read-write
    'mmap object=2 length=4096 flags=11 file=0',
    'mprotect object=2 offset=0 length=4096 prot=1',
    'munmap object=2 offset=0 length=4096',
  ],
  // from 0x911000 on, a page below the lowest end
  'strace-brk-shrinks': [
    ...process(20),
    'brk object=1 length=36864',
    'brk object=1 length=32768',
    'brk object=1 length=4096',
  ],
};

describe('strace', () => {
  test.each(Object.entries(STRACES))('%s', async (name, expected) => {
    const { result, events } = await told(name);
    expect(result.format).toBe('strace');
    expect(result.choice.doubts).toEqual([]);
    expect(events).toEqual(expected);
  });

  test('a segment of unknown size is told', async () => {
    const { result } = await told('strace-shmat');
    expect(result.warnings).toEqual([expect.stringMatching(/^1 shared memory segments of unknown size/)]);
  });
});

/** A heap of 132 KiB; its first block lies behind 0x290 bytes of the allocator's own, which are written, and a header. */
const heap = [...process(1), 'brk object=1 length=135168'];
const touched = (offset: number, size: number): string =>
  `access object=1 offset=${offset} size=${size} mode=1`;
const malloc16 = [...heap, touched(8, 696)];

const HEAPS: Readonly<Record<string, readonly string[]>> = {
  'ltrace-T': malloc16,
  'ltrace-i': malloc16,
  'ltrace-r': malloc16,
  'ltrace-with-fork': [...malloc16, 'fork pid=4242', touched(672, 16), 'exit'],
  // a block of 64 bytes, one of 16 behind it, and the first is freed
  'ltrace-cpp-operators': [...heap, touched(8, 744), touched(744, 40), touched(672, 16)],
  'ltrace-torn-line': [...heap, touched(8, 792)],
  // 0x14 bytes at 0xc48 of the page in which the heap begins
  // a program of 32 bits: its blocks are aligned to 8 bytes
  'mtrace-without-at': [...heap, touched(4, 3164)],
  'vgmalloc-time-stamp': ['spawn pid=77', 'switch pid=77', 'brk object=1 length=135168', touched(8, 696)],
};

describe('heaps', () => {
  test.each(Object.entries(HEAPS))('%s', async (name, expected) => {
    const { result, events } = await told(name);
    expect(result.format).toBe(name.slice(0, name.indexOf('-')));
    expect(result.choice.doubts).toEqual([]);
    expect(events).toEqual(expected);
  });

  test('a free that never returned is told and counted; so is one of a block of before the trace', async () => {
    const torn = await told('ltrace-torn-line');
    expect(torn.result.ignored).toEqual({
      'call that output of the program tore': 1,
      'call that never returned': 1,
    });
    expect(torn.result.warnings).toEqual([expect.stringMatching(/^1 calls never returned/)]);
    const { ignored } = (await told('mtrace-without-at')).result;
    expect(ignored).toEqual({ banner: 2, 'free of a block of before the trace': 1 });
  });
});
