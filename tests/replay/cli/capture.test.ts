/** capture prints the script; import takes what it saved, as a tar and as a folder, and so what else was gathered. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { area } from '../../support/kernel-lines.ts';
import { json, temporaryFolder, vmsplit } from './vmsplit.ts';

const KERNEL = 'tests/fixtures/kernel/oddcomm';
const AREA = 0xffffc90000100000n;

/** What a board left: files by name. */
function gathered(files: Readonly<Record<string, string | Buffer>>): { folder: string; tar: string } {
  const base = temporaryFolder();
  const folder = join(base, 'vmsplit-capture');
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  const tar = join(base, 'board.tar');
  execFileSync('tar', ['-cf', tar, '-C', base, 'vmsplit-capture']);
  return { folder, tar };
}

const trace = gunzipSync(readFileSync(join(KERNEL, 'trace.txt.gz'))).toString('latin1');
const files = {
  'trace.txt.gz': readFileSync(join(KERNEL, 'trace.txt.gz')),
  'before/zoneinfo': readFileSync(join(KERNEL, 'zoneinfo.before')),
  'before/buddyinfo': readFileSync(join(KERNEL, 'buddyinfo.before')),
  'after/zoneinfo': 'of another moment',
  'dmesg.txt': 'Linux version 6.1.0\n',
};

describe('capture', () => {
  it('prints a script with what was asked for in it', async () => {
    const { out, code } = await vmsplit('capture --seconds 77 --buffer 3M --no-trace');
    expect([code, out.startsWith('#!/bin/sh\n')]).toEqual([0, true]);
    expect(out).toMatch(/^seconds=77\nkib=3072\ntrace=no$/m);
    expect((await vmsplit('capture')).out).toMatch(/^seconds=10\nkib=16384\ntrace=yes$/m);
  });

  it('records what verify kernel goes by: without refills, drains or thefts it would find faults that are none', async () => {
    const { out } = await vmsplit('capture');
    for (const event of ['alloc_zone_locked', 'pcpu_drain', 'alloc_extfrag', 'free_batched'])
      expect(out).toMatch(new RegExp(` kmem/mm_page_${event} `));
    expect(out).toMatch(
      /^ {2}mark 'snapshot start: begin'\n {2}state start .*\n {2}mark 'snapshot start: end'$/m,
    );
  });

  it('says in its help what it needs and costs', async () => {
    const { out } = await vmsplit('capture --help');
    expect(out).toMatch(/It needs a POSIX shell[\s\S]*It costs the memory of --buffer/);
  });
});

