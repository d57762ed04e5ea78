/** The comparison with C: that both do the same work, and what is told of the ratios. Nothing is timed here. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Inputs } from '../../bench/inputs/inputs.ts';
import {
  changeOf,
  type LimitResult,
  type LimitRun,
  notices,
  ratioText,
  readBaseline,
} from '../../bench/limit/baseline.ts';
import { build, type Compiler, findCompiler, NoCompiler } from '../../bench/limit/compiler.ts';
import { Contestant } from '../../bench/limit/contestant.ts';
import { agree } from '../../bench/limit/limit.ts';
import { inTurn, type Spread, spreadOf, standings } from '../../bench/limit/rounds.ts';
import { limitRows } from '../../bench/limit/rows/index.ts';
import { limitText } from '../../bench/limit/text.ts';
import { FULL } from '../support/depth.ts';

const compiler = findCompiler(process.env);
const noCompiler = compiler instanceof NoCompiler ? compiler.word : undefined;

const folder = mkdtempSync(join(tmpdir(), 'vmsplit-limit-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Long enough that every way through a program is taken. */
const SHORT = { references: 2 ** 16, blockOperations: 2 ** 15, kmallocOperations: 2 ** 15, holds: 2 ** 13 };
/** All, or those that show of each C program what it does. */
const rows = limitRows(SHORT).filter(
  ({ program }, i, all) => FULL || all.findIndex((row) => row.program === program) === i,
);
const inputs = new Inputs(1, resolve('tests/fixtures/lackey/true.lackey.gz'));

const built = new Map<string, Promise<string>>();

function builtOnce(program: string): Promise<string> {
  if (!built.has(program)) built.set(program, build(compiler as Compiler, program, folder));
  return built.get(program)!;
}

describe.skipIf(noCompiler)(`C and TypeScript do the same work ${noCompiler ?? ''}`, () => {
  it.each(rows.map((row) => [row.name, row] as const))('%s', async (name, row) => {
    const path = await builtOnce(row.program);
    const input = join(folder, 'input');
    if (row.file !== undefined) writeFileSync(input, await row.file(inputs));
    const c = await Contestant.start(name, path, row.file === undefined ? row.args : [input, ...row.args]);
    try {
      expect(c.check).not.toBe('');
      for (const entrant of row.entrants) {
        const { check } = await entrant.prepare(inputs);
        expect({ [entrant.name]: (await check?.()) ?? c.check }).toEqual({ [entrant.name]: c.check });
      }
      expect(await c.turn(1)).toBeGreaterThan(0);
    } finally {
      await c.stop();
    }
  });
});

describe('who has no C compiler', () => {
  it.each([
    [{ PATH: folder }, 'no C compiler found (tried cc, gcc, clang)'],
    [{ PATH: folder, CC: 'no-such-cc' }, "no C compiler found (tried $CC, which is 'no-such-cc')"],
  ])('is told so: %o', (env, word) => {
    expect(findCompiler(env)).toMatchObject({ word: expect.stringContaining(word) });
  });
});

describe('work that differs', () => {
  const row = limitRows(SHORT)[0]!;
  it.each([
    ['stream 1', true],
    ['', true],
    ['stream 2', false],
  ])('C says "stream 1", another "%s": may be compared: %s', (check, may) => {
    const compare = (): void => agree(row, { check: 'stream 1' }, { name: 'another', check });
    if (may) expect(compare).not.toThrow();
    else
      expect(compare).toThrow(
        /not compared: 'another' did other work.*found "stream 2", expected "stream 1"/,
      );
  });
});

describe('rounds', () => {
  it('go there and back again', () => {
    expect([0, 1, 2].map((round) => inTurn(3, round))).toEqual([
      [0, 1, 2],
      [2, 1, 0],
      [0, 1, 2],
    ]);
  });

  it('pair each turn with that of C in the same round', () => {
    const { cNs, others } = standings([10, 20, 40], [[20, 40, 80]]);
    expect(cNs).toBe(20);
    expect(others).toEqual([{ ns: 40, ofC: { low: 0.5, median: 0.5, high: 0.5 } }]);
  });

  it('have a median and a middle half, between values in proportion', () => {
    expect(spreadOf([4, 1, 3, 2])).toEqual({ low: 1.75, median: 2.5, high: 3.25 });
  });
});

const spread = (low: number, median: number, high: number): Spread => ({ low, median, high });

describe('a change against the baseline', () => {
  const before = spread(0.45, 0.5, 0.55);
  it.each([
    ['the same', before, undefined],
    ['middle halves that touch', spread(0.4, 0.42, 0.45), undefined],
    ['middle halves apart', spread(0.4, 0.42, 0.449), 'fell'],
    ['far above', spread(0.56, 0.6, 0.7), 'rose'],
    ['touching above', spread(0.55, 0.6, 0.7), undefined],
  ])('%s', (_, now, change) => {
    expect(changeOf(now, before)).toBe(change);
  });

  it.each([
    [0.9, undefined],
    [0.8999, 'fell'],
    [1.1111, undefined],
    [1.1112, 'rose'],
  ])('medians as 1 to %f, though neither run has a spread', (now, change) => {
    expect(changeOf(spread(now, now, now), spread(1, 1, 1))).toBe(change);
  });
});

