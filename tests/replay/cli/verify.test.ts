/** vmsplit verify kernel: exit codes, the report, its JSON, and where the snapshot comes from. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { alloc, free, mark } from '../verify/traces.ts';
import { json, temporaryFolder, vmsplit } from './vmsplit.ts';

const TRACE = 'tests/fixtures/kernel/buddy/trace.txt.gz';
const SNAPSHOT = 'tests/fixtures/kernel/buddy/snaps.txt.gz';

function traceOf(...lines: string[]): string {
  const path = join(temporaryFolder(), 'trace.txt');
  writeFileSync(path, `# tracer: nop\n${lines.join('')}`);
  return path;
}

describe('the answer', () => {
  test('is 0 when the trace agrees, with the score of every rule', async () => {
    const { code, out, err } = await vmsplit(`verify kernel ${TRACE}`);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^pcp-lifo +[\d,]+ +[\d,]+ +\d+\.\d\d %/m);
    expect(out).toMatch(/^agrees: every rule at 95 % or above$/m);
    expect(out).toMatch(/^reproduce: vmsplit verify kernel \S+ --at-least 95$/m);
  });

  test('is 1 when it does not, with the reasons', async () => {
    const { code, out } = await vmsplit(`verify kernel ${traceOf(alloc(1), free(1), alloc(2))}`);
    expect(code).toBe(1);
    expect(out).toMatch(/line 4, pcp-lifo.*\n +expected pfn 0x1: it was freed last.*\n +found pfn 0x2/);
    expect(out).toMatch(/^disagrees: below 95 %: pcp-lifo$/m);
  });

  test('depends on how much is asked for', async () => {
    const trace = traceOf(alloc(1), free(1), alloc(1), free(1), alloc(2));
    expect((await vmsplit(`verify kernel ${trace} --at-least 50`)).code).toBe(0);
    expect((await vmsplit(`verify kernel ${trace} --at-least 50.1`)).code).toBe(1);
  });

  test('names the rules that are below the mark by less than one prediction', async () => {
    const hit = (pfn: number): string => alloc(pfn) + free(pfn) + alloc(pfn);
    const { code, out } = await vmsplit(
      `verify kernel ${traceOf(...[1, 2, 3, 4].map(hit), free(1), alloc(9))}`,
    );
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(/^agrees: .* above, but for a single miss of pcp-lifo$/m),
    ]);
  });

  test('shows its progress on a terminal only', async () => {
    const { err } = await vmsplit(`verify kernel ${TRACE}`, { terminal: ['stderr'] });
    expect(err).toMatch(/verifying trace\.txt\.gz/);
  });

  test('fits a terminal of 80 columns, and is not broken elsewhere', async () => {
    const narrow = await vmsplit(`verify kernel ${TRACE}`, { terminal: ['stdout'], columns: 80 });
    const piped = await vmsplit(`verify kernel ${TRACE}`);
    const text = stripVTControlCharacters(narrow.out).split('reproduce:')[0]!;
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(text.replace(/\s+/g, ' ')).toBe(piped.out.split('reproduce:')[0]!.replace(/\s+/g, ' '));
  });

  test('can be had as JSON', async () => {
    const result = await vmsplit(`verify kernel ${TRACE} --json --first 0`);
    expect(Object.keys(json(result))).toEqual([
      'trace',
      'dialect',
      'lines',
      'moments',
      'momentsWithoutMarkers',
      'rules',
      'phases',
      'untracedPages',
      'atLeastPercent',
      'missing',
      'failed',
      'disagreements',
      'agrees',
      'reproduce',
    ]);
    expect(json(result)).toMatchObject({ dialect: 'ftrace', agrees: true, failed: [], disagreements: [] });
  });
});

describe('the snapshot', () => {
  const momentsIn = async (line: string, stdin?: Uint8Array): Promise<unknown[]> =>
    json(await vmsplit(`${line} --json`, stdin && { stdin })).moments as unknown[];

  test('lies beside the trace, or where the command line says', async () => {
    const alone = traceOf(gunzipSync(readFileSync(TRACE)).toString());
    expect((await momentsIn(`verify kernel ${TRACE}`)).length).toBeGreaterThan(30);
    expect(await momentsIn(`verify kernel ${alone}`)).toEqual([]);
    expect((await momentsIn(`verify kernel ${alone} --snapshot ${SNAPSHOT}`)).length).toBeGreaterThan(30);
    expect(
      (await momentsIn(`verify kernel - --snapshot ${SNAPSHOT}`, readFileSync(TRACE))).length,
    ).toBeGreaterThan(30);
  });
});

describe('what vmsplit capture saved', () => {
  const reports = ['zoneinfo', 'buddyinfo'];
  /** A frame of Normal, from which the kernel has its pages. */
  const NORMAL = 0x10_0005;

  /** A folder, and a tar of it. */
  function saved(): { folder: string; tar: string } {
    const base = temporaryFolder();
    const folder = join(base, 'vmsplit-capture');
    for (const moment of ['before', 'start', 'after']) {
      mkdirSync(join(folder, moment), { recursive: true });
      for (const name of reports)
        cpSync(`tests/fixtures/kernel/oddcomm/${name}.before`, join(folder, moment, name));
    }
    const marks = mark('snapshot start: begin') + mark('snapshot start: end');
    const trace = `# tracer: nop\n${marks}${alloc(NORMAL)}${free(NORMAL)}${alloc(NORMAL)}`;
    writeFileSync(join(folder, 'trace.txt.gz'), gzipSync(trace));
    writeFileSync(join(folder, 'buffers.txt'), 'dropped events: 3\n');
    const tar = join(base, 'board.tar');
    execFileSync('tar', ['-cf', tar, '-C', base, 'vmsplit-capture']);
    return { folder, tar };
  }

  test('is a trace with its snapshots: a tar, a folder, or its trace, beside the rest', async () => {
    const { folder, tar } = saved();
    for (const path of [tar, folder, join(folder, 'trace.txt.gz')])
      expect(json(await vmsplit(`verify kernel ${path} --json`)), path).toMatchObject({
        dialect: 'ftrace',
        agrees: true,
        momentsWithoutMarkers: ['before', 'after'],
      });
  });

  test('can come by a pipe; other snapshots than its own can be named', async () => {
    const stdin = readFileSync(saved().tar);
    const own = json(await vmsplit('verify kernel - --json', { stdin }));
    const named = json(await vmsplit(`verify kernel - --json --snapshot ${SNAPSHOT}`, { stdin }));
    expect(own.momentsWithoutMarkers).toEqual(['before', 'after']);
    expect((named.momentsWithoutMarkers as string[]).length).toBeGreaterThan(30);
  });

  test('says what was dropped', async () => {
    expect((await vmsplit(`verify kernel ${saved().tar}`)).err).toMatch(/^warning: 3 events were dropped/);
  });
});

