/** The command sweep: points before and after they are run, formats, folders, commands for other machines. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parquetReadObjects } from 'hyparquet';
import { beforeAll, describe, expect, it } from 'vitest';
import { FULL } from '../../support/depth.ts';
import { json, recordedDrivers, temporaryFolder, vmsplit } from './vmsplit.ts';

/** To start a thread takes longer than these points. */
const DRIVERS = 'sweep workload:drivers --events 2000 --jobs 1';
const VARY = '--vary ram=512M,1G --vary seed=1..2';

/** Without what a clock has measured. */
function untimed(text: string): string {
  return text.replaceAll(/"(elapsedMs|eventsPerSecond)": [\d.]+/g, '');
}

describe('a table', () => {
  it('has a row for each point, what cannot be, and the line that makes it again', async () => {
    const line = `${DRIVERS} --vary layout=linux-3g1g,linux-x86_64 --vary vmalloc=256M --figures failures,walks`;
    const { code, out, err } = await vmsplit(line);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^layout +vmalloc +failed +walks\nlinux-3g1g +256M +0 +\d+\n/);
    expect(out).toMatch(/\ncannot be: layout=linux-x86_64 vmalloc=256M: .* has no effect/);
    expect(out).toMatch(/\n1 point, exact \(replayed\); 1 others cannot be\n/);
    const again = /reproduce: vmsplit (.*)\n$/.exec(out)![1]!;
    expect((await vmsplit(again)).out).toBe(out);
  });

  it.runIf(FULL)('does not depend on how many jobs there are', async () => {
    const [one, two] = await Promise.all(
      [1, 2].map((jobs) => vmsplit(`${DRIVERS} ${VARY} --jobs ${jobs} --json`.replace('--jobs 1 ', ''))),
    );
    expect(one!.code).toBe(0);
    expect(untimed(two!.out).replace('--jobs 2', '--jobs 1')).toBe(untimed(one!.out));
  });

  it.runIf(FULL)('is of the same digests as replays of the points', async () => {
    const { out } = await vmsplit(`${DRIVERS} --vary seed=5 --vary vmalloc=256M --figures digest`);
    const replayed = await vmsplit('replay workload:drivers --events 2000 --seed 5 --vmalloc 256M --json');
    expect(out).toContain((json(replayed).layouts as { digest: string }[])[0]!.digest);
  });
});

describe('formats', () => {
  const line = `${DRIVERS} ${VARY} --figures failures,l1MissesPerThousand,digest`;
  let ndjson: string;
  beforeAll(async () => {
    ndjson = (await vmsplit(`${line} --format ndjson`)).out;
  });

  it('csv and ndjson have sizes in bytes and a column for each key and figure', async () => {
    const csv = await vmsplit(`${line} --format csv`);
    expect(csv.err).toMatch(/^reproduce: .*--format csv/);
    const [head, ...rows] = csv.out.trimEnd().split('\n');
    expect(head).toBe('ram,seed,failures,l1MissesPerThousand,digest,exactness');
    expect(rows.map((row) => row.split(',').slice(0, 2).join())).toEqual([
      '536870912,1',
      '536870912,2',
      '1073741824,1',
      '1073741824,2',
    ]);
    const objects = ndjson
      .trimEnd()
      .split('\n')
      .map((text) => JSON.parse(text));
    expect(objects.map((row) => Object.values(row).join())).toEqual(rows);
  });

  it.runIf(FULL)('parquet is the same table', async () => {
    const file = join(temporaryFolder(), 'sweep.parquet');
    const { code, out } = await vmsplit(`${line} --format parquet -o ${file}`);
    expect([code, out]).toEqual([0, '']);
    const rows = await parquetReadObjects({
      file: Uint8Array.from(readFileSync(file)).buffer,
      compressors: { GZIP: (bytes) => new Uint8Array(gunzipSync(bytes)) },
    });
    const plain = rows.map((row) =>
      JSON.stringify(row, (_, value) => (typeof value === 'bigint' ? Number(value) : value)),
    );
    expect(`${plain.join('\n')}\n`).toBe(ndjson);
  });

  it('json is whole: each point with its identity and all of its replay', async () => {
    const { out } = await vmsplit(
      `${DRIVERS} --vary layout=linux-2g2g,linux-x86_64 --vary vmalloc=256M --json`,
    );
    expect(json({ out })).toMatchObject({
      keys: ['layout', 'vmalloc'],
      exactness: 'exact',
      points: [
        {
          settings: { layout: 'linux-2g2g', vmalloc: 2 ** 28 },
          hash: expect.stringMatching(/^[0-9a-f]{64}$/),
          layouts: [{ digest: expect.any(String), counters: { events: 2000 } }],
        },
        { settings: { layout: 'linux-x86_64' }, impossible: expect.stringMatching(/no effect/) },
      ],
      missing: 0,
    });
  });
});

