/** Mappings and references in one trace: faults with system calls, both of tracefs. */
import { describe, expect, test } from 'vitest';
import { imported, of } from './imported.ts';

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