describe('import', () => {
  it('takes the trace and the state before it, from a tar and from a folder alike', async () => {
    const { folder, tar } = gathered(files);
    const infos = [];
    for (const [i, path] of [tar, folder].entries()) {
      const file = join(temporaryFolder(), `${i}.vmt`);
      const { code, out } = await vmsplit(`import ${path} -o ${file}`);
      expect([code, out]).toEqual([
        0,
        expect.stringContaining(`reproduce: vmsplit import ${path} -o ${file}`),
      ]);
      infos.push(json(await vmsplit(`info ${file} --json`)));
      expect(
        (await vmsplit(`at ${file} buddyinfo --event 0 --layout linux-x86_64 --from-snapshot`)).code,
      ).toBe(0);
    }
    const [a, b] = infos as [{ kinds: unknown }, { kinds: unknown }];
    expect(a.kinds).toEqual(b.kinds);
    expect(a).toMatchObject({ header: { parameters: { file: 'board.tar' } } });
  });

  it('takes no state of another moment for that before', async () => {
    const { 'trace.txt.gz': gz, 'before/zoneinfo': zoneinfo, 'before/buddyinfo': buddyinfo } = files;
    for (const [place, isBefore] of [
      ['', true],
      ['before/', true],
      ['after/', false],
    ] as const) {
      const { folder } = gathered({
        'trace.txt.gz': gz,
        [`${place}zoneinfo`]: zoneinfo,
        [`${place}buddyinfo`]: buddyinfo,
      });
      const file = join(temporaryFolder(), 's.vmt');
      await vmsplit(`import ${folder} -o ${file}`);
      const { header } = json(await vmsplit(`info ${file} --json`)) as { header: { parameters: object } };
      expect(Object.hasOwn(header.parameters, 'initialState'), place).toBe(isBefore);
    }
  });

  it('names areas by the callers that /proc/vmallocinfo has afterwards', async () => {
    const end = AREA + 0x3000n;
    const { tar } = gathered({
      'trace.txt': `${area(Number(AREA), 12288)}\n`.replace(`${Number(AREA)}`, `${AREA}`),
      'after/vmallocinfo': `0x${AREA.toString(16)}-0x${end.toString(16)} 12288 load_module+0x1/0x2 pages=2 vmalloc\n`,
    });
    const file = join(temporaryFolder(), 'a.vmt');
    await vmsplit(`import ${tar} -o ${file}`);
    const { out } = await vmsplit(`at ${file} vmallocinfo --layout linux-x86_64`);
    expect(out).toMatch(/^0x\w+-0x\w+ +12288 load_module\+0x1\/0x2$/m);
  });

  it('finds the only trace among other files by its content', async () => {
    const { folder } = gathered({ 'kernel.log': trace, 'zoneinfo.before': files['before/zoneinfo'] });
    const file = join(temporaryFolder(), 'b.vmt');
    expect((await vmsplit(`import ${folder} -o ${file}`)).code).toBe(0);
    expect(json(await vmsplit(`info ${file} --json`))).not.toHaveProperty('header.parameters.initialState');
  });

  it('takes a tar from a pipe, also packed, and under whatever name', async () => {
    const { tar } = gathered({ 'trace.txt': trace });
    const plain = readFileSync(tar);
    const imported = async (line: string, stdin?: Buffer): Promise<Buffer> => {
      const { code, bytes } = await vmsplit(`import ${line} -o -`, stdin && { stdin });
      expect(code).toBe(0);
      return bytes;
    };
    const events = async (bytes: Buffer) => json(await vmsplit('info - --json', { stdin: bytes })).kinds;
    const expected = await events(await imported('-', plain));
    expect(await events(await imported('-', gzipSync(plain)))).toEqual(expected);
    const renamed = join(temporaryFolder(), 'board.bin');
    writeFileSync(renamed, gzipSync(plain));
    expect(await events(await imported(renamed))).toEqual(expected);
  });

  it('warns of what the buffers had no room for', async () => {
    const stats = (dropped: number): string =>
      `entries: 9\noverrun: 0\ndropped events: ${dropped}\nread events: 0\n`;
    for (const [dropped, text] of [
      [7, stats(3) + stats(4)],
      [0, stats(0)],
    ] as const) {
      const { folder } = gathered({ 'trace.txt': trace, 'buffers.txt': text });
      const { err } = await vmsplit(`import ${folder} -o ${join(temporaryFolder(), 'w.vmt')}`);
      expect(err.includes(`warning: ${dropped} events were dropped`)).toBe(dropped > 0);
    }
  });

  it('imports the same tar again', async () => {
    const { tar } = gathered({ 'trace.txt': trace });
    const file = join(temporaryFolder(), 'c.vmt');
    await vmsplit(`import ${tar} -o ${file}`);
    expect((await vmsplit(`import ${tar} -o ${file}`)).code).toBe(0);
  });

  it.each([
    [
      'no trace',
      { 'dmesg.txt': 'Linux version 6.1.0\n' },
      /found no trace in 1 files, expected one; `vmsplit advise/,
    ],
    [
      'two traces',
      { 'a/trace.txt': trace, 'b/trace.txt': trace },
      /found 2 traces, expected one: import \S+ or \S+ itself/,
    ],
  ])('refuses %s', async (_, content, message) => {
    const { folder, tar } = gathered(content);
    for (const path of [folder, tar]) {
      const { code, err } = await vmsplit(`import ${path} -o ${join(temporaryFolder(), 'd.vmt')}`);
      expect([code, err]).toEqual([2, expect.stringMatching(message)]);
    }
  });
});
