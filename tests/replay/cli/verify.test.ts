/** vmsplit verify kernel: exit codes, the report, its JSON, and where the snapshot comes from. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { alloc, free } from '../verify/traces.ts';
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
