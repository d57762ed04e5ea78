import { describe, expect, test } from 'vitest';
import { eventsOf } from '../../../core/event/batch.ts';
import { EVENT_KINDS, type MemoryEvent } from '../../../core/event/kinds.ts';
import { COUNTER } from '../../../core/outcome/counters.ts';
import { importText } from '../../captures/program-traces.ts';
import { replay } from '../../support/laws.ts';
import { machineOf } from '../../support/rows.ts';

/** A page in the heap of a program: the first block lies behind 0x290 bytes of the allocator's own, and a header. */
const HEAP = 0x5555_0000_0000;
const FIRST = HEAP + 0x2a0;
/** Far from the heap. */
const AWAY = 0x7f00_0000_0000;
const hex = (number: number): string => `0x${number.toString(16)}`;

const malloc = (size: number, at: number): string => `a.out->malloc(${size}) = ${hex(at)}`;
const free = (at: number): string => `a.out->free(${hex(at)}) = <void>`;
const realloc = (old: number, size: number, at: number): string =>
  `a.out->realloc(${hex(old)}, ${size}) = ${hex(at)}`;

async function told(lines: readonly string[]) {
  const { result, batches } = await importText(lines.map((line) => `${line}\n`).join(''));
  const events = batches.flatMap((batch) => [...eventsOf(batch)]);
  const { machine } = replay(machineOf('linux-3g1g', 64), batches, 64);
  expect(machine.counters[COUNTER.failures] === 0 || events.some(({ kind }) => kind === 'refused')).toBe(
    true,
  );
  expect(result.lines).toBe(result.eventLines + Object.values(result.ignored).reduce((a, b) => a + b, 0));
  return { result, events: events.map(tell).slice(2) };
}

const PAGE = 4096;
/** What glibc maps at least, MMAP_AS_MORECORE_SIZE. */
const MORECORE = 2 ** 20;
/** The second object. */
const refused = (length: number): string[] => [
  `mmap 2 length=${length} flags=3 file=0`,
  `refused 2 request=${EVENT_KINDS.mmap.code} length=0`,
  'munmap 2 length=0',
];

/** `write 1+672 64`: 64 bytes at offset 672 of object 1. */
function tell({ kind, cpu, thinkNs, ...fields }: MemoryEvent): string {
  const { object, offset, size, mode, ...others } = fields as Record<string, number>;
  if (kind === 'access') return `${mode === 0 ? 'read' : 'write'} ${object}+${offset} ${size}`;
  const rest = Object.entries(others).map(([name, value]) => ` ${name}=${value}`);
  return `${kind} ${object ?? ''}${rest.join('')}`.trim();
}

