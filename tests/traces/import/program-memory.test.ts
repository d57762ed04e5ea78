/** Mappings and references in one trace: lackey with system calls, and faults with system calls of tracefs. */
import { describe, expect, test } from 'vitest';
import { eventsOf } from '../../../core/event/batch.ts';
import type { MemoryEvent } from '../../../core/event/kinds.ts';
import { imageOfMaps, imageOfSegments, piecesOfMaps } from '../../../traces/import/program-image.ts';
import { importTrace } from '../../../traces/index.ts';
import { inBlocks } from '../support.ts';

const SEGMENTS = `--7:1: aspacem <<< SHOW_SEGMENTS: Memory layout at client startup (34 segments)
--7:1: aspacem (0,4,9) /usr/libexec/valgrind/lackey-amd64-linux
--7:1: aspacem (1,49,7) /usr/bin/true
--7:1: aspacem (2,67,7) /usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2
--7:1: aspacem   1: file 0000108000-0000109fff    8192 r---- d=0xfe00 i=260958  o=0       (1,49)
--7:1: aspacem   2: file 000010a000-000010dfff   16384 r-x-- d=0xfe00 i=260958  o=8192    (1,49)
--7:1: aspacem   4: file 0000110000-0000111fff    8192 rw--- d=0xfe00 i=260958  o=28672   (1,49)
--7:1: aspacem   5: anon 0000112000-0000112fff    4096 rw---
--7:1: aspacem   6: file 0004000000-0004000fff    4096 r---- d=0xfe00 i=338944  o=0       (2,67)
--7:1: aspacem  10: anon 0004035000-0004035fff    4096 rwx--
--7:1: aspacem  14: FILE 0058001000-005807cfff  507904 r-x-- d=0xfe00 i=341618  o=4096    (0,4)
--7:1: aspacem  15: file 005807d000-005807dfff    4096 r-x-- d=0xfe00 i=341618  o=512000  (0,4)
--7:1: aspacem  25: anon 1ffefff000-1fff000fff    8192 rw---
--7:1: aspacem >>>
`;

async function imported(text: string, ...beside: string[]) {
  const events: MemoryEvent[] = [];
  const output = { write: (batch: Parameters<typeof eventsOf>[0]) => void events.push(...eventsOf(batch)) };
  const result = await importTrace(
    {
      name: 'some.trace',
      blocks: inBlocks(Buffer.from(text), 1 << 16),
      beside: beside.map((each, i) => ({ name: `${i}`, text: each })),
    },
    output,
  );
  const ignored = Object.values(result.ignored).reduce((sum, count) => sum + count, 0);
  expect(result.lines).toBe(result.eventLines + ignored);
  expect(result.events).toBe(events.length);
  return { result, events };
}

const of = <K extends MemoryEvent['kind']>(events: readonly MemoryEvent[], kind: K) =>
  events.filter((event): event is Extract<MemoryEvent, { kind: K }> => event.kind === kind);

describe('what execve mapped', () => {
  test('of valgrind: segments of the client with their files and bss, not valgrind’s own, nor its place for brk', () => {
    const image = imageOfSegments(SEGMENTS)!;
    expect(image.program.map(({ start, end, prot, file }) => [start, end, prot, file])).toEqual([
      [0x108000, 0x10a000, 1, '/usr/bin/true'],
      [0x10a000, 0x10e000, 5, '/usr/bin/true'],
      [0x110000, 0x112000, 3, '/usr/bin/true'],
      [0x112000, 0x113000, 3, undefined],
    ]);
    expect(image.interpreter).toHaveLength(1);
    expect(image.stackTop).toBe(0x1fff001000);
    expect(imageOfSegments('nothing of the kind')).toBeUndefined();
  });

  const maps = `2aaaaaaab000-2aaaaaaac000 r--p 00000000 fe:00 9    /usr/lib/ld-linux-x86-64.so.2
2aaaaaaac000-2aaaaaaad000 rw-p 00001000 fe:00 9                  /usr/lib/ld-linux-x86-64.so.2
2aaaaaaae000-2aaaaaab0000 r-xp 00000000 00:00 0                  [vdso]
555555554000-555555555000 r--p 00000000 fe:00 7                  /usr/bin/x
555555555000-555555556000 r-xp 00001000 fe:00 7                  /usr/bin/x
555555556000-555555557000 r--p 00002000 fe:00 7                  /usr/bin/x
555555557000-555555558000 r--p 00003000 fe:00 7                  /usr/bin/x
555555558000-555555559000 rw-p 00004000 fe:00 7                  /usr/bin/x
555555559000-55555557c000 rw-p 00000000 00:00 0                  [heap]
7ffffffde000-7ffffffff000 rw-p 00000000 00:00 0                  [stack]
`;

  test('of a maps file: RELRO is writable again, and the heap is cut off bss', () => {
    const image = imageOfMaps(piecesOfMaps(maps), 0x55555555b000, '/usr/bin/x')!;
    expect(image.program.map(({ start, prot }) => [start.toString(16), prot])).toEqual([
      ['555555554000', 1],
      ['555555555000', 5],
      ['555555556000', 1],
      ['555555557000', 3],
      ['555555559000', 3],
    ]);
    expect(image.program.at(-1)!.end).toBe(0x55555555b000);
    expect(image.interpreter[0]!.start).toBe(0x2aaaaaaab000);
    expect(image.special).toHaveLength(1);
    expect(image.stackTop).toBe(0x7ffffffff000);
  });

  test('a program that begins with its text has one read-only piece that was writable, and no bss where the heap begins', () => {
    const old = maps.replace(/^555555554000.*\n/m, '').replace(/^555555556000.*\n/m, '');
    const image = imageOfMaps(piecesOfMaps(old), 0x555555559000, undefined)!;
    expect(image.program.map(({ start, prot }) => [start.toString(16), prot])).toEqual([
      ['555555555000', 5],
      ['555555557000', 3],
    ]);
  });
});

