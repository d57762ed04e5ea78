/** Processes, threads and times of strace's lines. */
import { describe, expect, test } from 'vitest';
import { eventsOf } from '../../../core/event/batch.ts';
import { CLONE_THREAD, CLONE_VFORK, CLONE_VM } from '../../../core/event/clone-flags.ts';
import { importText } from '../../captures/program-traces.ts';
import { A, execve, hex, line, lines, mmap, PAGE, PID, START, told } from '../../support/strace-lines.ts';

describe('processes', () => {
  test('execve makes a stack and a vdso, and forgets all mappings; a failing one changes nothing', async () => {
    const failing = 'execve("/bin/no", ["no"], 0x7ffd /* 4 vars */) = -1 ENOENT (No such file or directory)';
    const { events } = await told(lines(mmap(A, PAGE), failing, execve, mmap(A, PAGE)));
    expect(events.slice(2)).toEqual([
      'mmap object=1 length=4096 flags=3 file=0',
      'exec',
      'mmap object=2 length=8388608 flags=515 file=0',
      'mmap object=3 length=8192 flags=773 file=0',
      'mmap object=4 length=4096 flags=3 file=0',
    ]);
  });

  test('a fork has a copy: what one unmaps, the other still has', async () => {
    const munmap = `munmap(${hex(A)}, 4096) = 0`;
    const { events } = await told([
      ...lines(
        mmap(A, PAGE),
        'clone(child_stack=NULL, flags=CLONE_CHILD_SETTID|SIGCHLD, child_tidptr=0x7f) = 8',
      ),
      line(munmap, 8),
      line(munmap),
      line('+++ exited with 0 +++', 8),
      line('+++ killed by SIGKILL +++'),
    ]);
    expect(events.slice(3)).toEqual([
      'fork pid=8',
      'switch pid=8',
      'munmap object=1 offset=0 length=4096',
      'switch pid=7',
      'munmap object=1 offset=0 length=4096',
      'switch pid=8',
      'exit',
      'switch pid=7',
      'exit',
    ]);
  });

  test('a thread shares: what it maps, another may unmap', async () => {
    const clone3 =
      'clone3({flags=CLONE_VM|CLONE_FS|CLONE_THREAD, child_tid=0x7f, exit_signal=0} => {parent_tid=[8]}, 88) = 8';
    const { events } = await told([
      line(clone3),
      line(mmap(A, PAGE), 8),
      line(`munmap(${hex(A)}, 4096) = 0`),
    ]);
    expect(events).toEqual([
      ...START,
      `clone pid=8 cloneFlags=${CLONE_VM | CLONE_THREAD}`,
      'switch pid=8',
      'mmap object=1 length=4096 flags=3 file=0',
      'switch pid=7',
      'munmap object=1 offset=0 length=4096',
    ]);
  });

  test('the child of a vfork has lines before the vfork returns, and its own mappings after execve', async () => {
    const { events, result } = await told([
      ...lines(mmap(A, PAGE), 'vfork( <unfinished ...>'),
      line(execve, 8),
      line('<... vfork resumed>) = 8'),
      line(`munmap(${hex(A)}, 4096) = 0`),
    ]);
    expect(events.slice(3).filter((event) => !event.startsWith('mmap'))).toEqual([
      `clone pid=8 cloneFlags=${CLONE_VM | CLONE_VFORK}`,
      'switch pid=8',
      'exec',
      'switch pid=7',
      'munmap object=1 offset=0 length=4096',
    ]);
    expect(result.ignored).toEqual({
      'first half of a call': 1,
      'second half of a call that took effect before': 1,
    });
    expect(result.processes).toBe(2);
  });

  test('a child is one of the parent that began to fork first; another that comes then is nobody’s', async () => {
    const fork = 'clone(child_stack=NULL, flags=SIGCHLD <unfinished ...>';
    const { events } = await told([line(fork), line(execve, 8), line(execve, 9)]);
    expect(events.filter((event) => /pid/.test(event))).toEqual([
      ...START,
      'fork pid=8',
      'switch pid=8',
      'spawn pid=9',
      'switch pid=9',
    ]);
  });

  test('a line to come says whose child it is: the one that the parent’s fork returns', async () => {
    const { events } = await told([
      line('clone(child_stack=NULL, flags=SIGCHLD <unfinished ...>'),
      line(execve, 8),
      line('<... clone resumed>) = 9'),
    ]);
    expect(events.filter((event) => /^(fork|spawn)/.test(event))).toEqual([
      `spawn pid=${PID}`,
      'spawn pid=8',
      'fork pid=9',
    ]);
  });

  test('a thread that calls execve goes on under the pid of its process', async () => {
    const { events } = await told([
      line('clone3({flags=CLONE_VM|CLONE_THREAD, exit_signal=0} => {parent_tid=[8]}, 88) = 8'),
      line(execve.replace(/\) = 0$/, ' <unfinished ...>'), 8),
      line('+++ superseded by execve in pid 8 +++'),
      line('<... execve resumed>) = 0'),
    ]);
    expect(events.slice(3).filter((event) => !event.startsWith('mmap'))).toEqual([
      'switch pid=8',
      'exit',
      'switch pid=7',
      'exec',
    ]);
  });

  test('a munmap whose second half comes after its addresses were given away again', async () => {
    const { events, result } = await told([
      ...lines('clone3({flags=CLONE_VM|CLONE_THREAD, exit_signal=0}, 88) = 8', mmap(A, 2 * PAGE)),
      line(`munmap(${hex(A)}, 8192 <unfinished ...>`),
      line(mmap(A, PAGE), 8),
      line('<... munmap resumed>) = 0'),
    ]);
    expect(events.slice(4)).toEqual([
      'switch pid=8',
      'munmap object=1 offset=0 length=8192',
      'mmap object=2 length=4096 flags=3 file=0',
    ]);
    expect(result.lines).toBe(5);
    expect(result.eventLines).toBe(3);
  });
});

