/** The program as a process: exit codes, pipes, signals, full disks, and the demonstration. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { builtCli } from '../../support/build.ts';
import { atDepth, FULL } from '../../support/depth.ts';
import { json, temporaryFolder, vmsplit } from './vmsplit.ts';

let program: string;
beforeAll(() => {
  program = builtCli();
}, 120_000);

interface Exited {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** In a shell line, `vmsplit` is the program. What it leaves is looked at in this process: it starts in no time. */
function shell(line: string): Promise<Exited> {
  const script = `set -o pipefail; vmsplit() { '${process.execPath}' '${resolve(program)}' "$@"; }; ${line}`;
  return exited(spawn('bash', ['-c', script]));
}

async function exited(child: ChildProcess): Promise<Exited> {
  const [[code], out, err] = await Promise.all([
    once(child, 'exit') as Promise<[number | null]>,
    text(child.stdout!),
    text(child.stderr!),
  ]);
  return { code, out, err };
}

describe('the program', () => {
  it('is run by its name, as npx does: a fresh build has its run bit', async () => {
    expect(() => accessSync(program, constants.X_OK)).not.toThrow();
    const { code, out } = await exited(spawn(`./${program}`, ['--version']));
    expect([code, out]).toEqual([0, `${JSON.parse(readFileSync('package.json', 'utf8')).version}\n`]);
  });
});

describe('locales', () => {
  it('do not change a figure', async () => {
    const replayed = 'vmsplit replay workload:drivers --events 1000 | grep -v replayed';
    const line = `vmsplit layouts linux-3g1g${FULL ? `; ${replayed}` : ''}`;
    const [c, ...others] = await Promise.all(
      ['C', 'de_DE.UTF-8', ...(FULL ? ['hi_IN.UTF-8'] : [])].map((locale) =>
        shell(`export LC_ALL=${locale}; ${line}`),
      ),
    );
    expect(c!.out).toMatch(/879\.6 MiB of low memory/);
    for (const { out } of others) expect(out).toBe(c!.out);
  });
});

describe('exit codes', () => {
  const each: [string, number][] = [
    ['vmsplit layouts 3g1g', 0],
    ['vmsplit diff workload:drivers --events 5000 --layouts linux-3g1g:vmalloc=16M,linux-2g2g', 1],
    ['vmsplit layouts > /dev/full', 2],
  ];
  const others: [string, number][] = [
    ['vmsplit diff workload:drivers --events 1000', 0],
    ['vmsplit info nothing.vmt', 2],
    ['vmsplit nothing', 2],
    ['vmsplit record drivers -o /dev/full', 2],
  ];
  it.each([...each, ...(FULL ? others : [])])('%s: %i', async (line, code) => {
    const { code: found, err } = await shell(line);
    expect(found).toBe(code);
    expect(err).not.toMatch(/\n\s+at /);
  });
});

describe('pipes', () => {
  it('carry a trace from record to replay', async () => {
    const piped = await shell('vmsplit record drivers --events 5000 -o - | vmsplit replay - --json');
    const alone = await vmsplit('replay workload:drivers --events 5000 --json');
    expect([piped.code, alone.code]).toEqual([0, 0]);
    const digest = ({ out }: { readonly out: string }): string =>
      (json({ out }).layouts as { digest: string }[])[0]!.digest;
    expect(digest(piped)).toBe(digest(alone));
  });

  it.runIf(FULL)('that have no name but a file descriptor are read as streams', async () => {
    const { code, out } = await shell('vmsplit info <(vmsplit record drivers --events 5000 -o -)');
    expect([code, out]).toEqual([0, expect.stringMatching(/5,000 events/)]);
  });

  it.each([
    'vmsplit record drivers -o - | head -c 1000',
    ...(FULL ? ['vmsplit replay workload:drivers --events 1000 | head -1'] : []),
  ])('that break end the program quietly: %s', async (line) => {
    const { code, err } = await shell(`${line} > /dev/null`);
    expect(code).toBe(0);
    expect(err).toBe('');
  });

  it.runIf(FULL)('that never end do not keep a program that has seen enough', async () => {
    const { err } = await shell('yes | vmsplit info -');
    expect(err).toMatch(/<stdin>: at byte 0: found something else/);
  });
});

const start = (...args: string[]): ChildProcess =>
  spawn(process.execPath, [program, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });

/** Until the recording has begun. */
async function appears(file: string): Promise<void> {
  while (!existsSync(file)) await setTimeout(10);
}

