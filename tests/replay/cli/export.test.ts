/** export: files and pipes, what is told and what is not, wrong use. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parquetReadObjects } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import { EXPORTERS } from '../../../replay/export/index.ts';
import { json, recordedDrivers, temporaryFolder, vmsplit } from './vmsplit.ts';

describe('export', () => {
  it('writes a file, says what is in it, and how to make it again', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'drivers.parquet');
    const trace = await recordedDrivers('--events 5000');
    const { code, out } = await vmsplit(
      `export ${trace} --to parquet --layout 3g1g --compression none -o ${file}`,
    );
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(/: 5,000 events as parquet, [\d.]+ KiB\nreproduce: /),
    ]);
    expect(readdirSync(folder)).toEqual(['drivers.parquet']);
    const bytes = readFileSync(file);
    const rows = await parquetReadObjects({ file: new Uint8Array(bytes).buffer });
    expect(rows).toHaveLength(5000);
    const [, again] = /reproduce: vmsplit (.*)\n/.exec(out)!;
    await vmsplit(again!);
    expect(readFileSync(file)).toEqual(bytes);
  });

  it('writes to pipes too, with what it says on the other stream', async () => {
    const trace = readFileSync(await recordedDrivers('--events 3000'));
    const { code, bytes, err } = await vmsplit('export - --to csv --kind vmalloc,vfree', { stdin: trace });
    expect(code).toBe(0);
    const lines = bytes.toString().trimEnd().split('\n');
    expect(err).toContain(`<stdout>: ${lines.length - 1} events as csv`);
    expect(lines.length).toBeGreaterThan(10);
  });

  it('gives ndjson as `events` does', async () => {
    const line = 'workload:prefork --events 2000 --layout linux-2g2g --kind access';
    const { bytes } = await vmsplit(`export ${line} --to ndjson -o -`);
    expect(bytes.toString()).toBe((await vmsplit(`events ${line} --format ndjson`)).out);
  });

  it('has these keys in its JSON', async () => {
    const file = join(temporaryFolder(), 'a.csv');
    const { out } = await vmsplit(`export workload:drivers --events 100 --to csv -o ${file} --json`);
    expect(json({ out })).toEqual({
      file,
      format: 'csv',
      events: 100,
      bytes: readFileSync(file).length,
      leftOut: {},
      changed: {},
      lost: null,
      reproduce: expect.stringContaining('vmsplit export workload:drivers'),
    });
  });

  it('of a cut trace has what there is, with exit code 1', async () => {
    const whole = readFileSync(await recordedDrivers('--events 40000'));
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'cut.vmt'), whole.subarray(0, whole.length - 1000));
    const { code, out, err } = await vmsplit(`export ${folder}/cut.vmt --to ndjson -o ${folder}/cut.ndjson`);
    expect([code, out]).toEqual([1, expect.stringContaining('32,768 events as ndjson')]);
    expect(err).toMatch(/cut\.vmt: incomplete: from byte/);
    expect(readFileSync(join(folder, 'cut.ndjson'), 'utf8').split('\n')).toHaveLength(32_769);
  });

  it('leaves no part of a file when it is interrupted, and an older one as it was', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'a.csv');
    writeFileSync(file, 'older');
    const interruption = new AbortController();
    const running = vmsplit(`export workload:drivers --to csv -o ${file}`, { signal: interruption.signal });
    setTimeout(() => interruption.abort(new Error('stop')), 50);
    expect((await running).code).not.toBe(0);
    expect([readdirSync(folder), readFileSync(file, 'utf8')]).toEqual([['a.csv'], 'older']);
  });

  it('lists the formats in its help', async () => {
    const { out } = await vmsplit('export --help');
    for (const { name, describe: text } of EXPORTERS) expect(out).toContain(`${name.padEnd(10)}${text}`);
  });

  it.each([
    ['--to parket -o x', /'parket' is invalid. Allowed choices are parquet, ndjson, csv, perfetto/],
    ['-o x', /required option '--to <format>' not specified/],
    ['--to csv --ram 1G -o x', /--ram: found no --layout, expected one/],
    ['--to csv --outcome failed -o x', /--outcome: found no --layout, expected one/],
    ['--to csv --layouts 3g1g,2g2g -o x', /export: found 2 layouts/],
    ['--to parquet --compression zip -o x', /Allowed choices are gzip, none/],
  ])('%s: is wrong use, exit code 2, and writes nothing', async (options, message) => {
    const { code, err } = await vmsplit(`export workload:drivers --events 10 ${options}`);
    expect([code, err]).toEqual([2, expect.stringMatching(message)]);
    expect(existsSync('x')).toBe(false);
  });
});
