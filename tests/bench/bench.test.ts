/** The benchmarks' command line, on the smallest suite: what it prints, and what it refuses. */
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { main } from '../../bench/main.ts';
import { compared } from '../../bench/measure/compare.ts';
import { SUITES } from '../../bench/suites/index.ts';

const PRNG_ROWS = SUITES.find(({ name }) => name === 'prng')!.rows.map(({ name }) => name);

/** There is no C compiler. */
const ENV = { CC: 'no-such-cc' };

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const [stdout, stderr] = [new Text(), new Text()];
  const code = await main(args, { stdout, stderr, env: ENV });
  return { code, out: stdout.text, err: stderr.text };
}

class Text extends Writable {
  text = '';

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

describe('bench', () => {
  it('--json tells what was measured, on what', async () => {
    const { code, out, err } = await run('--suite', 'prng', '--time', '1', '--seed', '7', '--json');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const { header, results } = JSON.parse(out);
    expect(header).toMatchObject({ node: process.version, seed: 7, timeMs: 1 });
    expect(results.map((row: { name: string }) => row.name)).toEqual(PRNG_ROWS);
    for (const row of results) {
      expect(row).toMatchObject({ suite: 'prng', unit: 'draws' });
      expect(row.samples).toBeGreaterThanOrEqual(5);
      expect(row.eventsPerSecond * row.nsPerEvent).toBeCloseTo(1e9, 0);
      expect(row.rme).toBeGreaterThanOrEqual(0);
      expect(row.cpuNsPerEvent).toBeGreaterThanOrEqual(0);
    }
  });

  it('--compare adds columns of ratios', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'vmsplit-bench-')), 'old.json');
    const { out } = await run('--suite', 'prng', '--time', '1', '--json');
    await writeFile(file, out);
    const table = await run('--suite', 'prng', '--time', '1', '--compare', file);
    expect(table.out).toContain('new/old');
    for (const name of PRNG_ROWS) expect(table.out).toContain(name);
  });

  it('--list names every suite and row once, and measures nothing', async () => {
    const { out } = await run('--list');
    const names = SUITES.flatMap((suite) => suite.rows.map((row) => `  ${row.name}`));
    expect(out.split('\n').filter((line) => line.startsWith('  '))).toEqual(names);
    for (const suite of SUITES) {
      expect(new Set(suite.rows.map(({ name }) => name)).size).toBe(suite.rows.length);
    }
  });

  it('--limit is skipped with a word where there is no C compiler', async () => {
    expect(await run('--limit')).toEqual({
      code: 0,
      err: '',
      out: expect.stringMatching(
        /^bench --limit: skipped: no C compiler found .*'no-such-cc'.* name a compiler in \$CC\.\n$/,
      ),
    });
    const { code, out } = await run('--limit', '--json');
    expect({ code, ...JSON.parse(out) }).toEqual({
      code: 0,
      results: [],
      skipped: expect.stringContaining('no C compiler'),
    });
  });

  it('--limit --list names every row and who takes part in it', async () => {
    const { out } = await run('--limit', '--list', '--suite', 'importers');
    expect(out).toBe('importers: text of lackey\n  to events in memory\n  to a .vmt\n');
  });

  it.each([
    [['--suite', 'budy'], "unknown suite 'budy'; did you mean 'buddy'?"],
    [['--time', 'long'], 'Expected a whole number'],
    [['--compare', '/nonexistent'], 'cannot be read: no such file'],
    [['--compare', 'package.json'], '--json > FILE'],
    [['everything'], 'too many arguments'],
    [['--save-baseline'], "'--save-baseline' without '--limit'"],
    [['--limit', '--save-baseline', '--suite', 'queue'], 'records all rows'],
    [['--limit', '--suite', 'quue'], "unknown suite 'quue'; did you mean 'queue'?"],
  ])('%s is refused with exit code 2', async (args, message) => {
    const { code, out, err } = await run(...args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(message);
  });

  it('the documentation names every suite', async () => {
    const readme = await readFile('bench/README.md', 'utf8');
    for (const { name } of SUITES) expect(readme).toContain(`\`${name}\``);
  });
});

describe('compared', () => {
  const row = { suite: 'prng', unit: 'draws', nsPerEvent: 5, rme: 1, samples: 5 };
  const now = [
    { ...row, name: 'uint32', eventsPerSecond: 200e6, cpuNsPerEvent: 4 },
    { ...row, name: 'new', eventsPerSecond: 200e6, cpuNsPerEvent: 4 },
  ];
  const before = [
    { suite: 'queue', name: 'uint32', eventsPerSecond: 1, cpuNsPerEvent: 1 },
    { suite: 'prng', name: 'uint32', eventsPerSecond: 100e6, cpuNsPerEvent: 6 },
    { suite: 'prng', name: 'gone', eventsPerSecond: 1, cpuNsPerEvent: 1 },
  ];

  it('gives the speed of each row by that of the same row before, by wall and by CPU time', () => {
    expect(compared(now, before)).toEqual([{ ...now[0], ratio: 2, cpuRatio: 1.5 }, now[1]]);
  });
});