describe('Ctrl-C', () => {
  const SIGNALS = [['SIGINT', 130] as const, ...(FULL ? [['SIGTERM', 143] as const] : [])];
  it.each(SIGNALS)('%s leaves a readable trace and exits with %i', async (signal, code) => {
    const folder = temporaryFolder();
    const file = join(folder, 'a.vmt');
    const child = start('record', 'drivers', '--events', '1000000000', '-o', file);
    const end = exited(child);
    await appears(`${file}.partial`);
    child.kill(signal);
    expect(await end).toMatchObject({ code, err: 'vmsplit: interrupted\n' });
    expect(readdirSync(folder)).toEqual(['a.vmt']);
    const info = await vmsplit(`info ${file} --json --verify`);
    expect(info.code).toBe(1);
    expect(json(info).lost).toMatchObject({ message: expect.stringMatching(/all of them whole/) });
  });

  it.runIf(FULL)('ends an import that waits for its input', async () => {
    const file = join(temporaryFolder(), 'a.vmt');
    const child = start('import', '-', '-o', file);
    const end = exited(child);
    // As much as tells a tar from a trace.
    child.stdin!.write(' L 10000000,4\n'.repeat(500));
    await appears(`${file}.partial`);
    child.kill('SIGINT');
    expect((await end).code).toBe(130);
    expect((await vmsplit(`info ${file}`)).code).toBe(1);
  });

  it.runIf(FULL)('not heeded (kill -9) leaves what was written under another name, readable', async () => {
    const file = join(temporaryFolder(), 'a.vmt');
    const child = start('record', 'drivers', '--events', '1000000000', '-o', file);
    const end = exited(child);
    await appears(`${file}.partial`);
    while (statSync(`${file}.partial`).size < 2 ** 19) await setTimeout(10);
    child.kill('SIGKILL');
    await end;
    expect(existsSync(file)).toBe(false);
    const info = await vmsplit(`info ${file}.partial --json`);
    expect([info.code, json(info).complete]).toEqual([1, false]);
    // The dead one's lock is in nobody's way.
    const recovered = await shell(`vmsplit recover ${file}.partial -o ${file} --json`);
    expect(recovered).toMatchObject({ code: 0, err: '' });
    expect(json(await vmsplit(`info ${file} --json`)).events).toBe(json(info).events);
    expect(readdirSync(join(file, '..')).sort()).toEqual(['a.vmt', 'a.vmt.partial']);
  });
});

describe('a sweep', () => {
  const points = atDepth({ quick: 6, full: 12 });
  const events = ['--events', '12000', '--vary', `seed=1..${points}`];
  const sweep = ['sweep', 'workload:drivers', ...events, '--jobs', '2'];

  it('ends in the middle of its points, and goes on with what is kept', async () => {
    const folder = temporaryFolder();
    const line = [...sweep, '--out', folder, '--format', 'csv', '--figures', 'failures,walks,digest'];
    const child = start(...line);
    const end = exited(child);
    while (finishedIn(folder) < points / 4) await setTimeout(10);
    child.kill('SIGINT');
    const { code, out, err } = await end;
    expect([code, out]).toEqual([130, '']);
    expect(err).toMatch(
      /of \d+ points are finished and kept in .*; the same command goes on\nvmsplit: interrupted\n$/,
    );
    const kept = finishedIn(folder);
    expect(kept).toBeLessThan(points);
    const resumed = await vmsplit(line.join(' '));
    const whole = await vmsplit(line.toSpliced(line.indexOf('--out'), 2).join(' '));
    expect([resumed.code, whole.code]).toEqual([0, 0]);
    expect(resumed.out).toBe(whole.out);
  });

  it.runIf(FULL)('that is killed leaves whole points only', async () => {
    const folder = temporaryFolder();
    const child = start(...sweep, '--out', folder);
    const end = exited(child);
    while (finishedIn(folder) < 2) await setTimeout(10);
    child.kill('SIGKILL');
    await end;
    for (const name of pointsIn(folder))
      expect(JSON.parse(readFileSync(join(folder, name), 'utf8'))).toMatchObject({
        result: { complete: true },
      });
    expect((await exited(start(...sweep, '--out', folder))).out).toMatch(
      /12 points, exact .*; \d+ of them kept/,
    );
  });

  const pointsIn = (folder: string): string[] =>
    readdirSync(folder).filter((name) => /^[0-9a-f]{64}\.json$/.test(name));
  const finishedIn = (folder: string): number => pointsIn(folder).length;
});

