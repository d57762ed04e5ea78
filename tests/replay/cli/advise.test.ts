/** vmsplit advise: from the files of a failing board to what failed, why, and what would cure it, replayed. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { FULL } from '../../support/depth.ts';
import { alloc, at } from '../../support/kernel-lines.ts';
import { json, temporaryFolder, vmsplit } from './vmsplit.ts';

interface Report {
  readonly id: string;
  readonly log: readonly string[];
  readonly verdict: Readonly<Record<string, unknown>>;
}

const FIXTURES = join(import.meta.dirname, '../../fixtures/reports');
const REPORTS = ['reports.json', 'grammar.json'].flatMap(
  (file) => JSON.parse(readFileSync(join(FIXTURES, file), 'utf8')) as Report[],
);

function logOf(id: string): string {
  return `${REPORTS.find((one) => one.id === id)!.log.join('\n')}\n`;
}

function written(name: string, text: string | Uint8Array): string {
  const file = join(temporaryFolder(), name);
  writeFileSync(file, text);
  return file;
}

/** 1 GiB under 3G/1G: a small machine, for tests. */
const VMAP = [
  'vmap allocation for size 37806080 failed: use vmalloc=<size> to increase size.',
  '262000 pages RAM',
  '34710 pages HighMem/MovableOnly',
].join('\n');

interface Told {
  readonly verdict: Readonly<Record<string, unknown>> | null;
  readonly machine: { readonly layout: string; readonly ram?: number } | null;
  readonly cures: readonly { readonly name: string; readonly lane?: string }[];
  readonly doesNotHelp: readonly { readonly name: string; readonly lane?: string; readonly why: string }[];
  readonly room: readonly string[];
  readonly reproduces: boolean | null;
}

async function told(files: string): Promise<Told> {
  return json(await vmsplit(`advise ${files} --json`)) as unknown as Told;
}

describe('advise', () => {
  it('holds the verdict, with the names of its figures', async () => {
    const { verdict } = REPORTS.find(({ id }) => id === 'arm-module-window-5.4')!;
    const { verdict: found } = await told(written('dmesg.txt', logOf('arm-module-window-5.4')));
    expect(found).toMatchObject(verdict);
  });

  it('fits a screen of 80 columns, commands apart', async () => {
    const { out } = await vmsplit(`advise ${written('dmesg.txt', logOf('arm-module-window-5.4'))}`);
    const lines = out.split('\n');
    const prose = lines.filter((line) => !/^ +(vmsplit|--layouts)/.test(line));
    expect(Math.max(...prose.map(({ length }) => length))).toBeLessThanOrEqual(80);
    expect(lines.length).toBeLessThanOrEqual(48);
    expect(out).toMatch(/bring +\/proc\/vmallocinfo/);
  });

  it('cures what it says it cures: diff of the state says the same', async () => {
    const file = written('dmesg.txt', VMAP);
    const { cures, doesNotHelp, machine, reproduces } = await told(file);
    const cure = cures.find(({ name }) => name.startsWith('vmalloc='))!;
    const other = doesNotHelp.find(({ name }) => name.includes('of RAM'))!;
    expect(reproduces).toBe(true);
    const state = join(temporaryFolder(), 'board.vmt');
    expect((await vmsplit(`advise ${file} -o ${state}`)).out).toMatch(/events: the state, and what failed/);
    const base = `${machine!.layout}:ram=${machine!.ram! / 2 ** 20}M`;
    const { out } = await vmsplit(`diff ${state} --layouts ${base},${cure.lane},${other.lane}`);
    const differences = out.slice(out.indexOf('what differs and why'));
    expect(differences).toMatch(/^ +linux-3g1g-pae ram=1G: no hole of the vmalloc window/m);
    expect(differences).toMatch(/^ +linux-3g1g-pae .*vmalloc=\d+M: ok at 0x/m);
    expect(other.why).toMatch(/leaves the vmalloc window at 120.0 MiB/);
  });
});