const LACKEY = `==7== Lackey, an example Valgrind tool
I  0400ab70,3
 S 1fff000d18,8
SYSCALL[7,1](12) sys_brk ( 0x0 ) --> [pre-success] Success(0x4035000) 
SYSCALL[7,1](257) sys_openat ( 4294967196, 0x110008(/lib/libc.so.6), 524288 ) --> [async] ... 
SYSCALL[7,1](257) ... [async] --> Success(0x3) 
SYSCALL[7,1](9) sys_mmap ( 0x0, 8192, 1, 2, 3, 4096 ) --> [pre-success] Success(0x4835000) 
 L 04835ffc,8
SYSCALL[7,1](0) sys_read ( 3, 0x111000, 4096 ) --> [async] ... 
SYSCALL[7,1](0) ... [async] --> Success(0x10)
SYSCALL[7,1](9) sys_mmap ( 0x0, 4096, 1, 2050, 5, 0 ) --> [pre-success] Success(0x4900000)
SYSCALL[7,1](231) exit_group( 0 ) --> [pre-success] Success(0x0) 
`;

describe('lackey with system calls', () => {
  test('references become accesses of what is mapped, in parts of a page; the buffers of calls too', async () => {
    const { result, events } = await imported(LACKEY, SEGMENTS);
    expect(result.format).toBe('lackey');
    const accesses = of(events, 'access').map(({ object, offset, size, mode }) => [
      object,
      offset,
      size,
      mode,
    ]);
    const [stack, vdso, map] = [1, 9, 10];
    expect(accesses).toEqual([
      [vdso, 0, 64, 0],
      [stack, (8 << 20) - 0x2e8, 8, 1],
      [4, 8, 15, 4],
      [map, 0xffc, 4, 0],
      [map, 0x1000, 4, 0],
      [4, 0x1000, 16, 5],
    ]);
    expect(result.ignored['reference to what no line maps']).toBe(1);
  });

  test('a part of a file is a file of its own that is cached, and the trace says which', async () => {
    const { result, events } = await imported(LACKEY, SEGMENTS);
    const { files, marks } = result.notes as { files: { name: string; offset: number }[]; marks: unknown[] };
    const number = of(events, 'mmap').at(-2)!.file;
    expect(files[number - 1]).toEqual({ name: '/lib/libc.so.6', offset: 4096 });
    expect(of(events, 'file_read').some(({ file }) => file === number)).toBe(true);
    expect(marks).toEqual([{ event: events.length - 1, pid: 7, kind: 'exit' }]);
  });

  test('the program lies where execve puts it, each segment over the whole', async () => {
    const { events } = await imported(LACKEY, SEGMENTS);
    const [stack, whole] = of(events, 'mmap');
    expect(stack).toMatchObject({ length: 8 << 20, flags: 0x203 });
    expect(whole).toMatchObject({ length: 0xb000, flags: 0x401 });
    expect(
      of(events, 'mremap_fixed')
        .slice(0, 3)
        .map(({ over, offset }) => [over, offset]),
    ).toEqual([
      [whole!.object, 0x2000],
      [whole!.object, 0x8000],
      [whole!.object, 0xa000],
    ]);
    expect(of(events, 'munmap')[0]).toMatchObject({ object: whole!.object, offset: 0x6000, length: 0x2000 });
  });

  test('a strace of the same program tells lengths, paths, and where the stack pointer was', async () => {
    const strace = `7 execve("/usr/bin/true", ["/usr/bin/true"], 0x7fffffffeda8 /* 4 vars */) = 0
7 mmap(NULL, 12288, PROT_READ, MAP_PRIVATE, 3</usr/lib/libc.so.6.1>, 0x1000) = 0x7ffff7dd3000
7 mmap(NULL, 8192, PROT_READ, MAP_PRIVATE, 3</usr/lib/libc.so.6.1>, 0x1000) = 0x7ffff7dd0000
`;
    const { result, events } = await imported(LACKEY, SEGMENTS, strace);
    const { files } = result.notes as { files: { name: string; offset: number }[] };
    expect(files.at(-2)).toEqual({ name: '/usr/lib/libc.so.6.1', offset: 4096 });
    // argc lies at 0x7fffffffed90: 0x70 nearer to the end of its page than under valgrind.
    expect(of(events, 'access')[1]).toMatchObject({ offset: (8 << 20) - 0x278 });
  });

  test('without the layout at startup the rest is windows of 4 MiB, and a warning says what to record', async () => {
    const { result, events } = await imported(LACKEY);
    expect(result.warnings.join()).toMatch(/what execve mapped is not known, .* record with -d -d/);
    const windows = of(events, 'mmap').filter(({ file, length }) => file === 0 && length === 4 << 20);
    expect(windows.length).toBeGreaterThan(0);
    expect(of(events, 'access').map(({ size }) => size)).toEqual(expect.arrayContaining([3, 8, 16]));
    expect(result.ignored['reference to what no line maps']).toBeUndefined();
  });

  test('valgrind’s own library is mapped nowhere, and who refers to it is counted', async () => {
    const own = LACKEY.replace('/lib/libc.so.6', '/usr/libexec/valgrind/vgpreload_core.so');
    const { result, events } = await imported(own, SEGMENTS);
    expect(result.ignored).toMatchObject({
      'system call of valgrind itself': 1,
      'reference of valgrind itself': 1,
    });
    expect(of(events, 'access').some(({ object }) => object === 10)).toBe(false);
  });

  const PARENT = 'SYSCALL[7,1](56) sys_clone ( 1200011, 0x0, 0x0, 0x111a10, 0x0 )';
  const MADE = '  clone(fork): process 7 created child 8';
  const [BACK, BOTH_CALL] = [
    ' --> [pre-success] Success(0x0) ',
    'SYSCALL[8,1](273) sys_set_robust_list ( 0x111a20, 24 )[sync] --> Success(0x0)',
  ];
  // who touches what of the stack: `lines` are those from the fork on, up to the exit of the parent
  const forks: readonly (readonly [name: string, lines: readonly string[], touched: readonly string[]])[] = [
    [
      'both return at once: they touch the same up to the next call',
      [`${PARENT}${BACK}${MADE}`, ' S 1fff000d00,8', BOTH_CALL, ' S 1fff000c00,8'],
      ['7 d00', '8 c00', '8 d00'],
    ],
    [
      'the child returns while its parent waits',
      [
        `${PARENT} ${MADE}`,
        ' --> [pre-success] Success(0x8) ',
        ' S 1fff000d00,8',
        'SYSCALL[7,1](61) sys_wait4 ( 8, 0x0, 0, 0x0 ) --> [async] ... ',
        BACK,
        ' S 1fff000c00,8',
        BOTH_CALL,
      ],
      ['7 d00', '8 c00'],
    ],
    [
      'its return is on the line of that call',
      [
        `${PARENT} ${MADE}`,
        ' S 1fff000d00,8',
        `SYSCALL[7,1](61) sys_wait4 ( 8, 0x0, 0, 0x0 ) --> [async] ... ${BACK}`,
        ' S 1fff000c00,8',
      ],
      ['7 d00', '8 c00'],
    ],
    [
      'the child is first',
      [
        `${PARENT}${BACK}`,
        ' S 1fff000c00,8',
        BOTH_CALL,
        ' S 1fff000b00,8',
        MADE,
        ' --> [pre-success] Success(0x8) ',
        ' S 1fff000d00,8',
      ],
      ['7 d00', '8 b00', '8 c00'],
    ],
  ];

  test.each(forks)('a fork: %s', async (_, lines, expected) => {
    const ends = 'SYSCALL[8,1](231) exit_group( 0 ) --> [pre-success] Success(0x0)';
    const text = LACKEY.replace('SYSCALL[7,1](231)', [...lines, ends, 'SYSCALL[7,1](231)'].join('\n'));
    const { events, result } = await imported(text, SEGMENTS);
    let pid = 7;
    const touched = events.slice(events.findIndex(({ kind }) => kind === 'fork')).flatMap((event) => {
      if (event.kind === 'switch') pid = event.pid;
      return event.kind === 'access' ? [`${pid} ${(event.offset & 0xfff).toString(16)}`] : [];
    });
    // what the kernel writes when both return: the child's tid, and struct rseq of both
    expect(touched.sort()).toEqual([...expected, '7 68', '8 68', '8 a10'].sort());
    expect(result.processes).toBe(2);
  });
});