describe('a mistake', () => {
  const rows: readonly [string, RegExp][] = [
    ['verify', /missing required argument 'what'/],
    ['verify colonel x', /'colonel' is invalid.*Allowed choices are kernel/],
    ['verify kernel', /missing required argument 'paths'/],
    ['verify kernel DIR/nothing', /nothing: cannot be read: no such file/],
    [
      'verify kernel package.json',
      /package\.json: .*expected a kernel trace as one of: ftrace, perf-script, trace-cmd/,
    ],
    [`verify kernel ${TRACE} --snapshot DIR/nothing`, /nothing: no such file/],
    [`verify kernel ${TRACE} --snapshot package.json`, /found no buddyinfo, pagetypeinfo or zoneinfo/],
    [`verify kernel ${TRACE} --snapshot DIR`, /found no buddyinfo, pagetypeinfo or zoneinfo/],
    [`verify kernel ${TRACE} --at-least 101`, /'101' is invalid. Expected a number from 0 to 100/],
    [`verify kernel ${TRACE} --first x`, /'x' is invalid/],
  ];

  test.each(rows)('vmsplit %s', async (line, message) => {
    const { code, out, err } = await vmsplit(line.replaceAll('DIR', temporaryFolder()));
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(message);
    expect(err).not.toMatch(/\n\s+at |this is a bug/);
  });
});
