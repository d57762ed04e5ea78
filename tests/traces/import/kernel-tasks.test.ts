/** Tasks, cpus and times of a kernel's tracepoints. */
import { describe, expect, test } from 'vitest';
import { eventsOf } from '../../../core/event/batch.ts';
import { alloc, at, importLines } from '../../support/kernel-lines.ts';

describe('tasks and time', () => {
  const ON_1 = { cpu: 1, pid: 8 };

  test('a task is spawned when it is first seen, and switched to where it runs; idle is no task', async () => {
    const body = 'kfree: call_site=f ptr=0';
    const lines = [7, 8, 7, 0, 0, 8].map((pid) => at(1, body, { pid }));
    const { told, result } = await importLines([...lines, at(1, body, ON_1), alloc(5)]);
    const pids = [
      'spawn pid=7',
      'switch pid=7',
      'spawn pid=8',
      'switch pid=8',
      'switch pid=7',
      'switch pid=0',
      'switch pid=8',
    ];
    expect(told).toEqual([...pids, 'switch pid=8', 'switch pid=7', 'page_alloc object=1 order=0']);
    expect(result.processes).toBe(2);
  });

  test('lines of sched say who begins, gets another program, and ends', async () => {
    const fork = (child: number): string =>
      `sched_process_fork: comm=a pid=1 child_comm=b: pid=3 child_pid=${child}`;
    const exec = 'sched_process_exec: filename=/bin/ls pid=8 old_pid=8';
    const exit = 'sched_process_exit: comm=ls pid=8 prio=120 group_dead=true';
    const { told, result } = await importLines([
      alloc(5),
      at(1, fork(8)),
      at(2, exec, ON_1),
      at(3, exit, ON_1),
      // It frees its last pages behind that line.
      at(3, 'mm_page_free: page=1 pfn=5 order=0', ON_1),
      // A number that comes again, and a child that was seen already.
      at(4, fork(8)),
      at(4, fork(8)),
      at(5, 'kfree: call_site=f ptr=0', ON_1),
      at(6, 'sched_process_exit: comm=swapper pid=0 prio=120', { pid: 0 }),
    ]);
    expect(told.slice(2)).toEqual([
      'page_alloc object=1 order=0',
      'spawn pid=8',
      'switch pid=8',
      'exec',
      'exit',
      'page_free object=1',
      'spawn pid=8',
      'switch pid=8',
      'switch pid=0',
    ]);
    expect(result.ignored).toEqual({
      'fork of a task that was seen before': 1,
      'kfree(NULL)': 1,
      'end of a task that is not told': 1,
    });
  });

  test('a trace of sched alone has nothing of memory', async () => {
    const lines = [at(1, 'sched_process_exit: comm=ls pid=7 prio=120'), at(2, 'sched_switch: x')];
    await expect(importLines(lines)).rejects.toMatchObject({
      found: '2 lines, none of them an allocation or a free',
    });
  });

  test('think time is what passed on the cpu since its last event, or since the trace began', async () => {
    const lines = [
      at(10, 'kfree: call_site=f ptr=0'),
      at(13, 'mm_page_alloc: page=1 pfn=5 order=0 migratetype=0 gfp_flags=GFP_KERNEL'),
      at(14, 'rss_stat: x'),
      at(15, 'mm_page_free: page=1 pfn=5 order=0', ON_1),
      at(18, 'mm_page_free: page=1 pfn=6 order=0'),
      // stamps of merged cpus may go back
      at(16, 'mm_page_free: page=1 pfn=7 order=0'),
      at(19, 'mm_page_free: page=1 pfn=8 order=0'),
    ];
    const { batches } = await importLines(lines);
    const times = batches
      .flatMap((batch) => [...eventsOf(batch)])
      .map(({ kind, cpu, thinkNs }) => `${kind} ${cpu} ${thinkNs}`);
    expect(times).toEqual([
      'spawn 0 0',
      'switch 0 0',
      'page_alloc 0 3000',
      'spawn 1 5000',
      'switch 1 0',
      'page_free 1 0',
      'page_alloc 0 5000',
      'page_free 0 0',
      'page_alloc 0 0',
      'page_free 0 0',
      'page_alloc 0 1000',
      'page_free 0 0',
    ]);
  });

  test('a wait longer than an event can carry is cut, with a warning', async () => {
    const { batches, result } = await importLines([
      alloc(5),
      at(10_000_001, 'mm_page_free: page=1 pfn=5 order=0'),
    ]);
    expect(batches[0]!.thinkNs[3]).toBe(2 ** 32 - 1);
    expect(result.warnings).toEqual([expect.stringContaining('5.7 s')]);
  });

  test('cpus that an event cannot name are an error', async () => {
    const many = alloc(5).replace('[000]', '[256]');
    await expect(importLines([alloc(5), many])).rejects.toMatchObject({ line: 2, found: 'cpu 256' });
    expect((await importLines([alloc(5), alloc(6).replace('[000]', '[255]')])).result.notes).toMatchObject({
      cpus: 256,
    });
  });
});