describe('calls of the allocator become brk, mmap and references', () => {
  test.each<[string, string[], string[]]>([
    [
      'the first block makes a heap of 132 KiB; header and block are written',
      [malloc(56, FIRST)],
      ['brk 1 length=135168', 'write 1+664 64'],
    ],
    [
      'a block of several pages is a reference for each',
      [malloc(5000, FIRST)],
      ['brk 1 length=139264', 'write 1+664 3432', 'write 1+4096 1576'],
    ],
    [
      'the heap grows when a block ends above it, by 128 KiB more than it needs',
      [malloc(56, FIRST), malloc(24, HEAP + 0x20fe0), malloc(56, HEAP + 0x21010)],
      [
        'brk 1 length=135168',
        'write 1+664 64',
        'write 1+135128 32',
        'brk 1 length=270336',
        'write 1+135176 64',
      ].map((event) => event),
    ],
    [
      'free writes the header and the links',
      [malloc(56, FIRST), free(FIRST)],
      ['brk 1 length=135168', 'write 1+664 64', 'write 1+664 24'],
    ],
    [
      'a large block elsewhere has a mapping of its own, which goes with it',
      [malloc(131_072, AWAY + 16), free(AWAY + 16)],
      [
        'mmap 1 length=135168 flags=3 file=0',
        'write 1+8 4088',
        ...Array.from({ length: 31 }, (_, i) => `write 1+${4096 * (i + 1)} 4096`),
        'write 1+131072 16',
        'munmap 1 length=0',
      ],
    ],
    [
      'a large block in the heap is a block in the heap',
      [malloc(56, FIRST), malloc(131_072, FIRST + 64), free(FIRST + 64)],
      [
        'brk 1 length=135168',
        'write 1+664 64',
        'write 1+728 3368',
        ...Array.from({ length: 31 }, (_, i) => `write 1+${4096 * (i + 1)} 4096`),
        'write 1+131072 736',
        'write 1+728 24',
      ],
    ],
    [
      'a small block elsewhere lies in an arena',
      [malloc(56, FIRST), malloc(56, AWAY + 0x30), malloc(56, AWAY + 0x80)],
      [
        'brk 1 length=135168',
        'write 1+664 64',
        'mmap 2 length=1048576 flags=3 file=0',
        'write 2+40 64',
        'write 2+120 64',
      ],
    ],
    [
      'realloc that moves copies',
      [malloc(56, FIRST), realloc(FIRST, 100, FIRST + 64)],
      ['brk 1 length=135168', 'write 1+664 64', 'read 1+672 56', 'write 1+728 108', 'write 1+664 24'],
    ],
    [
      'to nothing, is a free',
      [malloc(56, FIRST), `a.out->realloc(${hex(FIRST)}, 0) = nil`],
      ['brk 1 length=135168', 'write 1+664 64', 'write 1+664 24'],
    ],
    [
      'to a smaller block, as much as goes in',
      [malloc(100, FIRST), realloc(FIRST, 10, FIRST + 128)],
      ['brk 1 length=135168', 'write 1+664 108', 'read 1+672 10', 'write 1+792 18', 'write 1+664 24'],
    ],
    [
      'the header of a block at the beginning of a page lies in the page before',
      [malloc(56, HEAP + 4096)],
      ['brk 1 length=139264', 'write 1+4088 8', 'write 1+4096 56'],
    ],
    [
      'realloc in place touches what is new',
      [malloc(56, FIRST), realloc(FIRST, 100, FIRST), realloc(FIRST, 10, FIRST)],
      ['brk 1 length=135168', 'write 1+664 64', 'write 1+664 8', 'write 1+728 44', 'write 1+664 8'],
    ],
    [
      'realloc of a large block moves its pages',
      [malloc(131_072, AWAY + 16), realloc(AWAY + 16, 135_168, AWAY + 0x100010)],
      [
        'mmap 1 length=135168 flags=3 file=0',
        'write 1+8 4088',
        ...Array.from({ length: 31 }, (_, i) => `write 1+${4096 * (i + 1)} 4096`),
        'write 1+131072 16',
        'mremap 1 length=139264 mremapFlags=1',
        'write 1+131088 4080',
        'write 1+135168 16',
      ],
    ],
    [
      'an address that is given away twice was freed between',
      [malloc(56, FIRST), malloc(24, FIRST)],
      ['brk 1 length=135168', 'write 1+664 64', 'write 1+664 24', 'write 1+664 32'],
    ],
  ])('%s', async (_, lines, expected) => {
    expect((await told(lines)).events).toEqual(expected);
  });
});

describe('calls that failed ask for what glibc tries last, which is given back at once', () => {
  const GIB = 2 ** 30;
  test.each<[string, string, number]>([
    ['a small block: as much as brk would not give', 'a.out->malloc(56) = nil', MORECORE],
    ['the last that is small', 'a.out->malloc(131071) = 0', MORECORE],
    ['a large one: its pages', 'a.out->calloc(1, 1048576) = nil', MORECORE + PAGE],
    ['the largest that an event can say', 'a.out->malloc(4294963184) = nil', 4 * GIB - PAGE],
    ['realloc: the old block stays', 'a.out->realloc(0x5555000002a0, 2147483648) = nil', 2 * GIB + PAGE],
  ])('%s', async (_, line, length) => {
    const { events, result } = await told([malloc(56, FIRST), line, free(FIRST)]);
    const [heap, first, ...others] = events;
    expect([heap, first]).toEqual(['brk 1 length=135168', 'write 1+664 64']);
    expect(others).toEqual([...refused(length), 'write 1+664 24']);
    expect(result.ignored).toEqual({});
  });
});

