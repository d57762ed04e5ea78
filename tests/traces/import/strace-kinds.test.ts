/** What straces of other versions and options show of processes, segments and heaps: each kind by its smallest lines. */
import { describe, expect, test } from 'vitest';
import { A, execve, hex, line, lines, mmap, PAGE, PID, START, told } from '../../support/strace-lines.ts';

const CLONE_OF_THREAD = 0x1_0100;
const thread = 'clone(child_stack=0x7f, flags=CLONE_VM|CLONE_THREAD)';
const munmap = `munmap(${hex(A)}, 4096) = 0`;

/** Those that say who is who. */
const ofProcesses = (events: readonly string[]): string[] =>
  events.filter((event) => /^(spawn|fork|clone|exec|exit)\b/.test(event));

describe('processes that run already', () => {
  test.each<[string, string[], string[]]>([
    [
      'of a file, which says nothing of them: threads of the first',
      [
        line('futex(0x7f, FUTEX_WAIT, 1, NULL <unfinished ...>', 10),
        line(mmap(A, PAGE), 11),
        line(munmap, 12),
      ],
      [
        'spawn pid=10',
        `clone pid=11 cloneFlags=${CLONE_OF_THREAD}`,
        `clone pid=12 cloneFlags=${CLONE_OF_THREAD}`,
      ],
    ],
    [
      'one that starts a program is a process',
      [line(mmap(A, PAGE), 10), line(mmap(A, PAGE), 11), line(execve, 11)],
      ['spawn pid=10', 'spawn pid=11', 'exec'],
    ],
    [
      'one that has another heap is a process',
      [
        ...[line(mmap(A, PAGE), 10), line('brk(0x5000) = 0x5000', 10), line(mmap(A, PAGE), 11)],
        line('brk(NULL) = 0x555500000000', 11),
      ],
      ['spawn pid=10', 'spawn pid=11'],
    ],
    [
      'strace says how many threads each has: the others follow their process',
      [
        'strace: Process 10 attached with 2 threads',
        'strace: Process 30 attached with 2 threads',
        ...[line(mmap(A, PAGE), 31), line(mmap(A, PAGE), 11), line(mmap(A + PAGE, PAGE), 30)],
      ],
      [
        ...['spawn pid=30', `clone pid=31 cloneFlags=${CLONE_OF_THREAD}`],
        ...['spawn pid=10', `clone pid=11 cloneFlags=${CLONE_OF_THREAD}`],
      ],
    ],
    [
      'one more than strace counted is a thread too',
      ['strace: Process 10 attached', line(mmap(A, PAGE), 10), line(munmap, 11)],
      ['spawn pid=10', `clone pid=11 cloneFlags=${CLONE_OF_THREAD}`],
    ],
    [
      'in a trace that begins with a program, another pid is a process',
      [line(execve, 10), line(mmap(A, PAGE), 11)],
      ['spawn pid=10', 'exec', 'spawn pid=11'],
    ],
  ])('%s', async (_, texts, expected) => {
    expect(ofProcesses((await told(texts)).events)).toEqual(expected);
  });

  test('one that is attached to alone has the name that strace says', async () => {
    const { events } = await told(['strace: Process 10 attached', mmap(A, PAGE)]);
    expect(events[0]).toBe('spawn pid=10');
  });
});

describe('ends of processes without lines of their own (-qq)', () => {
  test('exit ends a thread, exit_group all of its process', async () => {
    const { events, result } = await told([
      ...[line(`${thread} = 8`), line(`${thread} = 9`), line(mmap(A, PAGE))],
      ...[line('exit(0) = ?', 9), line('exit_group(0) = ?')],
    ]);
    expect(events.slice(START.length)).toEqual([
      `clone pid=8 cloneFlags=${CLONE_OF_THREAD}`,
      `clone pid=9 cloneFlags=${CLONE_OF_THREAD}`,
      'mmap object=1 length=4096 flags=3 file=0',
      ...['switch pid=9', 'exit', `switch pid=${PID}`, 'exit', 'switch pid=8', 'exit'],
    ]);
    expect(result.implied['thread that ends with its process']).toBe(1);
  });

  test('a process of its own lives on', async () => {
    const { events } = await told([line('fork() = 8'), line('exit_group(0) = ?'), line(mmap(A, PAGE), 8)]);
    expect(ofProcesses(events)).toEqual([`spawn pid=${PID}`, 'fork pid=8', 'exit']);
  });

  test('where any process has such a line, exit_group waits for its own', async () => {
    const { events, result } = await told([
      ...[line('fork() = 8'), line('exit_group(0) = ?', 8), line('+++ exited with 0 +++', 8)],
      line('exit_group(0) = ?'),
    ]);
    expect(ofProcesses(events)).toEqual([`spawn pid=${PID}`, 'fork pid=8', 'exit']);
    expect(result.ignored).toEqual({ 'exit: the line with +++ says it': 2 });
  });

  test('execve of a thread, of which no line says that it goes on as its process (-qqq)', async () => {
    const { events } = await told([
      line(`${thread} = 8`),
      line(execve.replace(/\) = 0$/, ' <unfinished ...>'), 8),
      line('<... execve resumed>) = 0'),
    ]);
    expect(ofProcesses(events).slice(2)).toEqual(['exit', 'exec']);
  });
});

