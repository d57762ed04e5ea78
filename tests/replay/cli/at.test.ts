/** at: a moment of a trace by event or time, as a file of /proc. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { VIEWS } from '../../../replay/index.ts';
import { PROC_PARSERS, type ProcName, parseMeminfo, parseVmallocinfo } from '../../../traces/index.ts';
import { json, recordedDrivers, temporaryFolder, vmsplit } from './vmsplit.ts';

const EVENTS = 5000;

const recorded = () => recordedDrivers(`--events ${EVENTS}`);

describe('at', () => {
  it.each(VIEWS.map(({ name }) => name as ProcName))(
    'prints %s and nothing else on stdout, and it parses',
    async (name) => {
      const { code, out, err } = await vmsplit(
        `at ${await recorded()} ${name} --layout linux-2g2g --ram 512M`,
      );
      expect([code, err]).toEqual([0, expect.stringMatching(/^reproduce: vmsplit at .*\n$/)]);
      expect(out.endsWith('\n') && !out.endsWith('\n\n')).toBe(true);
      PROC_PARSERS[name](out);
    },
  );

  it('shows the end of the trace unless told otherwise; event numbers go from 0 to the number of events', async () => {
    const file = await recorded();
    const report = async (moment: string): Promise<string> =>
      (await vmsplit(`at ${file} vmallocinfo ${moment}`)).out;
    expect(await report('--event 0')).toBe('');
    expect(await report(`--event ${EVENTS}`)).toBe(await report(''));
    const sizes = [await report('--event 1000'), await report('')].map(
      (text) => parseVmallocinfo(text).length,
    );
    expect(sizes[0]).toBeGreaterThan(0);
    expect(sizes[1]).toBeGreaterThan(sizes[0]!);
  });

  it('finds a moment by simulated time: the last one that is not past it', async () => {
    const file = await recorded();
    const at = async (moment: string) => json(await vmsplit(`at ${file} buddyinfo --json ${moment}`));
    const [event, next, end] = [await at('--event 1000'), await at('--event 1001'), await at('')];
    expect(next.simulatedNs).toBeGreaterThan(event.simulatedNs as number);
    expect((await at(`--time ${event.simulatedNs}ns`)).event).toBe(1000);
    expect((await at(`--time ${(next.simulatedNs as number) - 1}ns`)).event).toBe(1000);
    expect((await at(`--time ${next.simulatedNs}ns`)).event).toBe(1001);
    expect((await at(`--time ${end.simulatedNs}ns`)).figures).toEqual(end.figures);
    expect(await at('--time 0s')).toMatchObject({ simulatedNs: 0, event: 24 }); // files are made in no time
  });

  it('warns of RAM that the layout leaves unused, beside the report that has only the rest', async () => {
    const { out, err } = await vmsplit('at workload:drivers meminfo --events 10 --ram 8G');
    expect(parseMeminfo(out).MemTotal!).toBeLessThan(3 * 2 ** 20);
    expect(err).toMatch(/^warning: linux-3g1g leaves 5\.0 GiB of RAM unused/);
    const line = 'at workload:drivers meminfo --events 10 --json --ram';
    expect(json(await vmsplit(`${line} 8G`)).unusedRamBytes).toBe(5 * 2 ** 30);
    expect(json(await vmsplit(`${line} 1G`)).unusedRamBytes).toBe(0);
  });

  it('reads pipes, and makes up workloads on the way', async () => {
    const file = await recorded();
    const { out } = await vmsplit(`at ${file} meminfo --event 3000`);
    expect((await vmsplit('at - meminfo --event 3000', { stdin: readFileSync(file) })).out).toBe(out);
    expect((await vmsplit(`at workload:drivers meminfo --events ${EVENTS} --event 3000`)).out).toBe(out);
  });

  it('has the figures as JSON, addresses in hex, with the line that prints it again', async () => {
    const file = await recorded();
    const { out } = await vmsplit(`at ${file} vmallocinfo --event 1000 --json --ram 2G`);
    const result = json({ out });
    expect(Object.keys(result)).toEqual([
      'trace',
      'layout',
      'event',
      'simulatedNs',
      'unusedRamBytes',
      'view',
      'figures',
      'reproduce',
    ]);
    const [area] = result.figures as { start: string; sizeBytes: number }[];
    expect(area).toMatchObject({
      start: expect.stringMatching(/^0xf[0-9a-f]{7}$/),
      sizeBytes: expect.any(Number),
    });
    const [, again] = /^vmsplit (.*)$/.exec(result.reproduce as string)!;
    expect((await vmsplit(`${again} --json`)).out).toBe(out);
  });

  it('boots the machine that is asked for', async () => {
    const file = await recorded();
    const vmallocKib = async (options: string): Promise<number> =>
      parseMeminfo((await vmsplit(`at ${file} meminfo --event 0 ${options}`)).out).VmallocTotal!;
    expect(await vmallocKib('')).toBe(122880);
    expect(await vmallocKib('--vmalloc 256M')).toBe(262144);
    expect(await vmallocKib('--layout linux-x86_64')).toBe(34359738367);
  });

  it('has kernel objects as they are scaled: those of the other word size only', async () => {
    const at = 'at workload:netrx slabinfo --event 100 --layout linux-x86_64';
    const slabs = async (options: string): Promise<string> => (await vmsplit(`${at} ${options}`)).out;
    const recorded = await slabs('');
    expect(recorded).toMatch(/^cache-1 .* 256 /m);
    expect(await slabs('--scale-kernel-objects 32')).toMatch(/^cache-1 .* 512 /m);
    expect(await slabs('--scale-kernel-objects 64')).toBe(recorded);
  });

  it.each([
    ['meminfo --event 5001', /found event number 5001, expected 0 to 5000: the trace has 5000 events/],
    ['meminfo --time 100000s', /found time 1\d+ ns, expected 0 to \d+ ns, when the trace ends/],
    ['meminfo --event 1 --time 1s', /found --event and --time, expected one of them at most/],
    ['memory', /found view 'memory', expected one of buddyinfo, pagetypeinfo, zoneinfo/],
    ['meminfo --time 5', /Expected a time with its unit/],
    ['meminfo --event -1', /Expected a whole number from 0/],
    ['meminfo --scale-kernel-objects 16', /found '16', expected 32 or 64|Expected 32 or 64/],
    ['meminfo --layout 5g', /unknown layout '5g'/],
    ['', /missing required argument 'view'/],
  ])('%s: is wrong use, exit code 2', async (line, message) => {
    const { code, out, err } = await vmsplit(`at ${await recorded()} ${line}`);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(message);
    expect(err).not.toMatch(/\n {4}at /);
  });

  it('of a cut trace: a moment before the cut is whole, its end is not', async () => {
    const file = join(temporaryFolder(), 'cut.vmt');
    await vmsplit(`record drivers --events 40000 -o ${file}`);
    const bytes = readFileSync(file);
    writeFileSync(file, bytes.subarray(0, bytes.length - 1000));
    expect((await vmsplit(`at ${file} buddyinfo --event 1000`)).code).toBe(0);
    const { code, out, err } = await vmsplit(`at ${file} buddyinfo`);
    expect(code).toBe(1);
    expect(PROC_PARSERS.buddyinfo(out).length).toBeGreaterThan(0);
    expect(err).toMatch(/cut\.vmt: incomplete: from byte/);
  });

  it('lists the views in its help', async () => {
    const { code, out } = await vmsplit('at --help');
    expect(code).toBe(0);
    for (const { name, description } of VIEWS) expect(out).toContain(`${name.padEnd(20)}${description}`);
  });
});
