/** status and smaps_rollup, against those of real processes whose faults were recorded. */
import { describe, expect, test } from 'vitest';
import { type Batch, sliceBatch } from '../../../core/event/batch.ts';
import { fold } from '../../../core/fold/fold.ts';
import { bootMachine, buildLayout, kernelNamed } from '../../../core/index.ts';
import { viewNamed } from '../../../replay/views/index.ts';
import { formatStatus, importTrace, parseSmaps, parseStatus, type TraceMark } from '../../../traces/index.ts';
import { recordingOf, userspace } from '../../captures/userspace.ts';
import { inBlocks } from '../../traces/support.ts';

/** The machine at the first snapshot, as the faults of the run bring it there, and the status that the kernel told then. */
async function atFirstMark(name: string) {
  const { lackey: _, ...files } = userspace(name).files;
  const { trace, beside } = recordingOf({ name, files })!;
  const batches: Batch[] = [];
  const write = async (batch: Batch): Promise<void> => void batches.push(batch);
  const blocks = inBlocks(Buffer.from(trace.text, 'latin1'), 1 << 16);
  const { notes } = await importTrace({ name: trace.name, blocks, beside }, { write });
  const [mark] = notes!.marks as TraceMark[];
  const layout = buildLayout('linux-x86_64', { ramBytes: 1n << 30n, kernel: kernelNamed('6.18')! });
  let machine = bootMachine(layout, { faultAroundBytes: 0x1_0000, thp: 'madvise' });
  let left = mark!.event;
  for (const batch of batches) {
    machine = fold(machine, sliceBatch(batch, 0, Math.min(left, batch.count))).machine;
    left -= Math.min(left, batch.count);
  }
  const real = /^--- status\n([\s\S]*?)^--- /m.exec(files.snapshots!.text)![1]!;
  return { machine, pid: mark!.pid, real: parseStatus(real) };
}

describe.each(['true', 'memdance', 'threads', 'hugepage'])('%s', (name) => {
  const captured = atFirstMark(name);

  test('has the status that the kernel told', async () => {
    const { machine, pid, real } = await captured;
    const status = parseStatus(viewNamed('status', pid).text(machine));
    const names = [
      'VmPeak',
      'VmSize',
      'VmLck',
      'VmPin',
      'VmHWM',
      'VmRSS',
      'RssAnon',
      'RssFile',
      'RssShmem',
      'VmData',
      'VmStk',
      'VmExe',
      'VmLib',
    ];
    for (const each of [...names, 'VmPTE', 'VmSwap', 'Threads'])
      expect([each, status[each]]).toEqual([each, real[each]]);
  });

  test('smaps_rollup is the sum of smaps', async () => {
    const { machine, pid } = await captured;
    const [rollup, ...others] = parseSmaps(viewNamed('smaps_rollup', pid).text(machine));
    const mappings = parseSmaps(viewNamed('smaps', pid).text(machine));
    expect(others).toEqual([]);
    for (const field of ['Rss', 'Anonymous', 'Private_Dirty', 'Shared_Clean', 'AnonHugePages'])
      expect(rollup!.kb[field]).toBe(mappings.reduce((sum, { kb }) => sum + kb[field]!, 0));
    const { Pss, Pss_Anon, Pss_File, Pss_Shmem } = rollup!.kb;
    expect(Math.abs(Pss! - Pss_Anon! - Pss_File! - Pss_Shmem!)).toBeLessThan(3);
    expect(rollup).toMatchObject({ permissions: '---p', name: '[rollup]', vmFlags: [] });
  });
});

test('a status is read and written as the kernel writes it', async () => {
  const text = 'Name:\ttrue\nVmRSS:\t    1128 kB\nThreads:\t1\n';
  expect(formatStatus(parseStatus(text))).toBe(text);
  expect(() => parseStatus('VmRSS 1128')).toThrow(/expected 'VmRSS/);
});