describe('what a child shares', () => {
  test.each([
    ['by name', 'flags=CLONE_VM|CLONE_THREAD|SIGCHLD'],
    ['as a number', 'flags=0x10111'],
    ['as both', 'flags=0x10100 /* CLONE_VM|CLONE_THREAD */|0x11 /* SIGCHLD */'],
  ])('flags %s, in the second half', async (_, flags) => {
    const { events, result } = await told([
      ...[line('clone( <unfinished ...>'), line(mmap(A, PAGE), 8)],
      line(`<... clone resumed> child_stack=0x7f, ${flags}) = 8`),
    ]);
    expect(ofProcesses(events)[1]).toBe(`clone pid=8 cloneFlags=${CLONE_OF_THREAD}`);
    expect(result.warnings).toEqual([]);
  });

  test.each([
    ['clone3(0x7ffd4, 88) = 8', `clone pid=8 cloneFlags=${CLONE_OF_THREAD}`],
    ['clone() = 8', 'fork pid=8'],
  ])('%s does not say: a guess, which is told', async (call, event) => {
    const { events, result } = await told(lines(mmap(A, PAGE), call));
    expect(events.at(-1)).toBe(event);
    expect(result.warnings).toEqual([expect.stringMatching(/^1 clone without its flags/)]);
  });

  test.each(['clone(0x1200011, 0, 0, 0x7f, 0) = 0x8', 'clone(child_stack=NULL, flags=SIGCHLD) = 8<sh>'])(
    '%s is a fork',
    async (call) => {
      expect((await told(lines(mmap(A, PAGE), call))).events.at(-1)).toBe('fork pid=8');
    },
  );

  test('two that fork at once: each child is its own parent’s', async () => {
    const { events } = await told([
      ...[
        line(mmap(A, PAGE)),
        line('fork() = 8'),
        line('fork( <unfinished ...>'),
        line('vfork( <unfinished ...>', 8),
      ],
      ...[
        line(munmap, 21),
        line('<... fork resumed>) = 20'),
        line('<... vfork resumed>) = 21', 8),
        line(munmap, 20),
      ],
    ]);
    expect(events.slice(START.length + 1)).toEqual([
      ...['fork pid=8', 'switch pid=8', 'clone pid=21 cloneFlags=16640', 'switch pid=21'],
      ...['munmap object=1 offset=0 length=4096', `switch pid=${PID}`, 'fork pid=20', 'switch pid=20'],
      'munmap object=1 offset=0 length=4096',
    ]);
  });
});

describe('shared memory segments', () => {
  const attach = `shmat(5, NULL, 0) = ${hex(A)}`;

  test.each([
    ['shmget', 'shmget(IPC_PRIVATE, 20000, IPC_CREAT|0600) = 5'],
    ['shmctl', 'shmctl(5, IPC_STAT, {shm_perm={uid=0, mode=0600}, shm_segsz=20000, shm_cpid=9}) = 0'],
  ])('%s tells the size', async (_, call) => {
    const { events, result } = await told(lines(call, attach, `shmdt(${hex(A)}) = 0`));
    expect(events.slice(START.length)).toEqual([
      'mmap object=1 length=20480 flags=11 file=0',
      'munmap object=1 offset=0 length=20480',
    ]);
    expect(result.warnings).toEqual([]);
  });

  test('without them calls on more of it do, and shmdt ends all that they showed', async () => {
    const { events } = await told(
      lines(
        attach,
        `mprotect(${hex(A)}, 12288, PROT_READ) = 0`,
        `munmap(${hex(A + 3 * PAGE)}, 4096) = 0`,
        `shmdt(${hex(A)}) = 0`,
      ),
    );
    expect(events.slice(START.length)).toEqual([
      'mmap object=1 length=4096 flags=11 file=0',
      'mmap object=2 length=8192 flags=11 file=0',
      'mprotect object=1 offset=0 length=4096 prot=1',
      'mprotect object=2 offset=0 length=8192 prot=1',
      'mmap object=3 length=4096 flags=11 file=0',
      'munmap object=3 offset=0 length=4096',
      'munmap object=1 offset=0 length=4096',
      'munmap object=2 offset=0 length=8192',
    ]);
  });

  test('read-only, and over what was there', async () => {
    const { events } = await told(
      lines(mmap(A, PAGE), `shmat(5, ${hex(A)}, SHM_RDONLY|SHM_REMAP) = ${hex(A)}`),
    );
    expect(events.slice(START.length + 1)).toEqual([
      'munmap object=1 offset=0 length=4096',
      'mmap object=2 length=4096 flags=9 file=0',
    ]);
  });
});