describe('--dry-run', () => {
  it('tells points and what is left of them, and runs and makes nothing', async () => {
    const folder = temporaryFolder();
    const line = `${DRIVERS} ${VARY} --out ${join(folder, 'out')}`;
    const before = await vmsplit(`${line} --dry-run`);
    expect(before.out).toMatch(
      /^[0-9a-f]{12} {2}ram=512M seed=1\n(.*\n){3}4 points, 0 others cannot be; 0 finished; the others in 4 replays of 8,000 ev/,
    );
    expect(readdirSync(folder)).toEqual([]);
    await vmsplit(`${line.replace('seed=1..2', 'seed=1')}`);
    const after = await vmsplit(`${line} --dry-run`);
    expect(after.out).toMatch(/ram=512M seed=1 {2}kept\n.*ram=512M seed=2\n/);
    expect(after.out).toMatch(/2 finished; the others in 2 replays of 4,000 events together: about \d/);
    expect(json(await vmsplit(`${line} --dry-run --json`))).toMatchObject({
      points: [{ kept: true }, { kept: false }, { kept: true }, { kept: false }],
      events: 4000,
      seconds: expect.any(Number),
    });
  });
});

describe('commands for other machines', () => {
  it('make the same results, which --collect gathers; what is missing is told', async () => {
    const trace = await recordedDrivers('--events 2000');
    const out = join(temporaryFolder(), 'out');
    const sweep = `sweep ${trace} --vary vmalloc=128M,256M --vary layout=linux-2g2g,linux-x86_64`;
    const { out: listed, err } = await vmsplit(`${sweep} --out ${out} --list-jobs`);
    const jobs = listed
      .trimEnd()
      .split('\n')
      .map((line) => line.replace(/^vmsplit /, ''));
    expect(jobs).toHaveLength(2);
    expect(err).toBe('2 of 4 points cannot be: --dry-run tells why\n');

    expect(await vmsplit(jobs[1]!)).toMatchObject({ code: 0, out: '', err: '' });
    const part = await vmsplit(`sweep --collect ${out} --format csv`);
    expect([part.code, part.out.split('\n')]).toEqual([
      1,
      [expect.any(String), expect.stringMatching(/^268/), ''],
    ]);
    expect(part.err).toMatch(/incomplete: 1 of 4 points are not finished/);
    expect((await vmsplit(`${sweep} --out ${out} --list-jobs`)).out).toBe(`vmsplit ${jobs[0]}\n`);

    expect((await vmsplit(jobs[0]!)).code).toBe(0);
    const whole = await vmsplit(`sweep --collect ${out} --format csv`);
    expect(whole.code).toBe(0);
    expect(whole.out).toBe((await vmsplit(`${sweep} --jobs 1 --format csv`)).out);
  });

  it('refuse a trace that is another one by then', async () => {
    const trace = await recordedDrivers('--events 2000');
    const out = temporaryFolder();
    const { out: listed } = await vmsplit(`sweep ${trace} --vary ram=1G --out ${out} --list-jobs`);
    writeFileSync(trace, readFileSync(await recordedDrivers('--events 2001')));
    const { code, err } = await vmsplit(listed.trimEnd().replace(/^vmsplit /, ''));
    expect([code, err]).toEqual([2, expect.stringMatching(/found other contents of its files/)]);
  });
});

describe('exit codes', () => {
  it('are 1 for what --fail-on asks for, and for a trace that is not whole', async () => {
    const want = 'sweep workload:drivers --events 4000 --vary vmalloc=16M --jobs 1 --figures failures';
    expect((await vmsplit(want)).code).toBe(0);
    expect((await vmsplit(`${want} --fail-on failure`)).code).toBe(1);
    const trace = await recordedDrivers('--events 3000 --batch 1000');
    writeFileSync(trace, readFileSync(trace).subarray(0, -1000));
    const { code, err } = await vmsplit(`sweep ${trace} --vary ram=1G --jobs 1`);
    expect([code, err]).toEqual([1, expect.stringMatching(/incomplete/)]);
  });
});

describe('wrong use', () => {
  it.each([
    ['sweep --vary ram=1G', /found no events/],
    ['sweep workload:drivers', /found no --vary/],
    ['sweep workload:drivers --vary seed=1,2 --seed 3', /found seed for all points and varied/],
    ['sweep workload:drivers --vary devices=1,2 --set devices=3', /found devices for all points and varied/],
    ['sweep workload:drivers --vary layout=linux-3g1g --layout linux-2g2g', /found layout for all points/],
    ['sweep workload:drivers --vary seed=1 --layouts linux-3g1g,linux-2g2g', /found 2 layouts/],
    ['sweep - --vary ram=1G', /found - \(standard input\)/],
    ['sweep /dev/null --vary ram=1G', /found a pipe or device, expected a file/],
    ['sweep nothing.vmt --vary ram=1G', /no such file/],
    ['sweep drivers --vary ram=1G', /did you mean workload:drivers\?/],
    ['sweep workload:drivers --vary ram=1G --jobs 0', /from 1 to 1024/],
    ['sweep workload:drivers --vary ram=1G --jobs 1025', /from 1 to 1024/],
    ['sweep workload:drivers --vary ram=1G --figures wolks', /did you mean walks\?/],
    ['sweep workload:drivers --vary ram=1G --list-jobs', /found no --out/],
    ['sweep workload:drivers --vary ram=1G --format parquet --json', /expected one of the two/],
    ['sweep --collect nowhere', /nowhere\/sweep\.json: found no plan/],
    ['sweep --collect nowhere --vary ram=1G', /neither events/],
    ['sweep --point 12', /expected --out DIR/],
    ['sweep --point 12 --out nowhere', /found no plan/],
    ['sweep workload:drivers --vary ram=1G --out package.json', /package\.json: cannot be made/],
  ])('%s', async (line, message) => {
    const { code, out, err } = await vmsplit(line);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(message);
    expect(err).not.toMatch(/\n\s+at /);
  });
});
