/** timeline: samples in lines of each format, from files, pipes and workloads. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TIMELINE_FIGURES } from '../../../replay/timeline/figures.ts';
import { json, recordedDrivers, temporaryFolder, vmsplit } from './vmsplit.ts';

const DRIVERS = 'timeline workload:drivers --events 9000 --vmalloc 32M';

describe('timeline', () => {
  it('has about 40 lines of text unless told otherwise, which fit a terminal', async () => {
    const { code, out, err } = await vmsplit(`${DRIVERS} --layouts linux-3g1g,linux-2g2g`, {
      terminal: ['stdout'],
      columns: 80,
    });
    expect(code).toBe(0);
    expect(err).toMatch(/^reproduce: vmsplit timeline workload:drivers .* --every 500\n$/);
    const lines = out.trimEnd().split('\n');
    expect(lines.slice(0, 3)).toEqual([
      '1: linux-3g1g',
      '2: linux-2g2g',
      'l event   time    low   high   hole tables procs  minor major   walks failed',
    ]);
    expect(lines).toHaveLength(3 + 2 * 19);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(new Set(lines.slice(2).map((line) => line.length))).toEqual(new Set([lines[2]!.length]));
  });

  it('says the same as CSV and as NDJSON, with every figure', async () => {
    const line = `${DRIVERS} --every 2ms --format`;
    const ndjson = (await vmsplit(`${line} ndjson`)).out
      .trimEnd()
      .split('\n')
      .map((text) => JSON.parse(text) as Record<string, unknown>);
    const [head, ...rows] = (await vmsplit(`${line} csv`)).out.trimEnd().split('\n');
    expect(head!.split(',')).toEqual([
      'lane',
      'event',
      'timeNs',
      ...TIMELINE_FIGURES.map(({ name }) => name),
    ]);
    expect(rows).toEqual(ndjson.map((row) => Object.values(row).join(',')));
    expect(ndjson.length).toBeGreaterThan(10);
  });

  it('ends with what a replay finds', async () => {
    const last = JSON.parse(
      (await vmsplit(`${DRIVERS} --every 4000 --format ndjson`)).out.trimEnd().split('\n').at(-1)!,
    ) as Record<string, unknown>;
    const replayed = json(await vmsplit('replay workload:drivers --events 9000 --vmalloc 32M --json'));
    const [layout] = replayed.layouts as {
      simulatedNs: number;
      pageTableBytes: number;
      memory: { low: { freeBytes: number } };
      vmalloc: { largestHoleBytes: number };
    }[];
    expect(last).toMatchObject({
      event: 9000,
      timeNs: layout!.simulatedNs,
      pageTableBytes: layout!.pageTableBytes,
      freeLowBytes: layout!.memory.low.freeBytes,
      vmallocHoleBytes: layout!.vmalloc.largestHoleBytes,
    });
  });

  it('is the same of a file and of a pipe, and its line makes it again', async () => {
    const file = await recordedDrivers('--events 5000');
    const { out, err } = await vmsplit(`timeline ${file} --every 1000 --format csv`);
    expect((await vmsplit('timeline - --every 1000 --format csv', { stdin: readFileSync(file) })).out).toBe(
      out,
    );
    const [, again] = /^reproduce: vmsplit (.*)\n$/.exec(err)!;
    expect((await vmsplit(again!)).out).toBe(out);
  });

  it('of a cut trace tells what there is, with exit code 1', async () => {
    const whole = readFileSync(await recordedDrivers('--events 40000'));
    const file = join(temporaryFolder(), 'cut.vmt');
    writeFileSync(file, whole.subarray(0, whole.length - 1000));
    const { code, out, err } = await vmsplit(`timeline ${file} --every 20000 --format csv`);
    expect([code, out.split('\n').length]).toEqual([1, 5]);
    expect(err).toMatch(/cut\.vmt: incomplete: from byte/);
  });

  it('lists the figures in its help', async () => {
    const { out } = await vmsplit('timeline --help');
    for (const { name, doc } of TIMELINE_FIGURES) expect(out).toMatch(new RegExp(`  ${name} +${doc}`));
  });

  it.each([
    ['--every 0', /Expected a number of events from 1 on/],
    ['--every 0ms', /Expected a number of events from 1 on/],
    ['--every often', /Expected a number of events from 1 on/],
    ['--every 1.5', /Expected a number of events from 1 on/],
    ['--format xml', /Allowed choices are text, ndjson, csv/],
    ['--layouts 3g1g,3g1g', /3g1g/],
  ])('%s: is wrong use, exit code 2', async (options, message) => {
    const { code, out, err } = await vmsplit(`${DRIVERS} ${options}`);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(message);
  });
});