describe('heaps of which the trace does not show the beginning', () => {
  test('a brk(NULL) above later ends: what lies between was there', async () => {
    const { events } = await told(
      lines('brk(NULL) = 0x555500021000', 'brk(0x555500010000) = 0x555500010000'),
    );
    expect(events.slice(START.length)).toEqual(['brk object=1 length=73728', 'brk object=1 length=4096']);
  });

  test('an end below all that lines ahead tell is the end of the heap', async () => {
    const calls = Array.from({ length: 4_200 }, () => line('getpid() = 7'));
    const { events } = await told([
      ...lines('brk(0x555500021000) = 0x555500021000'),
      ...calls,
      ...lines('brk(0x555500010000) = 0x555500010000', 'brk(0x555500012000) = 0x555500012000'),
    ]);
    expect(events.slice(START.length)).toEqual([
      'brk object=1 length=4096',
      'brk object=1 length=0',
      'brk object=2 length=8192',
    ]);
  });
});

test.each([
  [
    'of its fields',
    `old_mmap({addr=NULL, length=8192, prot=PROT_READ, flags=MAP_PRIVATE|MAP_ANONYMOUS, fd=-1, offset=0}) = ${hex(A)}`,
    1,
  ],
  ['of an address', `old_mmap(0xbffff8f4) = ${hex(A)}`, 0],
])('old_mmap %s', async (_, call, count) => {
  const { events, result } = await told(lines(mmap(A + 8 * PAGE, PAGE), call));
  expect(events.slice(START.length + 1)).toEqual(
    Array.from({ length: count }, () => 'mmap object=2 length=8192 flags=1 file=0'),
  );
  expect(result.ignored).toEqual(count === 1 ? {} : { 'mmap whose arguments are not shown': 1 });
});

test.each([
  ['without a pid', ['write(1, "ready\\n", 6ready', ')                       = 6']],
  ['with pid and time', [line('write(1, "ready\\n", 6ready'), ') = 6']],
])('output of the program within a call that changes no address space, %s', async (_, torn) => {
  const { result } = await told([...lines(mmap(A, PAGE)), ...torn, ...lines(munmap)]);
  expect(result.eventLines).toBe(2);
  expect(result.ignored).toEqual({ 'call that output of the program tore': 2 });
});

describe('memory at a multiple of its length, cut out of twice as much', () => {
  const MIB = 1 << 20;
  const reserve = (at: number, length: number): string =>
    `mmap(NULL, ${length}, PROT_NONE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_NORESERVE, -1, 0) = ${hex(at)}`;
  const cut = (at: number, length: number): string => `munmap(${hex(at)}, ${length}) = 0`;
  const whole = ['mmap object=1 length=134217728 flags=0 file=0'];
  const kept = (from: number): string[] => [
    `munmap object=1 offset=${from} length=${128 * MIB - from}`,
    'mmap object=2 length=67108864 flags=4096 file=0',
  ];

  test.each<[string, string[], string[]]>([
    [
      'what lies before and behind is unmapped: the rest is said as such, and used from its beginning',
      [
        reserve(A + 60 * MIB, 128 * MIB),
        cut(A + 60 * MIB, 4 * MIB),
        cut(A + 128 * MIB, 60 * MIB),
        `mprotect(${hex(A + 64 * MIB)}, 4096, PROT_READ|PROT_WRITE) = 0`,
      ],
      [
        ...whole,
        'munmap object=1 offset=0 length=4194304',
        ...kept(4 * MIB),
        'mprotect object=2 offset=0 length=4096 prot=3',
      ],
    ],
    [
      'it lay at a multiple already',
      [reserve(A, 128 * MIB), cut(A + 64 * MIB, 64 * MIB)],
      [...whole, ...kept(0)],
    ],
    [
      'another part of it is kept',
      [reserve(A + 60 * MIB, 128 * MIB), cut(A + 60 * MIB, 64 * MIB)],
      [...whole, 'munmap object=1 offset=0 length=67108864'],
    ],
  ])('%s', async (_, calls, expected) => {
    expect((await told(lines(...calls))).events.slice(START.length)).toEqual(expected);
  });
});