const head = (pid: number, name: string): string =>
  `            true-${pid}   [001] .....  2004.339743: ${name}`;
const FAULTS = [
  head(9, 'sched_process_exec: filename=/usr/bin/x pid=9 old_pid=9'),
  head(9, 'page_fault_user: address=0x7fffffffdfa8 ip=0x55555555500 error_code=0x6'),
  head(9, 'sys_brk(brk: 0)'),
  head(9, 'sys_brk -> 0x55555555b000'),
  head(9, 'sys_mmap(addr: 0, len: 0x2000, prot: 3, flags: 0x22, fd: 0xffffffff, off: 0)'),
  head(9, 'sys_mmap -> 0x7ffff7fc0000'),
  head(9, 'page_fault_kernel: address=0x7ffff7fc1008 ip=_copy_to_iter error_code=0x2'),
  head(9, 'task_newtask: pid=10 comm=x clone_flags=3d0f00 oom_score_adj=0'),
  head(10, 'page_fault_user: address=0x7ffff7fc0000 ip=0x1 error_code=0x14'),
  head(10, 'sched_process_exit: comm=x pid=10 prio=120 group_dead=false'),
  head(9, 'sys_mmap(addr: 0, len: 0x2000, prot: 3, flags: 0x22, fd: 0xffffffff, off: 0)'),
  head(9, 'sys_mmap -> 0xfffffffffffffff4'),
  head(9, 'sys_tgkill(tgid: 0x9, pid: 0x9, sig: 0xc)'),
  head(9, 'sys_tgkill -> 0x0'),
  head(9, 'sched_process_exit: comm=x pid=9 prio=120 group_dead=true'),
].join('\n');
const SNAPSHOT = `=== 000 mark pid 9
--- maps
555555554000-555555555000 r--p 00000000 fe:00 7                  /usr/bin/x
555555555000-55555555b000 rw-p 00001000 fe:00 7                  /usr/bin/x
7ffffffde000-7ffffffff000 rw-p 00000000 00:00 0                  [stack]
`;

