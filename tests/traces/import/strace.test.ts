/** strace's lines become events: mappings, heaps, files; and what is no event. */
import { describe, expect, test } from 'vitest';
import { eventsOf } from '../../../core/event/batch.ts';
import { importText } from '../../captures/program-traces.ts';
import { A, hex, line, lines, mmap, PAGE, START, tell, told } from '../../support/strace-lines.ts';

describe('calls become events', () => {
  test.each<[string, string[], string[]]>([
    [
      'lengths are rounded up to pages',
      lines(mmap(A, 5000), `munmap(${hex(A)}, 5000) = 0`),
      ['mmap object=1 length=8192 flags=3 file=0', 'munmap object=1 offset=0 length=8192'],
    ],
    [
      'a part of a mapping is an object and an offset',
      lines(mmap(A, 8 * PAGE), `mprotect(${hex(A + PAGE)}, 8192, PROT_READ) = 0`),
      ['mmap object=1 length=32768 flags=3 file=0', 'mprotect object=1 offset=4096 length=8192 prot=1'],
    ],
    [
      'a range over two mappings is two events',
      lines(mmap(A, PAGE), mmap(A + PAGE, PAGE), `munmap(${hex(A)}, 8192) = 0`),
      [
        'mmap object=1 length=4096 flags=3 file=0',
        'mmap object=2 length=4096 flags=3 file=0',
        'munmap object=1 offset=0 length=4096',
        'munmap object=2 offset=0 length=4096',
      ],
    ],
    [
      'mprotect shows what was there before the trace',
      lines(mmap(A, PAGE), `mprotect(${hex(A)}, 12288, PROT_NONE) = 0`),
      [
        'mmap object=1 length=4096 flags=3 file=0',
        'mmap object=2 length=8192 flags=3 file=0',
        'mprotect object=1 offset=0 length=4096 prot=0',
        'mprotect object=2 offset=0 length=8192 prot=0',
      ],
    ],
    [
      'MAP_FIXED over a part of a mapping is moved there, and over that once more',
      lines(mmap(A, 8 * PAGE), mmap(A + PAGE, 4 * PAGE, '', true), mmap(A + 2 * PAGE, 3 * PAGE, '', true)),
      [
        'mmap object=1 length=32768 flags=3 file=0',
        'mmap object=2 length=16384 flags=3 file=0',
        'mremap_fixed object=2 over=1 offset=4096',
        'mmap object=3 length=12288 flags=3 file=0',
        'mremap_fixed object=3 over=2 offset=4096',
      ],
    ],
    [
      'MAP_FIXED from a hole of a mapping is moved there, be it up to the end of it',
      lines(
        mmap(A, 4 * PAGE),
        `munmap(${hex(A + PAGE)}, 8192) = 0`,
        mmap(A + PAGE, 2 * PAGE, '', true),
        `munmap(${hex(A + PAGE)}, 8192) = 0`,
        mmap(A + PAGE, 3 * PAGE, '', true),
      ),
      [
        'mmap object=1 length=16384 flags=3 file=0',
        'munmap object=1 offset=4096 length=8192',
        'mmap object=2 length=8192 flags=3 file=0',
        'mremap_fixed object=2 over=1 offset=4096',
        'munmap object=2 offset=0 length=8192',
        'mmap object=3 length=12288 flags=3 file=0',
        'mremap_fixed object=3 over=1 offset=4096',
      ],
    ],
    [
      'MAP_FIXED from a hole to behind the mapping, where another layout has something else, unmaps what it was over',
      lines(mmap(A, 3 * PAGE), `munmap(${hex(A + PAGE)}, 4096) = 0`, mmap(A + PAGE, 3 * PAGE, '', true)),
      [
        'mmap object=1 length=12288 flags=3 file=0',
        'munmap object=1 offset=4096 length=4096',
        'munmap object=1 offset=8192 length=4096',
        'mmap object=2 length=12288 flags=3 file=0',
      ],
    ],
    [
      'or has another mapping in it',
      lines(
        mmap(A, 5 * PAGE),
        `munmap(${hex(A + PAGE)}, 12288) = 0`,
        mmap(A + 2 * PAGE, PAGE),
        mmap(A + PAGE, 3 * PAGE, '', true),
      ),
      [
        'mmap object=1 length=20480 flags=3 file=0',
        'munmap object=1 offset=4096 length=12288',
        'mmap object=2 length=4096 flags=3 file=0',
        'munmap object=2 offset=0 length=4096',
        'mmap object=3 length=12288 flags=3 file=0',
      ],
    ],
    [
      'MAP_FIXED over two mappings unmaps them first: layouts may put these apart',
      lines(mmap(A, PAGE), mmap(A + PAGE, PAGE), mmap(A, 2 * PAGE, '', true)),
      [
        'mmap object=1 length=4096 flags=3 file=0',
        'mmap object=2 length=4096 flags=3 file=0',
        'munmap object=1 offset=0 length=4096',
        'munmap object=2 offset=0 length=4096',
        'mmap object=3 length=8192 flags=3 file=0',
      ],
    ],
    [
      'MAP_FIXED where nothing is mapped, and MAP_FIXED_NOREPLACE',
      lines(mmap(A, PAGE, '', true), mmap(A + PAGE, PAGE, '|MAP_FIXED_NOREPLACE')),
      ['mmap object=1 length=4096 flags=3 file=0', 'mmap object=2 length=4096 flags=3 file=0'],
    ],
    [
      'addresses that are given away again were unmapped by a call that is not in the trace',
      lines(mmap(A, 8 * PAGE), mmap(A + PAGE, PAGE)),
      [
        'mmap object=1 length=32768 flags=3 file=0',
        'munmap object=1 offset=4096 length=4096',
        'mmap object=2 length=4096 flags=3 file=0',
      ],
    ],
    [
      'shared, and told to be so strictly',
      lines(`mmap(NULL, 4096, PROT_READ, MAP_SHARED_VALIDATE|MAP_ANONYMOUS, -1, 0) = ${hex(A)}`),
      ['mmap object=1 length=4096 flags=9 file=0'],
    ],
    [
      'shared, populated, without rights',
      lines(
        `mmap(NULL, 4096, PROT_NONE, MAP_SHARED|MAP_ANONYMOUS, -1, 0) = ${hex(A)}`,
        `mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS|MAP_POPULATE, -1, 0) = ${hex(A + PAGE)}`,
      ),
      ['mmap object=1 length=4096 flags=8 file=0', 'mmap object=2 length=4096 flags=17 file=0'],
    ],
    [
      'a file is known by its length or its path, its segments by what maps it whole',
      lines(
        `mmap(NULL, 16384, PROT_READ, MAP_PRIVATE, 3, 0) = ${hex(A)}`,
        `mmap(${hex(A + PAGE)}, 4096, PROT_READ|PROT_EXEC, MAP_PRIVATE|MAP_FIXED, 3, 0x1000) = ${hex(A + PAGE)}`,
        `mmap(NULL, 16384, PROT_READ, MAP_PRIVATE, 4, 0) = ${hex(A + 8 * PAGE)}`,
        `mmap(NULL, 16384, PROT_READ, MAP_PRIVATE, 3</lib/b.so>, 0) = ${hex(A + 16 * PAGE)}`,
      ),
      [
        'file file=1 length=16384',
        'mmap object=1 length=16384 flags=1 file=1',
        'file file=2 length=4096',
        'mmap object=2 length=4096 flags=5 file=2',
        'mremap_fixed object=2 over=1 offset=4096',
        'mmap object=3 length=16384 flags=1 file=1',
        'file file=3 length=16384',
        'mmap object=4 length=16384 flags=1 file=3',
      ],
    ],
    [
      'segments alike of two files are two files',
      [16384, 32768].flatMap((length, i) => {
        const at = A + 64 * i * PAGE;
        return lines(
          `mmap(NULL, ${length}, PROT_READ, MAP_PRIVATE, 3, 0) = ${hex(at)}`,
          `mmap(${hex(at)}, 4096, PROT_READ, MAP_PRIVATE|MAP_FIXED, 3, 0x1000) = ${hex(at)}`,
        );
      }),
      [
        'file file=1 length=16384',
        'mmap object=1 length=16384 flags=1 file=1',
        'file file=2 length=4096',
        'mmap object=2 length=4096 flags=1 file=2',
        'mremap_fixed object=2 over=1 offset=0',
        'file file=3 length=32768',
        'mmap object=3 length=32768 flags=1 file=3',
        'file file=4 length=4096',
        'mmap object=4 length=4096 flags=1 file=4',
        'mremap_fixed object=4 over=3 offset=0',
      ],
    ],
    [
      'brk: the first tells where the heap begins; a failing one returns the old end',
      lines(
        'brk(NULL) = 0x555500000000',
        'brk(0x555500021000) = 0x555500021000',
        'brk(0x5555ffff0000) = 0x555500021000',
        'brk(0x555500010800) = 0x555500010800',
      ),
      [
        'brk object=1 length=135168',
        'brk object=1 length=4294901760',
        'refused object=1 request=8 length=4294901760',
        'brk object=1 length=135168',
        'brk object=1 length=69632',
      ],
    ],
    [
      'a break that lies 2 GiB away is another program’s, whose execve is not in the trace',
      lines(
        'brk(NULL) = 0x555500000000',
        'brk(0x555500001000) = 0x555500001000',
        'brk(NULL) = 0x5555a0000000',
        'brk(0x5555a0001000) = 0x5555a0001000',
      ),
      ['brk object=1 length=4096', 'brk object=1 length=0', 'brk object=2 length=4096'],
    ],
    [
      'a heap that was given back whole begins anew',
      lines(
        'brk(NULL) = 0x555500000000',
        'brk(0x555500001000) = 0x555500001000',
        'brk(0x555500000000) = 0x555500000000',
        'brk(0x555500001000) = 0x555500001000',
      ),
      ['brk object=1 length=4096', 'brk object=1 length=0', 'brk object=2 length=4096'],
    ],
    [
      'mremap of a whole mapping keeps its object',
      lines(
        mmap(A, PAGE),
        `mremap(${hex(A)}, 4096, 12288, MREMAP_MAYMOVE) = ${hex(A + 64 * PAGE)}`,
        `madvise(${hex(A + 66 * PAGE)}, 4096, MADV_DONTNEED) = 0`,
      ),
      [
        'mmap object=1 length=4096 flags=3 file=0',
        'mremap object=1 length=12288 mremapFlags=1',
        'madvise object=1 offset=8192 length=4096 advice=4',
      ],
    ],
    [
      'mremap of a part is unmapped and mapped anew',
      lines(mmap(A, 2 * PAGE), `mremap(${hex(A)}, 4096, 8192, MREMAP_MAYMOVE) = ${hex(A + 64 * PAGE)}`),
      [
        'mmap object=1 length=8192 flags=3 file=0',
        'munmap object=1 offset=0 length=4096',
        'mmap object=2 length=8192 flags=3 file=0',
      ],
    ],
    [
      'mremap that leaves the old addresses mapped',
      lines(
        mmap(A, PAGE),
        `mremap(${hex(A)}, 4096, 4096, MREMAP_MAYMOVE|MREMAP_DONTUNMAP, NULL) = ${hex(A + 64 * PAGE)}`,
        `munmap(${hex(A)}, 4096) = 0`,
      ),
      [
        'mmap object=1 length=4096 flags=3 file=0',
        'mmap object=2 length=4096 flags=3 file=0',
        'munmap object=1 offset=0 length=4096',
      ],
    ],
    [
      'mlock and munlock',
      lines(mmap(A, 2 * PAGE), `mlock(${hex(A)}, 100) = 0`, `munlock(${hex(A)}, 100) = 0`),
      [
        'mmap object=1 length=8192 flags=3 file=0',
        'mlock object=1 offset=0 length=4096',
        'munlock object=1 offset=0 length=4096',
      ],
    ],
  ])('%s', async (_, texts, expected) => {
    expect((await told(texts)).events).toEqual([...START, ...expected]);
  });

  test('mappings of 2 GiB and more become several objects', async () => {
    const { batches } = await importText(`${line(mmap(A, 5 * 2 ** 30))}\n`);
    const events = batches.flatMap((batch) => [...eventsOf(batch)].map(tell));
    expect(events.slice(2)).toEqual(
      [2 ** 31, 2 ** 31, 2 ** 30].map((length, i) => `mmap object=${i + 1} length=${length} flags=3 file=0`),
    );
  });
});

