/** events: a dump of a trace, chosen, in lines of each format, from files and pipes. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { batchOf, eventsOf, type MemoryEvent } from '../../../core/index.ts';
import { run } from '../../../replay/cli/run.ts';
import { workload } from '../../../workloads/index.ts';
import { recordedDrivers, temporaryFolder, vmsplit } from './vmsplit.ts';

const PREFORK = 'events workload:prefork --events 3000';

const rowsOf = (out: string): Record<string, unknown>[] =>
  out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

function workloadEvents(name: string, count: number): MemoryEvent[] {
  return [...workload(name).generate(1, {}, count)].flatMap((batch) => [...eventsOf(batch)]);
}

/** Without what is only told beside the event. */
function asEvent({ event: _, timeNs: _time, process: _process, ...rest }: Record<string, unknown>): unknown {
  return rest;
}

describe('NDJSON and CSV', () => {
  it('have every event with all its fields: they can be made events again', async () => {
    const rows = rowsOf((await vmsplit(`${PREFORK} --format ndjson`)).out);
    expect(rows.map(({ event }) => event)).toEqual(Array.from({ length: 3000 }, (_, i) => i));
    const events = rows.map(asEvent) as MemoryEvent[];
    expect(events).toEqual(workloadEvents('prefork', 3000));
    expect(batchOf(events).count).toBe(3000);
  });

  it('say the same', async () => {
    const line = `${PREFORK} --layout linux-2g2g --format`;
    const [ndjson, csv] = [rowsOf((await vmsplit(`${line} ndjson`)).out), (await vmsplit(`${line} csv`)).out];
    const [head, ...lines] = csv
      .trimEnd()
      .split('\n')
      .map((row) => row.split(','));
    expect(lines).toHaveLength(ndjson.length);
    const rows = lines.map((cells) =>
      Object.fromEntries(head!.map((name, i) => [name, cells[i]!]).filter(([, cell]) => cell !== '')),
    );
    const texts = ndjson.map((row) =>
      Object.fromEntries(
        Object.entries(row)
          .filter(([, cell]) => cell !== null)
          .map(([name, cell]) => [name, String(cell)]),
      ),
    );
    expect(rows).toEqual(texts);
  });
});

describe('text', () => {
  it('says what each event is, and under a layout what became of it', async () => {
    const { out } = await vmsplit(
      'events workload:drivers --events 9000 --around 5826 --context 1 --vmalloc 32M --layout linux-3g1g',
    );
    expect(out.split('\n')).toEqual([
      ' event  cpu  process        time  what → what became of it',
      expect.stringMatching(/^ 5,825 {4}0 +- +210\.\d+ ms {2}/),
      expect.stringMatching(
        /^>5,826 {4}0 +- +210\.217 ms {2}vmalloc\(object 238, 3\.4 MiB\) → vmalloc-space: no/,
      ),
      expect.stringMatching(/^ 5,827 /),
      '',
    ]);
  });

  it('fits a terminal, and loses no word', async () => {
    const line = `${PREFORK} --layout linux-3g1g --range 400..600`;
    const [narrow, wide] = [
      await vmsplit(line, { terminal: ['stdout'], columns: 80 }),
      await vmsplit(line, { terminal: ['stdout'], columns: 300 }),
    ];
    expect(Math.max(...narrow.out.split('\n').map((text) => text.length))).toBeLessThanOrEqual(80);
    expect(wide.out.trimEnd().split('\n')).toHaveLength(202);
    expect(narrow.out.split(/\s+/)).toEqual(wide.out.split(/\s+/));
  });

  it('begins in the middle of a file as a pipe does that is read from its beginning', async () => {
    const file = await recordedDrivers('--events 40000');
    const line = '--range 17000..17020';
    const [there, piped] = [
      await vmsplit(`events ${file} ${line}`),
      await vmsplit(`events - ${line}`, { stdin: readFileSync(file) }),
    ];
    const lines = (out: string): string[] =>
      out
        .split('\n')
        .slice(1)
        .map((text) => text.trim());
    expect(lines(there.out)).toHaveLength(22);
    expect(lines(piped.out)).toEqual(lines(there.out));
  });
});

