/** Of a trace of whatever ran, the lines of the processes that there are snapshots of. */
import { describe, expect, test } from 'vitest';
import { captureOf } from '../../../replay/verify/index.ts';
import { linesOfTree } from '../../../replay/verify/process/tree.ts';

/** `PID WHAT`: a fault at an address, an exec, or a new task. */
const trace = (rows: readonly string[]): string =>
  rows
    .map((row) => {
      const [pid, what, of] = row.split(' ');
      const head = `   some one-${pid}   [000] d....  1.000000: `;
      if (what === 'exec') return `${head}sched_process_exec: filename=/bin/x pid=${pid} old_pid=${pid}`;
      if (what === 'makes')
        return `${head}task_newtask: pid=${of} comm=x clone_flags=1200000 oom_score_adj=0`;
      return `${head}page_fault_user: address=0x${what} ip=0x1 error_code=0x6`;
    })
    .join('\n');

const ROWS: readonly (readonly [
  name: string,
  pids: readonly number[],
  rows: readonly string[],
  left: readonly string[],
])[] = [
  [
    'a tracer and its fork before the program',
    [5],
    ['4 exec', '4 1000', '4 makes 5', '5 1000', '5 exec', '5 2000', '4 3000'],
    ['5 exec', '5 2000'],
  ],
  [
    'a child of the program is of it from the fork on',
    [5, 6],
    ['4 makes 5', '5 exec', '5 makes 6', '6 1000', '6 exec', '6 2000'],
    ['5 exec', '5 makes 6', '6 1000', '6 exec', '6 2000'],
  ],
  [
    'a thread of the program has no snapshot',
    [5],
    ['5 makes 6', '6 1000', '7 1000'],
    ['5 makes 6', '6 1000'],
  ],
  ['a process that ran before the trace', [5], ['5 1000', '6 1000'], ['5 1000']],
  ['no line is of one of them', [9], ['5 1000', '6 1000'], ['5 1000', '6 1000']],
];

describe('lines of a tree', () => {
  test.each(ROWS)('%s', (_, pids, rows, left) => {
    const comment = '# tracer: nop\n';
    expect(linesOfTree(comment + trace(rows), new Set(pids))).toBe(comment + trace(left));
  });

  test('a capture says what it left out', () => {
    const faults = { name: 'faults.txt', text: trace(['4 exec', '4 makes 5', '5 exec', '5 2000']) };
    const snapshots = { name: 'snaps.txt', text: '=== 000 exit pid 5\n--- maps\n' };
    const { files, warnings } = captureOf('x', [faults, snapshots]);
    expect(files.faults!.text).toBe(trace(['5 exec', '5 2000']));
    expect(warnings).toEqual(['faults.txt: lines of processes of which there is no snapshot are left out']);
    expect(captureOf('x', [{ ...faults, text: trace(['5 exec']) }, snapshots]).warnings ?? []).toEqual([]);
  });
});
