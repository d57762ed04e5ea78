/** vmsplit verify pressure: captures of kernels short of memory, exit codes, JSON, mistakes. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { pressureCaptures } from '../../../replay/cli/files/pressure-captures.ts';
import {
  pressureVerification,
  pressureVerificationText,
  verifyPressure,
} from '../../../replay/verify/index.ts';
import { atDepth, FULL } from '../../support/depth.ts';
import { json, temporaryFolder, vmsplit } from './vmsplit.ts';

const FOLDER = 'tests/fixtures/pressure';

/** What the captured program does until its first mark. */
const UNTIL_HALF = 'begin start\nprocess swap\nanon anon N+M\nwrite anon 0 N/2+1\nmark half\n';

interface Figure {
  readonly mark: string;
  readonly what: string;
  readonly truth: string;
  readonly predicted: string;
  readonly range?: readonly [number, number];
  readonly percent: number;
}

async function figuresOf(capture: string): Promise<Figure[]> {
  const { captures } = json(await vmsplit(`verify pressure ${FOLDER}/${capture} --json`)) as {
    captures: { figures: Figure[] }[];
  };
  return captures[0]!.figures;
}

function written(name: string, text: string): string {
  const file = join(temporaryFolder(), name);
  writeFileSync(file, text);
  return file;
}

describe('verify pressure', () => {
  test('a table of figures by mark, the first that disagrees, and who was killed', async () => {
    const { code, out, err } = await vmsplit(`verify pressure ${FOLDER}/oom-256m --at-least 1`, {
      columns: 80,
    });
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^oom-256m, scn=oom on linux-x86_64-la57$/m);
    expect(out).toMatch(/^holders +pages out +0 +0 +100\.00 %$/m);
    expect(out).toMatch(/^ {2}killed: holder_3, another; predicted holder_3, eater$/m);
    expect(out).toMatch(/^agrees: every figure at 1 % or above$/m);
    expect(out).toMatch(/^reproduce: vmsplit verify pressure \S+oom-256m --at-least 1$/m);
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  test.runIf(FULL)(
    'low memory that sockets eat: high memory is killed for in vain, in the captured order',
    async () => {
      const killed = (await figuresOf('lowmem-1280m')).find(({ what }) => what === 'killed')!;
      expect(killed).toMatchObject({ predicted: 'holder_3, holder_0, holder_1, sockets', percent: 100 });
    },
  );

  test('swapped pages: who goes in which order, and how far a count goes with the disk', async () => {
    // The text and the figures of one verification, which plays the capture with three disks.
    const script = FULL ? undefined : written('half.txt', UNTIL_HALF);
    const verified = (await pressureCaptures([`${FOLDER}/swap-128m`], script)).map(verifyPressure);
    const text = pressureVerificationText(pressureVerification(verified, undefined), { width: 80 });
    expect(text).toMatch(/^mark +what +kernel +vmsplit +other disks +right$/m);
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);

    const { figures } = verified[0]!;
    const order = figures.filter(({ what }) => what === 'victims in order');
    expect(order.length).toBe(atDepth({ quick: 1, full: 4 }));
    for (const { percent } of order) expect(percent).toBeGreaterThan(98.5);
    for (const { truth, predicted } of figures.filter(({ what }) => what === 'first victim'))
      expect(Math.abs(Number(truth) - Number(predicted))).toBeLessThanOrEqual(1);
    const paged = figures.filter(({ what }) => what === 'pages out');
    for (const { truth, predicted, range } of paged) {
      expect(Math.abs(Number(predicted) / Number(truth) - 1)).toBeLessThan(0.1);
      expect([range![0], Number(predicted), range![1]].toSorted((a, b) => a - b)[1]).toBe(Number(predicted));
    }
  });

  test('steps of a program with huge pages, each with what it changed', async () => {
    const { code, out } = await vmsplit(`verify pressure ${FOLDER}/thp-640m-pae`, { columns: 80 });
    expect(code).toBe(0);
    expect(out).toMatch(
      /^step 9 +thp_split_pmd +1 +1 +100\.00 %\n +AnonHugePages +-2048 +-2048 +100\.00 %$/m,
    );
    expect(out).toMatch(/^step 15 +thp_collapsed +2 +2 +100\.00 %$/m);
    expect(out).toMatch(/^step 17 +thp_scan_exceed_none_pte +56 +\d+ +100\.00 %$/m);
  });

  const right: [capture: string, predicted: Record<string, string>][] = [
    ['isolated-160m', { 'kernel half': '10', 'shared tables': '6 4 4 0', 'global pages': '9' }],
    ['bounce-192m', { bounces: '78', 'sizes in order': '78' }],
    ['oom-256m', { 'direct reclaims': '34', 'kswapd runs': '16' }],
  ];
  test.each(right.slice(0, atDepth({ quick: 2, full: right.length })))(
    '%s: each figure is right',
    async (capture, expected) => {
      const figures = await figuresOf(capture);
      const predicted = Object.fromEntries(figures.map((figure) => [figure.what, figure.predicted]));
      expect(predicted).toMatchObject(expected);
      expect(figures.filter(({ percent }) => percent < 100)).toEqual([]);
    },
  );

  test('compaction: what those moved who had to, up to what kcompactd moved beside them; 1 for what is below its bar', async () => {
    const line = `verify pressure ${FOLDER}/compact-256m --at-least 100`;
    const { code, out } = await vmsplit(line, { columns: 80 });
    expect(code).toBe(1);
    expect(out).toMatch(/^ +compaction stalls +10 +9 +100\.00 %$/m);
    expect(out).toMatch(/^ +pages migrated +1,216-2839 +\d,\d+ +8\d\.\d % +< 100$/m);
    expect(out).toMatch(/first disagreement: pages migrated at huge/);
    expect(out).toMatch(/^disagrees: below 100 % in compact-256m$/m);
  });

  test('a script of a person instead of the program', async () => {
    const script = written('nothing.txt', 'begin begin\nprocess idle\nmark holders\n');
    const { out } = await vmsplit(`verify pressure ${FOLDER}/oom-256m --script ${script}`);
    expect(out).toMatch(/^oom-256m, \S+nothing\.txt on /m);
    expect(out).toMatch(/--script \S+nothing\.txt$/m);
  });

  const elsewhere = process.env.VMSPLIT_PRESSURE;
  test.skipIf(elsewhere === undefined)('captures elsewhere agree', async () => {
    expect((await vmsplit(`verify pressure ${elsewhere}`)).out).toMatch(/^agrees: /m);
  });

  test.each([
    ['verify pressure DIR', /found no dumps \('### MARK name'\), expected a folder with a capture/],
    [`verify pressure ${FOLDER} --snapshot x`, /--snapshot is of verify kernel/],
    [`verify pressure ${FOLDER} --ram 1G`, /verify pressure: found ram, which is of verify process/],
    [`verify process tests/fixtures/userspace/true --script x`, /--script is of verify pressure/],
    [`verify kernel tests/fixtures/kernel/buddy/trace.txt.gz --script x`, /--script is of verify pressure/],
    ['verify pressure tests/no-such-folder', /cannot be read, expected a folder with a capture/],
  ])('%s is wrong use', async (line, message) => {
    const { code, err } = await vmsplit(line.replace('DIR', temporaryFolder()));
    expect(code).toBe(2);
    expect(err).toMatch(message);
  });
});
