/** record and import: traces written, what is said about them, and the line that makes them again. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { Interrupted } from '../../../replay/cli/terminal/failure.ts';
import type { InitialState } from '../../../traces/index.ts';
import { WORKLOADS } from '../../../workloads/index.ts';
import { json, LACKEY, temporaryFolder, vmsplit } from './vmsplit.ts';

/** Of tests/fixtures/lackey/true.lackey.gz, counted with grep. */
const TRUE_REFERENCES = { read: 24_739, write: 10_266, modify: 1_504, execute: 111_169 };

describe('record', () => {
  it('writes a trace and says how to write it again', async () => {
    const [a, b] = [join(temporaryFolder(), 'a.vmt'), join(temporaryFolder(), 'a.vmt')];
    const first = await vmsplit(`record drivers --events 3000 --set devices=3 --set vmallocBytes=8M -o ${a}`);
    expect([first.code, first.err]).toEqual([0, '']);
    expect(first.out).toMatch(/a\.vmt: 3,000 events of drivers, .* KiB\n/);
    const [, again] = /^reproduce: vmsplit (.*)$/m.exec(first.out)!;
    expect(again).toBe(
      `record drivers --seed 1 --events 3000 --set devices=3 --set vmallocBytes=8388608 -o ${a}`,
    );
    await vmsplit(again!.replace(a, b));
    expect(readFileSync(b)).toEqual(readFileSync(a));
  });

  it('tells its result as JSON', async () => {
    const file = join(temporaryFolder(), 'a.vmt');
    const result = json(
      await vmsplit(`record prefork --events 500 --seed 9 --set workers=2 -o ${file} --json`),
    );
    expect(Object.keys(result).sort()).toEqual(
      ['bytes', 'complete', 'events', 'file', 'options', 'reproduce', 'seed', 'workload'].sort(),
    );
    expect(result).toMatchObject({ file, workload: 'prefork', seed: 9, events: 500, complete: true });
    expect(result.options).toMatchObject({ workers: 2, cpus: 2 });
    expect(result.bytes).toBe(readFileSync(file).length);
  });

  it('gives the same events whatever the batch size, others for another seed', async () => {
    const folder = temporaryFolder();
    const digest = async (options: string): Promise<unknown> => {
      const file = join(folder, 'a.vmt');
      await vmsplit(`record drivers --events 2000 ${options} -o ${file}`);
      const { layouts } = json(await vmsplit(`replay ${file} --json`)) as { layouts: { digest: string }[] };
      return layouts[0]!.digest;
    };
    const expected = await digest('');
    expect(await digest('--batch 7')).toBe(expected);
    expect(await digest('--seed 2')).not.toBe(expected);
  });

  it('writes to standard output, and the result to standard error', async () => {
    const file = join(temporaryFolder(), 'a.vmt');
    await vmsplit(`record drivers --events 1000 -o ${file}`);
    const { code, bytes, err } = await vmsplit('record drivers --events 1000 -o -');
    expect(code).toBe(0);
    expect(bytes).toEqual(readFileSync(file));
    expect(err).toMatch(/^<stdout>: 1,000 events of drivers/);
  });

  it('lists the workloads, and the options of each', async () => {
    const { out } = await vmsplit('record --list');
    const listed: { name: string }[] = JSON.parse((await vmsplit('record --list --json')).out);
    expect(listed.map(({ name }) => name)).toEqual(WORKLOADS.map(({ name }) => name));
    for (const { name, options } of WORKLOADS) {
      expect(out).toMatch(new RegExp(`^${name} `, 'm'));
      const table = await vmsplit(`record ${name} --options`);
      for (const option of options) expect(table.out).toMatch(new RegExp(`^${option.name} `, 'm'));
    }
  });

  it('ends early when interrupted, with a whole trace that says so, and exit code 130', async () => {
    const file = join(temporaryFolder(), 'a.vmt');
    const interruption = new AbortController();
    setTimeout(() => interruption.abort(new Interrupted(130)), 50);
    const { code, out, err } = await vmsplit(`record drivers --events 1000000000 -o ${file}`, {
      signal: interruption.signal,
    });
    expect([code, err]).toEqual([130, 'vmsplit: interrupted\n']);
    expect(out).toMatch(/events of drivers, .*, incomplete/);
    const info = await vmsplit(`info ${file} --verify --json`);
    expect(info.code).toBe(1);
    expect(json(info)).toMatchObject({
      complete: false,
      lost: { message: expect.stringMatching(/broken off after \d+ events, all of them whole/) },
    });
  });
});

