/** --fail-on: one rule for the exit codes of all that replays, so that a run can be bisected with. */
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { atDepth } from '../../support/depth.ts';
import { json, recordedDrivers, vmsplit } from './vmsplit.ts';

/** 196 allocations fail under 3G/1G, none with more vmalloc space. */
const CROWDED = 'workload:drivers --events 20000 --set plugNs=0 --set jobs=1000000000';
const ROOMY = `${CROWDED} --vmalloc 400M`;
const CALM = 'workload:drivers --events 2000';

describe('the exit code', () => {
  it.each([
    // replay tells what happened: that events fail is no failure of the run, unless asked
    [`replay ${CROWDED}`, 0],
    [`replay ${CROWDED} --fail-on never`, 0],
    [`replay ${CROWDED} --fail-on incomplete`, 0],
    [`replay ${CROWDED} --fail-on failure`, 1],
    [`replay ${ROOMY} --fail-on failure`, 0],
    // several layouts: one failure is enough
    [`replay ${CROWDED} --layouts linux-3g1g:vmalloc=400M,linux-3g1g --fail-on failure`, 1],
    [`replay ${CROWDED} --layouts linux-3g1g:vmalloc=400M,linux-3g1g --fail-on difference`, 1],
    // diff tells whether anything differs
    [`diff ${CROWDED}`, 1],
    [`diff ${CROWDED} --fail-on difference`, 1],
    [`diff ${CROWDED} --fail-on never`, 0],
    [`diff ${CALM}`, 0],
    [`diff ${CALM} --fail-on failure`, 0],
    // the machine at a moment: what failed until then
    [`at ${CROWDED} buddyinfo`, 0],
    [`at ${CROWDED} buddyinfo --fail-on failure`, 1],
    [`at ${CROWDED} buddyinfo --fail-on failure --event 100`, 0],
  ])('of %s is %i', async (line, code) => {
    expect((await vmsplit(line)).code).toBe(code);
  });

  it.each([
    [`replay ${CALM} --fail-on difference`, /found one layout, expected two or more to compare/],
    [`replay ${CALM} --fail-on often`, /Allowed choices are never, incomplete, failure, difference/],
    [`at ${CALM} buddyinfo --fail-on difference`, /Allowed choices are never, incomplete, failure\./],
  ])('of %s is 2', async (line, message) => {
    expect(await vmsplit(line)).toMatchObject({ code: 2, err: expect.stringMatching(message) });
  });
});

describe('a trace that is cut', () => {
  const traces = async (): Promise<{ whole: string; cut: string }> => {
    const whole = await recordedDrivers('--events 3000 --batch 1000');
    const bytes = readFileSync(whole);
    writeFileSync(`${whole}.cut`, bytes.subarray(0, bytes.length - 1000));
    return { whole, cut: `${whole}.cut` };
  };

  const COMMANDS = atDepth({ quick: ['diff'], full: ['replay', 'diff', 'info'] });
  it.each(COMMANDS)('is no whole answer of %s', async (command) => {
    const { whole, cut } = await traces();
    const part = await vmsplit(`${command} ${cut} --json`);
    expect([part.code, json(part).complete]).toEqual([1, false]);
    const all = await vmsplit(`${command} ${whole} --json`);
    expect([all.code, json(all).complete]).toEqual([0, true]);
  });

  const LINES = ['replay FILE', 'diff FILE', 'info FILE', 'at FILE buddyinfo'];
  it.each(LINES.slice(0, atDepth({ quick: 1, full: LINES.length })))('of %s', async (line) => {
    const { whole, cut } = await traces();
    const code = async (file: string, options: string): Promise<number> =>
      (await vmsplit(`${line.replace('FILE', file)} ${options}`)).code;
    expect(await code(cut, '')).toBe(1);
    expect(await code(cut, '--fail-on incomplete')).toBe(1);
    expect(await code(cut, '--fail-on never')).toBe(0);
    expect(await code(whole, '')).toBe(0);
  });

  it.each(['--fail-on failure', '--fail-on difference'])('counts beside %s', async (option) => {
    const { cut } = await traces();
    expect((await vmsplit(`diff ${cut} ${option}`)).code).toBe(1);
  });
});