describe('what is no event has a rule', () => {
  test.each<[string, string]>([
    ['munmap(0x7e0000000000, 4096) = 0', 'call on a range where the trace maps nothing'],
    ['munmap(0x7e0000000001, 4096) = -1 EINVAL (Invalid argument)', 'munmap that failed: EINVAL'],
    ['mmap(NULL, 99, PROT_READ, MAP_PRIVATE, 3, 0) = ? <unavailable>', 'call without a result'],
    ['madvise(0x7f0000000000, 4096, MADV_DONTFORK) = 0', 'madvise without an event: MADV_DONTFORK'],
    ['brk(NULL) = 0x555500000000', 'brk that only asks'],
    ['madvise(0x7f0000000000, 4096, 0x1f /* MADV_??? */) = 0', 'madvise without an event: 0x1f'],
    ['openat(AT_FDCWD, "a) = 0", O_RDONLY) = 3', 'system call openat'],
    ['--- SIGCHLD {si_signo=SIGCHLD} ---', 'signal'],
    ['<... read resumed>"", 512) = 0', 'second half of a call whose first is not in the trace'],
    ['clone3({flags=0}, 88) = -1 ENOSYS (Function not implemented)', 'clone3 that failed: ENOSYS'],
  ])('%s', async (body, rule) => {
    const { result } = await told(lines(mmap(A, PAGE), body));
    expect(result.ignored).toEqual({ [rule]: 1 });
  });

  test('a last line without its end', async () => {
    const { result } = await importText(`${line(mmap(A, PAGE))}\n${line('mmap(NULL, 40')}`);
    expect(result).toMatchObject({ lines: 2, ignored: { 'last line, cut': 1 } });
    expect(result.warnings).toEqual([expect.stringMatching(/^line 2 has no end/)]);
  });
});

describe('errors name the line', () => {
  test.each([
    [line('mmap(NULL, 4096'), /line 2: found .*expected a line of strace/],
    [line('munmap(somewhere, 4096) = 0'), /line 2: .*expected a number as argument 1/],
    [
      'output without an end15:00:00.000000 brk(0x1000) = 0x1000',
      /line 2: .*Record again.*strace -f -tt .*-o FILE/,
    ],
  ])('%s', async (text, expected) => {
    await expect(told([line(mmap(A, PAGE)), text])).rejects.toThrow(expected);
  });

  test('a trace without any such call', async () => {
    await expect(told([line('execve("/bin/no", ["no"], 0x7f) = -1 ENOENT (No such file)')])).rejects.toThrow(
      /1 lines, none of them a call/,
    );
  });
});