describe('a recording over a file that is there', () => {
  const interrupted = async (line: string) => {
    const interruption = new AbortController();
    setTimeout(() => interruption.abort(new Interrupted(130)), 50);
    return vmsplit(line, { signal: interruption.signal });
  };

  it('that is interrupted leaves the old one as it was, and the new one beside it', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'a.vmt');
    await vmsplit(`record drivers --events 1000 -o ${file}`);
    const before = readFileSync(file);
    const { code, out, err } = await interrupted(`record drivers --events 1000000000 -o ${file}`);
    expect(code).toBe(130);
    expect(err).toMatch(/a\.vmt is as it was; what was written until then is in .*a\.vmt\.partial\n/);
    expect(out).toMatch(/^.*a\.vmt\.partial: .* events of drivers, .*, incomplete/);
    expect(readFileSync(file)).toEqual(before);
    expect(readdirSync(folder).sort()).toEqual(['a.vmt', 'a.vmt.partial']);
    expect((await vmsplit(`info ${file}.partial`)).code).toBe(1);
  });

  it('takes its place when it is whole, and never writes to what another run left', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'a.vmt');
    writeFileSync(`${file}.partial`, 'of a run that was killed');
    await vmsplit(`record drivers --events 1000 -o ${file}`);
    const { code, out } = await vmsplit(`record drivers --events 2000 -o ${file}`);
    expect([code, out]).toEqual([0, expect.stringMatching(/a\.vmt: 2,000 events/)]);
    expect(readFileSync(`${file}.partial`, 'utf8')).toBe('of a run that was killed');
    expect(readdirSync(folder).sort()).toEqual(['a.vmt', 'a.vmt.partial']);
  });
});