describe('faults with system calls', () => {
  test('a fault is a reference of one byte, of user or kernel; a thread shares what it refers to', async () => {
    const { result, events } = await imported(`${FAULTS}\n`, SNAPSHOT);
    expect(result.format).toBe('fault-trace');
    const accesses = of(events, 'access').map(({ offset, size, mode }) => [offset, size, mode]);
    expect(accesses.slice(1)).toEqual([
      [(8 << 20) - 0x1058, 1, 1],
      [0x1008, 1, 5],
      [0, 1, 3],
    ]);
    expect(of(events, 'clone')).toEqual([expect.objectContaining({ pid: 10, cloneFlags: 0x1_0100 })]);
    const { marks } = result.notes as { marks: { kind: string; pid: number }[] };
    expect(marks.map(({ kind, pid }) => [kind, pid])).toEqual([
      ['mark', 9],
      ['exit', 9],
    ]);
  });

  test('a plain maps file tells of the program that it has, and no other format is thought of', async () => {
    const maps = SNAPSHOT.slice(SNAPSHOT.indexOf('5555'));
    const { result, events } = await imported(`${FAULTS}\n`, maps);
    expect(events).toEqual((await imported(`${FAULTS}\n`, SNAPSHOT)).events);
    expect(result.warnings).toEqual([]);
    expect(result.choice.doubts).toEqual([]);
    const other = await imported(`${FAULTS}\n`, maps.replaceAll('/usr/bin/x', '/usr/bin/y'));
    expect(other.result.warnings.join()).toMatch(/what execve mapped is not known/);
  });

  test('bss that execve clears before its line is a page fault of the new program', async () => {
    const clears = head(9, 'page_fault_kernel: address=0x55555555a1e0 ip=elf_load error_code=0x2');
    const { result, events } = await imported(`${clears}\n${FAULTS}\n`, SNAPSHOT);
    const before = await imported(`${FAULTS}\n`, SNAPSHOT);
    const [first] = of(events, 'access');
    expect(first).toMatchObject({ offset: 0x51e0, size: 1, mode: 5 });
    expect(of(events, 'madvise').length).toBe(of(before.events, 'madvise').length - 1);
    expect(result.ignored['fault of execve, which is one of the new program']).toBe(1);
  });

  test('a call that failed is ignored by its error, and without maps a warning says what to import', async () => {
    const { result } = await imported(`${FAULTS}\n`);
    expect(result.ignored['mmap that failed: ENOMEM']).toBe(1);
    expect(result.warnings.join()).toMatch(/import \/proc\/PID\/maps of the process too/);
  });
});
