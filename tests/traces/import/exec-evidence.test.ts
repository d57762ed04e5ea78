/** By what lines of a trace the file of a program is known, and where that lies. */
import { describe, expect, test } from 'vitest';
import { eventsOf } from '../../../core/event/batch.ts';
import type { MemoryEvent } from '../../../core/event/kinds.ts';
import { SeenCalls } from '../../../traces/import/exec-evidence.ts';
import type { ExecEvidence, ProgramImages } from '../../../traces/import/program-image.ts';
import { importTrace } from '../../../traces/index.ts';
import { inBlocks } from '../support.ts';

/** What each program of a strace is asked for with; and the events, where the file is one writable segment with bss. */
async function asked(lines: readonly string[]) {
  const programs: [path: string, evidence: ExecEvidence][] = [];
  const piece = { start: 0x40_0000, end: 0x40_3000, prot: 7, file: '/x', offset: 0, hasBss: true };
  const images: ProgramImages = {
    imageOf(path, { heapStart, madeReadOnly }) {
      programs.push([path, { heapStart, madeReadOnly: madeReadOnly! }]);
      const image = { program: [piece], interpreter: [], special: [], stackTop: undefined };
      return { image, files: path, lacks: [] };
    },
    warningOf: (reasons) => reasons,
  };
  const events: MemoryEvent[] = [];
  await importTrace(
    {
      name: 'some.strace',
      blocks: inBlocks(Buffer.from(`${lines.join('\n')}\n`), 1 << 16),
      programs: images,
    },
    { write: (batch) => void events.push(...eventsOf(batch)) },
  );
  return { programs, events };
}

const RELRO = { start: 0x5000, end: 0x7000 };
const START = '7 execve("/bin/a", ["a"], 0x7ffe /* 1 var */) = 0';

describe('a strace', () => {
  test.each<[string, string[], ExecEvidence]>([
    [
      'the first brk tells where the heap begins',
      ['brk(NULL) = 0x9000', 'brk(0xb000) = 0xb000'],
      { heapStart: 0x9000, madeReadOnly: [] },
    ],
    [
      'what is made read-only is RELRO',
      ['mprotect(0x5000, 8192, PROT_READ) = 0'],
      { heapStart: undefined, madeReadOnly: [RELRO] },
    ],
    [
      'in whole pages',
      ['mprotect(0x5000, 4097, PROT_READ) = 0'],
      { heapStart: undefined, madeReadOnly: [RELRO] },
    ],
    [
      'not of what the program has mapped',
      ['mmap(NULL, 16384, PROT_READ, MAP_PRIVATE, 3, 0) = 0x4000', 'mprotect(0x5000, 8192, PROT_READ) = 0'],
      { heapStart: undefined, madeReadOnly: [] },
    ],
    [
      'up to its end',
      ['mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, 3, 0) = 0x4000', 'mprotect(0x5000, 8192, PROT_READ) = 0'],
      { heapStart: undefined, madeReadOnly: [RELRO] },
    ],
    [
      'not what gets another protection',
      ['mprotect(0x5000, 8192, PROT_READ|PROT_EXEC) = 0'],
      { heapStart: undefined, madeReadOnly: [] },
    ],
    [
      'not a call that failed',
      ['mprotect(0x5000, 8192, PROT_READ) = -1 ENOMEM (x)'],
      { heapStart: undefined, madeReadOnly: [] },
    ],
    [
      'in two halves',
      ['mprotect(0x5000, 8192, PROT_READ <unfinished ...>', '<... mprotect resumed>) = 0'],
      { heapStart: undefined, madeReadOnly: [RELRO] },
    ],
    [
      'not of the next program',
      ['execve("/bin/b", ["b"], 0x7ffe /* 1 var */) = 0', 'brk(NULL) = 0x9000'],
      { heapStart: undefined, madeReadOnly: [] },
    ],
    [
      'but across a program that does not start',
      ['execve("/bin/b", ["b"], 0x7ffe /* 1 var */) = -1 ENOENT (x)', 'brk(NULL) = 0x9000'],
      { heapStart: 0x9000, madeReadOnly: [] },
    ],
  ])('%s', async (_, calls, evidence) => {
    const { programs } = await asked([START, ...calls.map((call) => `7 ${call}`)]);
    expect(programs[0]).toEqual(['/bin/a', evidence]);
  });

  test('not of another process', async () => {
    const { programs } = await asked([
      START,
      '7 fork() = 8',
      '8 brk(NULL) = 0x9000',
      '8 +++ exited with 0 +++',
      '7 brk(NULL) = 0x8000',
    ]);
    expect(programs[0]![1].heapStart).toBe(0x8000);
  });

  test('a path is unquoted, and execveat has it second', async () => {
    const { programs } = await asked([
      '7 execveat(AT_FDCWD, "/bin/a\\"\\303\\251\\x41\\t", ["a"], 0x7ffe /* 1 var */, 0) = 0',
    ]);
    expect(programs[0]![0]).toBe('/bin/a"éA\t');
  });

  test('the last page of a program of one segment is cleared', async () => {
    const { events } = await asked([START, '7 brk(NULL) = 0x404000', '7 brk(0x405000) = 0x405000']);
    expect(events.filter(({ kind }) => kind === 'madvise')).toMatchObject([
      { offset: 0x2000, length: 0x1000 },
    ]);
  });
});

test.each<[string, number[], number | undefined]>([
  ['of 64 bits', [0x7fff_ffff_dff0], 0x7fff_ffff_f000],
  ['of 32 bits under a 64-bit kernel', [0xffff_d000], 0xffff_e000],
  ['of 32 bits', [0xbfff_0000], 0xc000_0000],
  ['at random: behind the highest fault', [0x7ffc_1234_5678, 0x7ffc_1234_1000], 0x7ffc_1234_6000],
  ['not what no user space has', [0xffff_8000_0000_0000], undefined],
])('the stack of a program whose faults are traced ends above all: %s', (_, faults, top) => {
  const seen = new SeenCalls();
  for (const address of faults) seen.fault(address, false);
  expect(seen.stackTop).toBe(top);
  expect(seen.entry).toBeUndefined();
  seen.fault(0x1000, true);
  seen.fault(0x2000, true);
  expect(seen.entry).toBe(0x1000);
});