describe('lines without a pid', () => {
  const time = '15:00:00.000000';

  test('are of the one process, which others name later; strace and the program may write between', async () => {
    const { events, result } = await told([
      `${time} ${mmap(A, PAGE)}`,
      `${time} clone(child_stack=NULL, flags=SIGCHLDstrace: Process 12 attached`,
      ', child_tidptr=0x7f65) = 12',
      'lines 4000',
      `[pid    12] ${time} +++ exited with 0 +++`,
      `[pid    11] ${time} ${mmap(A + PAGE, PAGE)}`,
      `${time} --- SIGCHLD {si_signo=SIGCHLD, si_pid=12} ---`,
      `${time} munmap(${hex(A)}, 8192) = 0`,
    ]);
    expect(events).toEqual([
      'spawn pid=11',
      'switch pid=11',
      'mmap object=1 length=4096 flags=3 file=0',
      'fork pid=12',
      'switch pid=12',
      'exit',
      'switch pid=11',
      'mmap object=2 length=4096 flags=3 file=0',
      'munmap object=1 offset=0 length=4096',
      'munmap object=2 offset=0 length=4096',
    ]);
    expect(result.ignored).toEqual({ 'first half of a call': 1, 'output of the program': 1, signal: 1 });
  });
});

describe('times', () => {
  test.each([
    ['of day, over midnight', ['23:59:59.900000', '00:00:00.100000'], 200_000_000],
    ['of day, in whole seconds', ['10:00:00', '10:00:02'], 2_000_000_000],
    ['since 1970', ['1700000000.250000', '1700000001.500000'], 1_250_000_000],
    ['a little out of order', ['10:00:01.100000', '10:00:00.900000'], 0],
  ])('%s', async (_, [first, second], expected) => {
    const texts = [line(mmap(A, PAGE), PID, first), line(mmap(A + PAGE, PAGE), PID, second)];
    const { batches } = await importText(`${texts.join('\n')}\n`);
    const events = batches.flatMap((batch) => [...eventsOf(batch)]);
    expect(events[events.length - 1]!.thinkNs).toBe(expected);
  });
});