const HEADER = {
  vmsplit: '0.1.0',
  node: 'v20.20.2',
  cpu: 'AMD EPYC',
  cores: 2,
  seed: 1,
  timeMs: 500,
  trace: 'trace',
  compiler: 'gcc 12',
};

function result(name: string, ofC: Spread, isPeer = false): LimitResult {
  return { suite: 'queue', row: '1,024 events', unit: 'holds', name, isPeer, cNs: 25, ns: 50, ofC };
}

function run(...results: LimitResult[]): LimitRun {
  return { header: HEADER, results };
}

describe('what is told', () => {
  const [slow, fast] = [spread(0.2, 0.2, 0.2), spread(0.5, 0.5, 0.5)];

  it('of a fall and of a rise: by how much, and of whom', () => {
    const told = notices(
      run(result('ours', slow), result('fold', fast)),
      run(result('ours', fast), result('fold', slow)),
    );
    expect(told).toEqual([
      'SLOWER beyond noise: 1,024 events: ours: 0.20 of C, recorded 0.50 to 0.50.',
      'Faster beyond noise: 1,024 events: fold: 0.50 of C, recorded 0.20 to 0.20.',
    ]);
  });

  it('nothing of packages of others, nor of what is within noise', () => {
    expect(notices(run(result('tinyqueue', slow, true)), run(result('tinyqueue', fast, true)))).toEqual([]);
    expect(notices(run(result('ours', fast)), run(result('ours', fast)))).toEqual([]);
  });

  it('of what is on one side only', () => {
    const told = notices(run(result('new', fast), result('newer', fast)), run(result('old', fast)));
    expect(told).toEqual([
      'Not in the baseline: 1,024 events: new; 1,024 events: newer.',
      'In the baseline only: 1,024 events: old.',
    ]);
  });

  it('not of suites that were not run', () => {
    const other = { ...result('kmalloc', fast), suite: 'kernel' };
    expect(notices(run(result('ours', fast)), run(result('ours', fast), other))).toEqual([]);
  });

  it('of a baseline from another machine', () => {
    const baseline = { ...run(result('ours', fast)), header: { ...HEADER, cpu: 'Xeon' } };
    expect(notices(run(result('ours', fast)), baseline)).toEqual([
      'The baseline is of another machine (Xeon, node v20.20.2, gcc 12): some of the difference may be that.',
    ]);
  });
});

describe('the table', () => {
  const now = run(
    result('EventQueue, equals in order', spread(0.2, 0.21, 0.22)),
    result('flatqueue', spread(0.0561, 0.0612, 0.0634), true),
    {
      ...result('the whole fold', spread(1.1, 1.2, 1.3)),
      row: 'kmalloc and kfree: 4,096 objects of 5 B to 8 KiB',
    },
  );
  const text = limitText(now, run(result('EventQueue, equals in order', spread(0.4, 0.45, 0.5))));

  it('fits 80 columns', () => {
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it('breaks no cell, and no title', () => {
    expect(text).not.toContain('…');
    expect(text).toMatch(/^kmalloc and kfree: 4,096 objects of 5 B to 8 KiB \(holds\)$/m);
  });

  it('says in which sense, what C takes, and marks what fell and what is of others', () => {
    expect(text.replaceAll('\n', ' ')).toContain('"of C" is what of C\'s speed is reached: 1 is as fast');
    expect(text).toMatch(/^ {3}C +25\.0 +1$/m);
    expect(text).toMatch(/^ {3}EventQueue, equals in order +50\.0 +0\.21 +0\.20 to 0\.22 +0\.45 fell$/m);
    expect(text).toMatch(/^ \* flatqueue +50\.0 +0\.061 +0\.056 to 0\.063 +-$/m);
    expect(text).toContain('SLOWER beyond noise: 1,024 events: EventQueue');
  });

  it.each([
    [1.234, '1.23'],
    [0.1, '0.10'],
    [0.0994, '0.099'],
    [0.0996, '0.10'],
    [0.00994, '0.0099'],
    [0.00996, '0.010'],
  ])('writes %f as %s', (ratio, written) => {
    expect(ratioText(ratio)).toBe(written);
  });
});

describe('the committed baseline', () => {
  it('has the rows that there are, ours and those of others', async () => {
    const titles = (row: string, name: string): string => `${row}: ${name}`;
    const { results } = await readBaseline();
    expect(results.map(({ row, name }) => titles(row, name))).toEqual(
      limitRows().flatMap((row) => row.entrants.map(({ name }) => titles(row.name, name))),
    );
  });
});
