/** Programs under a real kernel, predicted: maps, faults, resident pages and page tables, at every mark and end. */
import { describe, expect, test } from 'vitest';
import { buildLayout, kernelNamed, type MachineOptions } from '../../../core/index.ts';
import { type ProgramVerification, snapshotsIn, verifyProgram } from '../../../replay/verify/index.ts';
import { latin1Bytes } from '../../../traces/index.ts';
import { recordingOf, USERSPACE, userspace } from '../../captures/userspace.ts';

const USUAL: MachineOptions = { thp: 'madvise', faultAroundBytes: 0x1_0000 };

const machine = (layout: string, options: MachineOptions = {}) => ({
  layout: buildLayout(layout, { ramBytes: 2n << 30n, kernel: kernelNamed('6.18')! }),
  options: { ...USUAL, ...options },
});

function verify(name: string, truth = name, options: MachineOptions = {}): Promise<ProgramVerification> {
  const capture = userspace(name);
  const [first] = snapshotsIn(userspace(truth).files.snapshots!.text);
  const is32 = first!.maps.every(({ end }) => end <= 2n ** 32n);
  const legacyMmap = truth.endsWith('-legacy');
  return verifyProgram(
    capture,
    userspace(truth),
    machine(is32 ? 'linux-3g1g-pae' : 'linux-x86_64', { ...options, legacyMmap }),
    3,
  );
}

/** What of a prediction is off, in per cent. */
const off = (predicted: number, truth: number): number => (100 * Math.abs(predicted - truth)) / truth;

/** Of the recording that verify takes first, under the layout that the truth is of. */
const RUNS = USERSPACE.map(({ name }): [string, string] => {
  const other = name.replace(/-legacy$/, '');
  return [USERSPACE.some((capture) => capture.name === other) ? other : name, name];
});

describe.each(RUNS)('%s, against %s', (name, truth) => {
  const verified = verify(name, truth);

  test('maps to the line, page tables to the byte', async () => {
    const { mapsLines, mapsRight, pteKb, pteKbPredicted, snapshotsWithoutMoment } = await verified;
    expect(snapshotsWithoutMoment).toEqual([]);
    expect(mapsRight).toBeGreaterThanOrEqual(0.99 * mapsLines);
    expect(pteKbPredicted).toBe(pteKb);
  });

  test('faults to 3 %', async () => {
    const { faults, faultsPredicted } = await verified;
    expect(off(faultsPredicted, faults)).toBeLessThanOrEqual(3);
  });
});

describe('all together', () => {
  const all = Promise.all(RUNS.map(([name, truth]) => verify(name, truth)));
  const total = async (of: 'faults' | 'faultsPredicted' | 'rssKb' | 'rssKbPredicted'): Promise<number> =>
    (await all).reduce((sum, each) => sum + each[of], 0);

  test('faults to 1 %, resident pages to 2 %', async () => {
    expect(off(await total('faultsPredicted'), await total('faults'))).toBeLessThanOrEqual(1);
    expect(off(await total('rssKbPredicted'), await total('rssKb'))).toBeLessThanOrEqual(2);
  });
});

test('the fault trace predicts its own run, and without fault-around it is far off', async () => {
  const { lackey: _, ...files } = userspace('true').files;
  const capture = { name: 'true', files };
  const of = (faultAroundBytes: number) =>
    verifyProgram(capture, capture, machine('linux-x86_64', { faultAroundBytes }), 0);
  expect(await of(0x1_0000)).toMatchObject({
    format: 'fault-trace',
    faults: 45,
    faultsPredicted: 45,
    rssKb: 1128,
  });
  const { rssKbPredicted } = await of(0);
  expect(rssKbPredicted).toBeLessThan(300);
});

test('what is wrong is told: lines, figures, pages', async () => {
  const capture = userspace('true');
  const result = await verifyProgram(capture, capture, machine('linux-x86_64', { legacyMmap: true }), 2);
  const kinds = result.disagreements.map(({ what }) => what);
  expect(kinds.filter((what) => what === 'maps')).toHaveLength(2);
  expect(kinds).toContain('pte');
  expect(result.faultsByMapping.find(({ mapping }) => mapping === 'libc.so.6')).toMatchObject({
    faultsPredicted: 0,
  });
});

test('valgrind has a heap of 8 MiB: where a brk failed there, or several programs ran, the faults are taken', () => {
  const { files } = userspace('true');
  const refused = 'SYSCALL[7,1](12) sys_brk ( 0x4835000 ) --> [pre-success] Success(0x4834000) \n';
  const with_ = (changed: object) => recordingOf({ name: 'x', files: { ...files, ...changed } })!.format;
  expect(with_({})).toBe('lackey');
  expect(with_({ lackey: { name: 'l', text: files.lackey!.text + refused } })).toBe('fault-trace');
  const alone = files.faults!.text.replace(/^.*: sys_.*\n/gm, '');
  const full = { name: 'l', text: files.lackey!.text + refused };
  expect(with_({ lackey: full, faults: { name: 'f', text: alone } })).toBe('lackey');
  const again = files.faults!.text.split('\n').find((line) => line.includes('sched_process_exec'))!;
  expect(with_({ faults: { name: 'f', text: `${files.faults!.text}${again}\n` } })).toBe('fault-trace');
});

test('of resident pages the mappings are told that they are missing in', async () => {
  const capture = userspace('true');
  const { disagreements } = await verifyProgram(capture, capture, machine('linux-x86_64'), 9);
  expect(disagreements.filter(({ what }) => what === 'smaps')).toContainEqual({
    what: 'smaps',
    at: 'exit 000 of process 29619, r-xp of libc.so.6',
    truth: '668 kB resident',
    predicted: '604 kB',
  });
});

test('a capture without a recording, and one without its truth, say what is missing', async () => {
  const { snapshots, segments, lackey, faults } = userspace('true').files;
  const nothing = { name: 'x', files: { snapshots: snapshots! } };
  const half = { name: 'x', files: { lackey: lackey! } };
  const blind = { name: 'x', files: { lackey: lackey!, segments: segments! } };
  const told = (capture: typeof half | typeof blind | typeof nothing) =>
    verifyProgram(capture, capture, machine('linux-x86_64'), 0);
  await expect(told(nothing)).rejects.toThrow(
    /neither a lackey trace with system calls nor a trace of page faults/,
  );
  await expect(told(half)).rejects.toThrow(
    /without what execve mapped: expected the output of valgrind -d -d/,
  );
  await expect(told(blind)).rejects.toThrow(/found no snapshots, expected what the kernel really did/);
  expect(latin1Bytes(faults!.text).length).toBeGreaterThan(0);
});