describe('what is no event has a rule', () => {
  test.each<[string, string]>([
    ['a.out->free(nil) = <void>', 'free(NULL)'],
    [free(FIRST + 64), 'free of a block of before the trace'],
    ['a.out->malloc(99999999999) = nil', 'failed call for 4 GiB or more'],
    [realloc(FIRST, 3 * 2 ** 31, AWAY), 'block of 2 GiB or more'],
    ['a.out->puts("x") = 2', 'call of puts'],
    ['--- SIGCHLD (Child exited) ---', 'signal'],
    ['hello', 'output of the program'],
  ])('%s', async (line, rule) => {
    const { result } = await told([malloc(56, FIRST), line]);
    expect(result.ignored).toEqual({ [rule]: 1 });
  });

  test('a second free', async () => {
    const { result } = await told([malloc(56, FIRST), free(FIRST), free(FIRST)]);
    expect(result.ignored).toEqual({ 'free of a block that is free': 1 });
  });
});

describe('the same blocks in each format', () => {
  const expected = [
    'brk 1 length=135168',
    'write 1+664 64',
    'read 1+672 56',
    'write 1+728 108',
    'write 1+664 24',
  ];
  const [one, two] = ['5555000002a0', '5555000002e0'];

  test.each<[string, string[], string[]]>([
    [
      'vgmalloc',
      [
        '==12== Command: ./a.out',
        `--12-- realloc(0x0,56)malloc(56) = 0x${one}`,
        `--12-- realloc(0x${one},100) = 0x${two}`,
        `--12-- memalign(al 16, size 5) = 0x${one}`,
        `--12-- calloc(3,8) = 0x555500000400`,
        '--12-- free(0x0)', // counts as none
        '==12==   total heap usage: 4 allocs, 1 frees, 185 bytes allocated',
      ],
      [...expected, 'write 1+664 13', 'write 1+1016 32'],
    ],
    [
      'ltrace',
      [
        '12 10:00:00.000000 realloc@libc.so.6(0, 56 <unfinished ...>',
        `12 10:00:00.000001 malloc@libc.so.6(56) = 0x${one}`,
        `12 10:00:00.000002 <... realloc resumed> ) = 0x${one}`,
        `12 10:00:00.000003 a.out->realloc(0x${one}, 100) = 0x${two}`,
        '12 10:00:00.000004 +++ exited (status 0) +++',
      ],
      [...expected, 'exit'],
    ],
    [
      'mtrace',
      [
        '= Start',
        `@ ./a.out:[0x11a2] + 0x${one} 0x38`,
        `@ ./a - b:(main+8c)[0x1] < 0x${one}`,
        `@ ./a - b:(main+8c)[0x1] > 0x${two} 0x64`,
        `@ ./a.out:[0x11a2] ! 0x${two} 0xffff`,
        '= End',
      ],
      [...expected, ...refused(MORECORE)],
    ],
  ])('%s', async (format, lines, events) => {
    const { result, events: found } = await told(lines);
    expect(result).toMatchObject({ format, warnings: [] });
    expect(found).toEqual(events);
  });

  test('times of ltrace pass', async () => {
    const line = (time: string): string => `12 ${time} malloc@libc.so.6(56) = 0x${one}\n`;
    const { batches } = await importText(line('10:00:00.000001') + line('10:00:00.000003'));
    expect(
      batches.flatMap((batch) => [...eventsOf(batch)]).reduce((sum, { thinkNs }) => sum + thinkNs, 0),
    ).toBe(2_000);
  });
});

describe('data that cannot be a heap', () => {
  test.each([
    'a.out->realloc(0x5555000002a0, 6) = 0x6',
    'a.out->malloc(8) = 0x5555000002a1',
    'a.out->calloc(94024665746176, 2048) = 0x5555000002a0',
    'a.out->free(0x8) = <void>',
    'a.out->malloc() = 0x5555000002a0',
    'a.out->malloc(56 = 0x5555000002a0',
  ])('%s', async (line) => {
    await expect(told([malloc(56, FIRST), line])).rejects.toThrow(
      /line 2: found .* Record again: ltrace -L -x/,
    );
  });

  test('a vgmalloc whose summary counts more', async () => {
    const { result } = await told([
      '--12-- malloc(8) = 0x4D2F040',
      '==12==   total heap usage: 2 allocs, 0 frees, 16 bytes allocated',
    ]);
    expect(result.warnings).toEqual([
      'allocs, frees and bytes: valgrind counted 2 0 16, the trace has 1 0 8',
    ]);
  });

  test('an mtrace with the second half of a realloc only', async () => {
    await expect(told(['= Start', '@ ./a:[0x1] > 0x5555000002a0 0x8'])).rejects.toThrow(
      /line 2: .*with < before/,
    );
  });
});
