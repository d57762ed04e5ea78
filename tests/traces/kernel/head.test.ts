import { describe, expect, test } from 'vitest';
import { PERF, read, readLine } from './reading.ts';

describe('what stands before the tracepoint', () => {
  const EVENT = 'mm_page_free: page=0x1 pfn=0x1 order=0';
  const readers = {
    ftrace: (head: string) => readLine(head + EVENT),
    perf: async (head: string) => (await read(`${PERF}x: y\n${head}${EVENT}\n`))[1],
  };
  test.each<[keyof typeof readers, string, string, number, number, number]>([
    ['ftrace', '   my app-2 v1-21342   [001] d....  1183.935516: ', 'my app-2 v1', 21342, 1, 1183935516000],
    ['ftrace', '     x [y] (z)-7       [000] d..3.     0.000001: ', 'x [y] (z)', 7, 0, 1000],
    [
      'ftrace',
      '  a-1 [000] 1.0:-9      [127] ..... 99999.999999: ',
      'a-1 [000] 1.0:',
      9,
      127,
      99999999999000,
    ],
    ['ftrace', '          <idle>-0       [000] d.s.1   997.910224: ', '<idle>', 0, 0, 997910224000],
    ['ftrace', '          häher-5       [000] .....   997.910224: ', 'häher', 5, 0, 997910224000],
    // options record-tgid, noirq-info, nanoseconds, flags of older kernels, a number of seven digits
    ['ftrace', '            bash-24475   (  24475) [000] .....  1.000000: ', 'bash', 24475, 0, 1e9],
    ['ftrace', '            bash-24475   (-------) [000] .....  1.000000: ', 'bash', 24475, 0, 1e9],
    ['ftrace', '            bash-24475   [000]  1.000000: ', 'bash', 24475, 0, 1e9],
    ['ftrace', '            bash-24475   [000] d..1  1.000000001: ', 'bash', 24475, 0, 1000000001],
    ['ftrace', '            bash-4194303 [000] d..1  1.5: ', 'bash', 4194303, 0, 1.5e9],
    // blanks at the start taken away
    ['ftrace', 'bash-24475   [000] .....  1.000000: ', 'bash', 24475, 0, 1e9],
    ['ftrace', 'my app-2 v1-21342 [000] .....  1.000000: ', 'my app-2 v1', 21342, 0, 1e9],
    ['ftrace', 'a-1 [000] b-9 [001] .....  1.000000: ', 'a-1 [000] b', 9, 1, 1e9],
    // latency-format, verbose too; what ftrace_dump_on_oops leaves in the kernel log
    ['ftrace', '    bash-1994      0d..2.   12us+: ', 'bash', 1994, 0, 12000],
    ['ftrace', '    bash-1994    12...1 1234us : ', 'bash', 1994, 12, 1234000],
    ['ftrace', '  <idle>-0         0.Ns..    0us!: ', '<idle>', 0, 0, 0],
    [
      'ftrace',
      '            bash    1994   3 1 00000001 00000007 [000004f3] 0.012ms (+0.005ms): ',
      'bash',
      1994,
      3,
      0x4f3 * 1000,
    ],
    ['ftrace', '[   23.456789]     bash-1994    0d..2 1264666734us : ', 'bash', 1994, 0, 1264666734000],
    // function_graph prints events as comments
    ['ftrace', ' 12.000001 |   3)    bash-1994   |               |  /* ', '', 1994, 3, 12000001000],
    [
      'perf',
      '     my app-2 v1 16692 [000]  2046.943299:           kmem:',
      'my app-2 v1',
      16692,
      0,
      2046943299000,
    ],
    ['perf', ' kworker/0:1-eve    11 [000]  2046.943299: kmem:', 'kworker/0:1-eve', 11, 0, 2046943299000],
    ['perf', '            conf 17336/17337 [001]  1.000000001: kmem:', 'conf', 17337, 1, 1000000001],
    ['perf', 'my app 16692 [001]  1.000000: kmem:', 'my app', 16692, 1, 1e9],
    ['perf', '        a 1 [000] 16692 [001]  1.000000: kmem:', 'a 1 [000]', 16692, 1, 1e9],
    // no line of a callchain, in columns or not
    ['perf', '            beef 17336 [001]  1.000000: kmem:', 'beef', 17336, 1, 1e9],
    ['perf', '  beef 17336/17337 [001]  1.000000: kmem:', 'beef', 17337, 1, 1e9],
    // -F with less, or more
    ['perf', '            bash   17336  1.000001: kmem:', 'bash', 17336, -1, 1000001000],
    ['perf', '            bash   17336 kmem:', 'bash', 17336, -1, -1],
    ['perf', '            bash   17336 [001] kmem:', 'bash', 17336, 1, -1],
    ['perf', '            bash 17336/17337  [001]  1.000001:          1 kmem:', 'bash', 17337, 1, 1000001000],
    ['perf', '            bash  1.000001: kmem:', 'bash', -1, -1, 1000001000],
    ['perf', '             a-1  1.000001:          1 kmem:', 'a-1', -1, -1, 1000001000],
    ['perf', '            bash          1 kmem:', 'bash', -1, -1, -1],
    ['perf', '            bash   17336          1 kmem:', 'bash', 17336, -1, -1],
    ['perf', '             a-1   17336 kmem:', 'a-1', 17336, -1, -1],
    ['perf', '  17336 [001]  1.000001: kmem:', '', 17336, 1, 1000001000],
    ['perf', '      7 [000]     1.000001: kmem:', '', 7, 0, 1000001000],
    ['perf', '  17336/17337  [001]  1.000001: kmem:', '', 17337, 1, 1000001000],
    ['perf', '[001]  1.000001: kmem:', '', -1, 1, 1000001000],
    ['perf', '    1.000001: kmem:', '', -1, -1, 1000001000],
    ['perf', '         1 kmem:', '', -1, -1, -1],
    ['perf', 'kmem:', '', -1, -1, -1],
    // perf script -g: the name is not padded
    ['perf', 'my app 3 16692  1.000001: kmem:', 'my app 3', 16692, -1, 1000001000],
    ['perf', 'kworker/0:1-eve 11 [000]  1.000001: kmem:', 'kworker/0:1-eve', 11, 0, 1000001000],
  ])('%s: %j', async (reader, head, comm, pid, cpu, timeNs) => {
    expect(await readers[reader](head)).toMatchObject({
      kind: 'mm_page_free',
      comm,
      pid,
      cpu,
      timeNs,
      pfn: 1,
    });
  });

  test.each([
    ['            bash-21125 [001]  1156.797015: ', 'bash', 21125, 1],
    ['tcx:             bash-20851 [001]  1130.705062: ', 'bash', 20851, 1],
    ['other:     my: app-2 v1-20851 [001]  1130.705062: ', 'my: app-2 v1', 20851, 1],
    // -l, -R, --ts-diff, and what 3.x prints of itself
    ['    bash-21125   1d..1. 1156.797015: ', 'bash', 21125, 1],
    ['            bash-21125 [001]-0x1 1156.797015: ', 'bash', 21125, 1],
    ['            bash-21125 [001] ..... 1156.797015: (+12)    ', 'bash', 21125, 1],
    ['            bash-21125 [001]  1156.797015:          ', 'bash', 21125, 1],
    ['            bash-21125 [001]  115679:  ', 'bash', 21125, 1],
  ])('trace-cmd report: %j', async (head, comm, pid, cpu) => {
    const records = await read(`cpus=2\n${head}${EVENT}\n${head}${EVENT}\n`);
    expect(records.slice(1)).toMatchObject([
      { kind: 'mm_page_free', comm, pid, cpu },
      { kind: 'mm_page_free', comm, pid, cpu },
    ]);
  });

  test.each([
    // the clocks counter, uptime and x86-tsc
    ['            bash-24475   [000] .....    123456: ', true, -1],
    ['            bash-24475   [000] .....  1264.000000: ', false, 1264e9],
    ['kmem:', false, -1],
  ])('%j: ticks are no time', async (head, hasTicks, timeNs) => {
    expect(await readLine(head + EVENT)).toMatchObject({ kind: 'mm_page_free', hasTicks, timeNs });
  });

  test.each([
    ['            bash-24475   [000] .....  1264.000000: ', false],
    ['            bash-24475   [000] d....  1264.000000: ', false],
    ['            bash-24475   [000] ..s2.  1264.000000: ', true],
    ['            bash-24475   [000] d.h..  1264.000000: ', true],
    ['    bash-24475    0d.s2.   12us : ', true],
    ['            bash-24475 [000]  1264.000000: ', false],
  ])('%j: an interrupt at work', async (head, inInterrupt) => {
    expect(await readLine(head + EVENT)).toMatchObject({ kind: 'mm_page_free', inInterrupt });
  });

  test.each([
    'bash-24475   [000] .....  1264.1234567890: mm_page_free: page=0 pfn=0x1 order=0',
    'bash-24475   [zero] .....  1264.5: mm_page_free: page=0 pfn=0x1 order=0',
    'x mm_page_alloc: page=0 pfn=0x1 order=0 migratetype=0 gfp_flags=none',
  ])(
    '%j says an event that is read, and does not say it right: an error with its line number',
    async (line) => {
      await expect(readLine(line)).rejects.toMatchObject({ name: 'ImportError', line: 2 });
    },
  );
});