describe('import', () => {
  it('finds the format, unpacks gzip, and counts what was there', async () => {
    const file = join(temporaryFolder(), 'true.vmt');
    const result = json(await vmsplit(`import ${LACKEY} -o ${file} --json`));
    expect(Object.keys(result).sort()).toEqual(
      [
        ...[
          'bytes',
          'choice',
          'complete',
          'eventLines',
          'events',
          'file',
          'format',
          'ignored',
          'implied',
          'lines',
        ],
        ...['notes', 'processes', 'references', 'reproduce', 'warnings'],
      ].sort(),
    );
    expect(result).toMatchObject({ format: 'lackey', references: TRUE_REFERENCES, warnings: [] });
    expect(json(await vmsplit(`info ${file} --json`)).references).toEqual(TRUE_REFERENCES);
    const { out } = await vmsplit(`info ${file}`);
    expect(out).toContain('imported    lackey: a line says so: "==');
  });

  it('reads standard input and writes standard output: the same trace but for its name', async () => {
    const packed = await vmsplit('import -', { stdin: readFileSync(LACKEY) });
    const plain = await vmsplit('import - -o - --format lackey', {
      stdin: gunzipSync(readFileSync(LACKEY)),
    });
    const digests = await Promise.all(
      [packed, plain].map(async ({ code, bytes }) => {
        expect(code).toBe(0);
        const result = json(await vmsplit('replay - --json', { stdin: bytes }));
        return (result.layouts as { digest: string }[])[0]!.digest;
      }),
    );
    expect(digests[0]).toBe(digests[1]);
  });

  describe('of a kernel trace', () => {
    const FIXTURES = join(import.meta.dirname, '../../fixtures/kernel');
    const KERNEL_TRACE = join(FIXTURES, 'forkloop-all/trace.txt.gz');
    const SNAPSHOT = join(FIXTURES, 'oddcomm');

    it('accounts for every line and event, by rule', async () => {
      const file = join(temporaryFolder(), 'fork.vmt');
      const { out } = await vmsplit(`import ${KERNEL_TRACE} -o ${file}`);
      const counts = [...out.matchAll(/^ +([\d,]+) {2}\w/gm)].map(([, count]) =>
        Number(count!.replaceAll(',', '')),
      );
      const [, lines, eventLines, implied] =
        /^ftrace: ([\d,]+) lines, ([\d,]+) of them events; ([\d,]+) events implied$/m
          .exec(out)!
          .map((count) => Number(count.replaceAll(',', '')));
      const changed = Number(/([\d,]+) {2}kfree\(\) of a kmem_cache object/.exec(out)![1]);
      expect(counts.reduce((sum, count) => sum + count)).toBe(lines! - eventLines! + implied! + changed);
      expect(out).toMatch(/^ +\d+ {2}kfree\(NULL\)$/m);
    });

    it('notes the names of slab caches and the number of cpus, which a replay then has', async () => {
      const file = join(temporaryFolder(), 'fork.vmt');
      await vmsplit(`import ${KERNEL_TRACE} -o ${file} --format ftrace`);
      const { notes } = json(await vmsplit(`info ${file} --json`));
      expect(notes).toMatchObject({
        cpus: 2,
        caches: expect.arrayContaining([expect.objectContaining({ name: 'filp' })]),
      });
      const [own, two, one] = await Promise.all(
        ['', '--cpus 2', '--cpus 1'].map(async (cpus) => {
          const { layouts } = json(await vmsplit(`replay ${file} --json ${cpus}`));
          return (layouts as { digest: string }[])[0]!.digest;
        }),
      );
      expect(own).toBe(two);
      expect(own).not.toBe(one);
    });

    it('takes a snapshot beside the trace as the initial state', async () => {
      const file = join(temporaryFolder(), 'fork.vmt');
      await vmsplit(`import ${KERNEL_TRACE} -o ${file} --snapshot ${SNAPSHOT}`);
      const { header } = json(await vmsplit(`info ${file} --json`));
      const { zones } = (header as { parameters: { initialState: InitialState } }).parameters.initialState;
      expect(zones.map(({ zone, startPfn }) => [zone, startPfn])).toEqual([
        ['DMA', 1],
        ['DMA32', 4096],
        ['Normal', 0x100000],
      ]);
      expect((await vmsplit(`info ${file}`)).out).toContain('"initialState":"a snapshot"');
    });

    it.each([
      [`--snapshot ${FIXTURES}`, /found no report of a kernel, expected a snapshot: zoneinfo and buddyinfo/],
      ['--snapshot /nowhere', /nowhere: no such file or directory/],
      [
        '--format din',
        /trace.txt.gz: found \d+ lines, none of them a memory reference, expected lines such as/,
      ],
    ])('%s is refused', async (option, message) => {
      const { code, err } = await vmsplit(
        `import ${KERNEL_TRACE} -o ${join(temporaryFolder(), 'a.vmt')} ${option}`,
      );
      expect([code, err]).toEqual([2, expect.stringMatching(message)]);
    });
  });

  it('leaves nothing behind when the input is bad', async () => {
    const folder = temporaryFolder();
    const cut = readFileSync(LACKEY).subarray(0, 60_000);
    const { code, err } = await vmsplit(`import - -o ${join(folder, 'cut.vmt')}`, { stdin: cut });
    expect([code, err]).toEqual([
      2,
      expect.stringMatching(/<stdin>: found the end of the file within its gzip data/),
    ]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('tells of what is odd in the input', async () => {
    const text = gunzipSync(readFileSync(LACKEY)).subarray(0, 100_003);
    const file = join(temporaryFolder(), 'part.vmt');
    const { code, err } = await vmsplit(`import - -o ${file}`, { stdin: text });
    expect(code).toBe(0);
    expect(err).toMatch(/^warning: .*the trace is a part of a run/m);
    expect(existsSync(file)).toBe(true);
  });

  it.each([
    ['strace/gcc.strace', 'strace: 304 lines, 273 of them events; 167 events implied'],
    ['heap/sqlite3.vgmalloc', 'vgmalloc: 5,885 lines, 5,793 of them events; 505 events implied'],
  ])('accounts for every line of %s', async (name, counts) => {
    const file = join(temporaryFolder(), 'program.vmt');
    const { code, out } = await vmsplit(
      `import tests/fixtures/${name}.gz --sysroot tests/fixtures/elf -o ${file}`,
    );
    expect(code).toBe(0);
    expect(out).toContain(`${counts}\n`);
  });

  it('lists the formats', async () => {
    expect((await vmsplit('import --list')).out).toMatch(/^lackey: valgrind/m);
  });
});