describe('two writers', () => {
  it('of one name: the second is refused, and the first goes on', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'c.vmt');
    const first = start('import', '-', '-o', file);
    const end = exited(first);
    first.stdin!.write(' L 10000000,4\n'.repeat(500));
    await appears(`${file}.partial`);
    const second = await shell(`vmsplit record prefork --events 1000 -o ${file}`);
    expect([second.code, second.err]).toEqual([
      2,
      expect.stringMatching(new RegExp(`c\\.vmt: is being written by process ${first.pid},`)),
    ]);
    first.stdin!.end(' S 10001000,4\n'.repeat(500));
    expect((await end).code).toBe(0);
    expect(readdirSync(folder)).toEqual(['c.vmt']);
    expect(json(await vmsplit(`info --verify --json ${file}`))).toMatchObject({ complete: true });
  });

  it.runIf(FULL)(
    'one after the other by a default name: what was made from something else is not replaced',
    async () => {
      const folder = temporaryFolder();
      const inFolder = (line: string) => shell(`cd '${folder}' && ${line}`);
      for (const name of ['a', 'b', 'c']) mkdirSync(join(folder, name));
      writeFileSync(join(folder, 'a/trace.txt'), '1 execve("/bin/true", ["true"], 0x1 /* 1 var */) = 0\n');
      writeFileSync(join(folder, 'b/trace.txt'), '1 execve("/bin/echo", ["echo"], 0x1 /* 1 var */) = 0\n');
      writeFileSync(join(folder, 'c/trace.txt'), readFileSync(join(folder, 'a/trace.txt')));
      expect((await inFolder('vmsplit import a/trace.txt')).code).toBe(0);
      const first = readFileSync(join(folder, 'trace.vmt'));
      const second = await inFolder('vmsplit import b/trace.txt');
      expect([second.code, second.err]).toEqual([
        2,
        expect.stringMatching(
          /trace\.vmt: is there already, and was not made from b\/trace\.txt; .* -o trace\.vmt/,
        ),
      ]);
      expect(readFileSync(join(folder, 'trace.vmt'))).toEqual(first);
      expect((await inFolder('vmsplit import c/trace.txt')).code).toBe(0);
      expect((await inFolder('vmsplit import b/trace.txt -o trace.vmt')).code).toBe(0);

      writeFileSync(join(folder, 'prefork.vmt'), first);
      expect((await inFolder('vmsplit record prefork --events 100')).code).toBe(2);
      expect((await inFolder('vmsplit record drivers --events 100')).code).toBe(0);
      expect((await inFolder('vmsplit record drivers --events 100 --seed 2')).code).toBe(0);
    },
  );
});

describe('a full disk', () => {
  it('leaves what was written under another name, readable, and the file of that name alone', async () => {
    const file = join(temporaryFolder(), 'a.vmt');
    writeFileSync(file, 'mine');
    const { code, err } = await shell(`ulimit -f 200; vmsplit record drivers -o ${file}`);
    expect([code, err]).toEqual([
      2,
      expect.stringMatching(/^what was written until then is in .*a\.vmt\.partial\n/),
    ]);
    expect(readFileSync(file, 'utf8')).toBe('mine');
    const info = await vmsplit(`info ${file}.partial --json`);
    expect([info.code, json(info).complete]).toEqual([1, false]);
  });
});

describe('the demonstration', () => {
  it.runIf(FULL)(
    'does the main job on three workloads and tells what differs',
    async () => {
      const folder = join(temporaryFolder(), 'out');
      const { code, out, err } = await shell(`vmsplit demo --events 100000 -o ${folder} | cat`);
      expect(code).toBe(0);
      expect(err).toMatch(/^1\/3 drivers:[\s\S]*^2\/3 highmem:[\s\S]*^3\/3 ls-lR:/m);
      expect(readdirSync(folder).sort()).toEqual(['drivers.vmt', 'highmem.vmt', 'ls-lR.vmt']);
      expect(out).toMatch(/^drivers +linux-3g1g .* vmalloc \(vmalloc-space\)/m);
      expect(out).toMatch(/^highmem +linux-3g1g .* kmap \(kmap-slots\)/m);
      expect(out).toMatch(/^ls-lR +linux-3g1g .* none$/m);
      expect(out).toMatch(
        /what differs, and why[\s\S]*linux-3g1g: no hole of the vmalloc window[\s\S]*nothing differs/,
      );
      const again = /^ {2}vmsplit (diff .*drivers\.vmt .*)$/m.exec(out)![1]!;
      expect((await shell(`vmsplit ${again}`)).code).toBe(1);
    },
    60_000,
  );

  it('is what npm start runs', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(scripts.start).toBe('node dist/vmsplit.js demo');
  });
});
