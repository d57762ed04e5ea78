import { describe, expect, test } from 'vitest';
import { HEAD, read, readLine } from './reading.ts';

describe('lines of other tracers, or of none', () => {
  const FOREIGN = `            bash-24475   [000] .....  1264.666734: `;
  test.each([
    [`${FOREIGN}vfs_read <-ksys_read`, 'function tracer', 24475],
    [`${FOREIGN}vfs_read+0x0/0x10 <ffffffff81> <-ksys_read+0x1/0x2 <ffffffff82>`, 'function tracer', 24475],
    [`${FOREIGN}sys_read -> 0x64`, 'system call', 24475],
    [`${FOREIGN}sys_read(fd: 3, buf: 7ffc, count: 40)`, 'system call', 24475],
    [`${FOREIGN}my_func+0x10/0x20: hello`, 'trace_printk', 24475],
    [`${FOREIGN}my_func+0x10/0x20 [mod]: hello`, 'trace_printk', 24475],
    [`${FOREIGN}`, 'text that is no tracepoint', 24475],
    [`${FOREIGN}no colon`, 'text that is no tracepoint', 24475],
    [' 0)   0.125 us    |  vfs_read();', 'function_graph', -1],
    [' 0)               |  vfs_read() {', 'function_graph', -1],
    [' ------------------------------------------', 'function_graph', -1],
    ['dear diary', 'line of no known form', -1],
    ['the second line of a marker: hello', 'line of no known form', -1],
    ['CPU:1 [LOST many EVENTS]', 'line of no known form', -1],
    ['bash   [000] .....', 'line of no known form', -1],
  ])('%j: %s', async (line, name, pid) => {
    expect(await readLine(line)).toMatchObject({ kind: 'foreign', name, pid });
  });
});

describe('lines that are no tracepoint', () => {
  test.each([
    ['# tracer: nop', { kind: 'banner' }],
    ['#           TASK-PID     CPU#  |||||  TIMESTAMP  FUNCTION', { kind: 'banner' }],
    ['cpus=2', { kind: 'banner' }],
    ['version = 7', { kind: 'banner' }],
    ['', { kind: 'blank' }],
    ['##### CPU 1 buffer started ####', { kind: 'buffer_start' }],
    [
      '# entries-in-buffer/entries-written: 497/12320   #P:2',
      { kind: 'buffer', entries: 497, written: 12320 },
    ],
    ['CPU:1 [LOST 62 EVENTS]', { kind: 'lost', cpu: 1, count: 62 }],
    ['CPU:1 [LOST EVENTS]', { kind: 'lost', cpu: 1, count: -1 }],
    ['CPU:1 [EVENTS DROPPED]', { kind: 'lost', cpu: 1, count: -1 }],
    ['tcx: CPU:1 [12 EVENTS DROPPED]', { kind: 'lost', cpu: 1, count: 12 }],
    [
      '            perf 17336 [001]  1070.976255: PERF_RECORD_LOST lost 36',
      { kind: 'lost', cpu: 1, count: 36 },
    ],
    [
      '            perf 17336 [001]  1070.976255: PERF_RECORD_LOST_SAMPLES lost 5',
      { kind: 'lost', cpu: 1, count: 5 },
    ],
    ['            bash-24475   [000] .....  1264.666734: <stack trace>', { kind: 'callchain' }],
    [' => kmem_cache_alloc', { kind: 'callchain' }],
    ['            bash-24475   [000] .....  1264.666734: <user stack trace>', { kind: 'callchain' }],
    [' =>  <00007f651666aa10>', { kind: 'callchain' }],
    ['CPU:1 [SUBBUFFER START]', { kind: 'buffer_start' }],
    ['\tffffffff81000000 x+0x1 ([kernel.kallsyms])', { kind: 'callchain' }],
    ['\t               0 [unknown] ([unknown])', { kind: 'callchain' }],
    ['        ffffffff8112ab5c kmem_cache_alloc+0x1 ([kernel.kallsyms])', { kind: 'callchain' }],
    ['                   0 [unknown] ([unknown])', { kind: 'callchain' }],
    ['<', { kind: 'page' }],
    ['\tffffffff8112ab5c kmem_cache_alloc+0x1 ([kernel.kallsyms])', { kind: 'callchain' }],
  ])('%j', async (line, fields) => {
    expect(await readLine(line)).toMatchObject({ line: 2, ...fields });
  });

  test('a last line without its end is taken as cut, not as what is there of it', async () => {
    const records = await read(
      `${HEAD}mm_page_free: page=0 pfn=0x12 order=0\n${HEAD}mm_page_free: page=0 pfn=0x1`,
    );
    expect(records.map(({ kind, line }) => [kind, line])).toEqual([
      ['mm_page_free', 1],
      ['cut', 2],
    ]);
  });
});