describe('the files', () => {
  const vmallocinfo = '0xf8400000-0xfd800000 88080384 nvidia+0x11/0x80 [nvidia] pages=21503 vmalloc\n';

  it('are known by their content, in any order and under any name, in folders and archives too', async () => {
    const folder = temporaryFolder();
    const log = logOf('arm-5.4-swiotlb-pool');
    mkdirSync(join(folder, 'proc'));
    writeFileSync(join(folder, 'a.txt'), log);
    writeFileSync(join(folder, 'proc', 'b'), gzipSync(vmallocinfo));
    const tar = written('board.tgz', gzipSync(tarOf({ 'x/one': log, 'x/two': vmallocinfo })));
    for (const files of [folder, tar]) {
      const { verdict, room } = await told(files);
      expect(verdict).toMatchObject({ kind: 'swiotlb-full' });
      expect(room).toEqual([expect.stringMatching(/^vmalloc window: 84\.0 MiB taken/)]);
    }
  });

  it('that say nothing are named, and those that are not there are an error', async () => {
    const { code, out } = await vmsplit(`advise ${written('notes.txt', 'buy milk\n')}`);
    expect([code, out]).toEqual([0, expect.stringContaining('says nothing that is used here')]);
    expect(out).toMatch(/bring +the log of the failure/);
    expect(await vmsplit(`advise ${join(temporaryFolder(), 'none')}`)).toMatchObject({ code: 2 });
  });

  it('of RAM that is left alone are shown under each layout that uses it', async () => {
    const { out } = await vmsplit(`advise ${written('dmesg.txt', logOf('i386-3.2-no-pae'))}`);
    expect(out.match(/^ {2}vmsplit layouts linux-[^:]+/gm)).toEqual(
      ['linux-3g1g', 'linux-3g1g-pae', 'linux-x86_64'].map((layout) => `  vmsplit layouts ${layout}`),
    );
  });

  it('may be a recording whose failures are served here: then the state before is wanting', async () => {
    const failed = 'mm_page_alloc: page=0000000000000000 pfn=0x0 order=4 migratetype=0 gfp_flags=GFP_KERNEL';
    const trace = written('trace.txt', `${alloc(5)}\n${at(2, failed)}\n`);
    const { out } = await vmsplit(`advise ${trace}`);
    expect(out).toMatch(/^note: what failed where it was recorded \(1\) is served here: what was in use/m);
    expect(out).toMatch(/^bring +a capture, for what was in use before the recording/m);
    // No candidate is worth a line where nothing fails.
    expect(out).toMatch(/vmsplit diff board\.vmt \\\n +--layouts linux-3g1g:ram=1G\n*$/);
  });

  it.runIf(FULL)('may be a recording longer than any log, packed in an archive with the rest', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'vmsplit-capture'));
    const comments = `${'# '.padEnd(1023, '-')}\n`.repeat(66_000);
    writeFileSync(
      join(folder, 'vmsplit-capture', 'trace.txt.gz'),
      gzipSync(`# tracer: nop\n${comments}${alloc(5)}\n`),
    );
    writeFileSync(join(folder, 'vmsplit-capture', 'vmallocinfo'), vmallocinfo);
    const tar = join(folder, 'board.tar');
    execFileSync('tar', ['-cf', tar, '-C', folder, 'vmsplit-capture']);
    const { code, out } = await vmsplit(`advise ${tar}`);
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(/failed +0 requests among 3 events of \S+trace\.txt\.gz/),
    ]);
  });

  it('may be a recording, which is replayed whole', async () => {
    const trace = join(temporaryFolder(), 'drivers.vmt');
    await vmsplit(`record drivers --events 1000 --set devices=30 -o ${trace}`);
    const { out } = await vmsplit(`advise ${trace}`);
    expect(out).toMatch(/failed +[\d,]+ requests among 1,000 events/);
    expect(out).toMatch(/vmsplit diff \S+drivers\.vmt/);
  });
});

/** Headers of 512 bytes with name, size and type, contents padded to 512. */
function tarOf(files: Readonly<Record<string, string>>): Buffer {
  const blocks = Object.entries(files).flatMap(([name, text]) => {
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write(text.length.toString(8).padStart(11, '0'), 124);
    header.write('0', 156);
    header.write('ustar', 257);
    return [header, Buffer.from(text.padEnd(Math.ceil(text.length / 512) * 512, '\0'))];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}
