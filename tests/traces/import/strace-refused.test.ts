/** Calls that failed for want of memory are events, with a note of that; what they get is given back at once. */
import { describe, expect, test } from 'vitest';
import { EVENT_KINDS, type KindName } from '../../../core/event/kinds.ts';
import { importText } from '../../captures/program-traces.ts';
import { A, hex, lines, mmap, PAGE, PID, START, told } from '../../support/strace-lines.ts';

const GIB = 2 ** 30;
const ENOMEM = '-1 ENOMEM (Cannot allocate memory)';
const note = (kind: KindName, object: number, length = 0): string =>
  `refused object=${object} request=${EVENT_KINDS[kind].code} length=${length}`;
const failed = (call: string): string => call.replace(/ = [^=]*$/, ` = ${ENOMEM}`);
/** Of a child that nobody has made. */
const CHILD = 2 ** 22 + 1;
const childEnds = [`switch pid=${CHILD}`, 'exit', `switch pid=${PID}`];

describe('calls that failed for want of memory', () => {
  test.each<[string, string[], string[]]>([
    [
      'mmap',
      [failed(mmap(A, 5000))],
      ['mmap object=1 length=8192 flags=3 file=0', note('mmap', 1), 'munmap object=1 offset=0 length=0'],
    ],
    [
      'mmap at an address: wherever there is room',
      [failed(mmap(A, PAGE, '', true)), mmap(A, PAGE)],
      [
        'mmap object=1 length=4096 flags=3 file=0',
        note('mmap', 1),
        'munmap object=1 offset=0 length=0',
        'mmap object=2 length=4096 flags=3 file=0',
      ],
    ],
    [
      'more than an object can be: several, the note with the last',
      [failed(mmap(A, 2 * GIB + PAGE))],
      [
        'mmap object=1 length=2147483648 flags=3 file=0',
        'mmap object=2 length=4096 flags=3 file=0',
        note('mmap', 2),
        'munmap object=1 offset=0 length=0',
        'munmap object=2 offset=0 length=0',
      ],
    ],
    [
      'a file, with the number that strace has for ENOMEM',
      ['mmap(NULL, 8192, PROT_READ, MAP_SHARED, 3</lib/a>, 0) = -1 (errno 12)'],
      [
        'file file=1 length=8192',
        'mmap object=1 length=8192 flags=9 file=1',
        note('mmap', 1),
        'munmap object=1 offset=0 length=0',
      ],
    ],
    [
      'mremap of a mapping: it is as long as before',
      [
        mmap(A, PAGE),
        `mremap(${hex(A)}, 4096, 8192, MREMAP_MAYMOVE) = ${ENOMEM}`,
        `munmap(${hex(A)}, 4096) = 0`,
      ],
      [
        'mmap object=1 length=4096 flags=3 file=0',
        'mremap object=1 length=8192 mremapFlags=1',
        note('mremap', 1, 8192),
        'mremap object=1 length=4096 mremapFlags=1',
        'munmap object=1 offset=0 length=4096',
      ],
    ],
    [
      'mremap of a part of one, which would have moved',
      [mmap(A, 2 * PAGE), `mremap(${hex(A)}, 4096, 8192, MREMAP_MAYMOVE) = ${ENOMEM}`],
      [
        'mmap object=1 length=8192 flags=3 file=0',
        'mmap object=2 length=8192 flags=3 file=0',
        note('mmap', 2),
        'munmap object=2 offset=0 length=0',
      ],
    ],
    [
      'brk that stays where it is, of a heap and of none',
      ['brk(NULL) = 0x555500000000', 'brk(0x555500001000) = 0x555500000000'],
      ['brk object=1 length=4096', note('brk', 1, PAGE), 'brk object=1 length=0'],
    ],
    [
      'shmat of a segment whose size is told',
      ['shmget(IPC_PRIVATE, 8192, IPC_CREAT|0600) = 5', `shmat(5, NULL, 0) = ${ENOMEM}`],
      ['mmap object=1 length=8192 flags=11 file=0', note('mmap', 1), 'munmap object=1 offset=0 length=0'],
    ],
    [
      'fork: the child ends before it runs',
      [`fork() = ${ENOMEM}`],
      [`fork pid=${CHILD}`, `refused_fork pid=${CHILD} request=${EVENT_KINDS.fork.code}`, ...childEnds],
    ],
    [
      'a thread',
      [`clone(child_stack=0x7f00, flags=CLONE_VM|CLONE_THREAD) = ${ENOMEM}`],
      [
        `clone pid=${CHILD} cloneFlags=65792`,
        `refused_fork pid=${CHILD} request=${EVENT_KINDS.clone.code}`,
        ...childEnds,
      ],
    ],
  ])('%s', async (_, calls, expected) => {
    const { events, result } = await told(lines(...calls));
    expect(events).toEqual([...START, ...expected]);
    expect(result.lines).toBe(result.eventLines + Object.values(result.ignored).reduce((a, b) => a + b, 0));
  });
});

describe('what another layout would refuse too is counted by its reason', () => {
  test.each([
    [
      'mmap(NULL, 4096, PROT_WRITE, MAP_SHARED, 3, 0) = -1 EACCES (Permission denied)',
      'mmap that failed: EACCES',
    ],
    ['fork() = -1 EAGAIN (Resource temporarily unavailable)', 'fork that failed: EAGAIN'],
    [`munmap(0x7f0000000000, 4096) = ${ENOMEM}`, 'munmap that failed: ENOMEM'],
    [`shmat(5, NULL, 0) = ${ENOMEM}`, 'shmat that failed: of a size that no line tells'],
    [`mmap(NULL, 0, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = ${ENOMEM}`, 'call on no bytes'],
  ])('%s', async (call, rule) => {
    const { result } = await importText(`${lines(mmap(A, PAGE), call).join('\n')}\n`);
    expect(result.ignored).toEqual({ [rule]: 1 });
  });
});
