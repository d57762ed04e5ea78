/** Mappings and references in one trace: what execve mapped, and lackey with system calls. */
import { describe, expect, test } from 'vitest';
import { imageOfMaps, imageOfSegments, piecesOfMaps } from '../../../traces/import/program-image.ts';
import { imported, of } from './imported.ts';

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