describe('what is asked for', () => {
  const numbers = async (options: string): Promise<unknown[]> =>
    rowsOf((await vmsplit(`${PREFORK} --format ndjson ${options}`)).out).map(({ event }) => event);

  it('is chosen by options that each narrow it', async () => {
    const events = workloadEvents('prefork', 3000);
    const where = (fits: (event: MemoryEvent & Record<string, unknown>) => boolean): number[] =>
      events.flatMap((event, i) => (fits(event as MemoryEvent & Record<string, unknown>) ? [i] : []));
    expect(await numbers('--kind fork,mmap --kind exit')).toEqual(
      where(({ kind }) => ['fork', 'mmap', 'exit'].includes(kind)),
    );
    expect(await numbers('--kind mmap --cpu 1')).toEqual(
      where(({ kind, cpu }) => kind === 'mmap' && cpu === 1),
    );
    expect(await numbers('--object 12 --range 2000..')).toEqual(
      where(({ object }) => object === 12).filter((number) => number >= 2000),
    );
    expect(await numbers('--kind access --limit 3')).toEqual(
      where(({ kind }) => kind === 'access').slice(0, 3),
    );
  });

  it('may be how it came out: each failure is a line, and no other event is', async () => {
    const line =
      'events workload:drivers --events 9000 --vmalloc 32M --layout linux-3g1g --format ndjson --outcome';
    const failed = rowsOf((await vmsplit(`${line} failed`)).out);
    const replayed = await vmsplit(
      'replay workload:drivers --events 9000 --vmalloc 32M --layout linux-3g1g --json',
    );
    const [layout] = (JSON.parse(replayed.out) as { layouts: { failures: number }[] }).layouts;
    expect(failed).toHaveLength(layout!.failures);
    expect(layout!.failures).toBeGreaterThan(0);
    expect(rowsOf((await vmsplit(`${line} vmalloc-space`)).out).map(({ event }) => event)).toEqual(
      failed.filter(({ status }) => status === 'vmalloc-space').map(({ event }) => event),
    );
  });

  it.each([
    ['--outcome failed', /--outcome: found no --layout, expected one/],
    ['--ram 1G', /--ram: found no --layout, expected one/],
    ['--layouts linux-3g1g,linux-2g2g', /events: found 2 layouts .*, expected one/],
    ['--kind vmaloc', /--kind: found 'vmaloc', expected one of .*; did you mean vmalloc\?/],
    ['--layout 3g1g --outcome faild', /--outcome: found 'faild', expected one of failed, ok, .*did you mean/],
    ['--object seven', /--object: found 'seven', expected whole numbers/],
    ['--object 4294967296', /expected whole numbers from 0 to 4294967295/],
    ['--range 5', /Expected a range of event numbers/],
    ['--range 9..5', /The first end comes before the last/],
    ['--time 1..2', /Expected a time with its unit/],
    ['--time ..', /Expected a range of times/],
    ['--around 5 --range 1..2', /found --around and --range, expected one of them at most/],
    ['--format xml', /Allowed choices are text, ndjson, csv/],
  ])('%s: is wrong use, exit code 2', async (options, message) => {
    const { code, out, err } = await vmsplit(`${PREFORK} ${options}`);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(message);
  });
});

describe('a trace that is cut', () => {
  it('is dumped up to the cut with exit code 1; a part before it is whole', async () => {
    const whole = readFileSync(await recordedDrivers('--events 40000'));
    const file = join(temporaryFolder(), 'cut.vmt');
    writeFileSync(file, whole.subarray(0, whole.length - 1000));
    const all = await vmsplit(`events ${file}`);
    expect([all.code, all.out.trimEnd().split('\n').length]).toEqual([1, 32_769]);
    expect(all.err).toMatch(/cut\.vmt: incomplete: from byte/);
    expect(await vmsplit(`events ${file} --around 1000`)).toMatchObject({ code: 0, err: '' });
    expect((await vmsplit(`events ${file} --fail-on never`)).code).toBe(0);
  });
});

describe('a reader that goes away', () => {
  it('ends the command quietly, and long before the end of the events', async () => {
    const stdout = new PassThrough({ highWaterMark: 1000 });
    const stderr = new PassThrough();
    const noted: Buffer[] = [];
    stderr.on('data', (part: Buffer) => noted.push(part));
    stdout.once('data', () => {
      stdout.destroy(Object.assign(new Error('broken pipe'), { code: 'EPIPE' }));
    });
    const code = await run(['events', 'workload:drivers', '--events', '1000000000'], {
      stdin: Readable.from([]),
      stdout,
      stderr,
      env: {},
      signal: new AbortController().signal,
    });
    expect([code, Buffer.concat(noted).toString()]).toEqual([0, '']);
  });
});
