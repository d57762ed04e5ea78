/** layouts with a file: memory maps, layouts as JSON, and files that cannot be either. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { FULL } from '../../support/depth.ts';
import { json, temporaryFolder, vmsplit } from './vmsplit.ts';

describe('layouts', () => {
  it('takes the memory map of a real machine', async () => {
    const file = join(temporaryFolder(), 'iomem');
    writeFileSync(file, '00001000-0009fbff : System RAM\n00100000-1ffdffff : System RAM\n');
    const { maxPfn } = json(await vmsplit(`layouts linux-3g1g --memory-map ${file} --json`));
    expect(maxPfn).toBe(0x1ffe0);
  });

  it('refuses what ordinary users see of /proc/iomem, and damaged files, saying what to do', async () => {
    const file = join(temporaryFolder(), 'iomem');
    writeFileSync(file, '00000000-00000000 : Reserved\n00000000-00000000 : System RAM\n');
    const zeroed = await vmsplit(`layouts linux-3g1g --memory-map ${file}`);
    expect(zeroed).toMatchObject({ code: 2, out: '' });
    expect(zeroed.err).toMatch(/iomem: memory map, line 2: RAM at address 0 to 0; .*read it with sudo/);
    writeFileSync(file, Uint8Array.of(0x1f, 0x8b, 8, 0));
    expect((await vmsplit(`layouts linux-3g1g --memory-map ${file}`)).err).toMatch(
      /damaged gzip.*copy it again/,
    );
  });

  it('takes a gzipped boot log', async () => {
    const file = 'tests/fixtures/memory-map/i386-3g-pae_4096.dmesg.gz';
    const { maxPfn } = json(await vmsplit(`layouts linux-3g1g-pae --memory-map ${file} --json`));
    expect(maxPfn).toBe(0x140000);
  });

  it('takes a layout from a JSON file wherever it takes a name, and exports one as such', async () => {
    const board = 'tests/fixtures/layouts/board.json';
    expect(json(await vmsplit(`layouts ${board} --ram 2G --json`))).toMatchObject({
      name: 'board',
      highMemory: '0xe0800000',
    });
    const explained = await vmsplit(`explain 0xa0000010 --layout ${board}`);
    expect(explained.out).toMatch(/under board.*\n {2}type +kernel logical/);
    expect(explained.err).toContain(`--layout ${board}`);
    const file = join(temporaryFolder(), 'exported.json');
    const { out } = await vmsplit('layouts linux-2g2g --ram 512M --export');
    writeFileSync(file, out.replace('linux-2g2g', 'mine'));
    const same = await vmsplit(`diff workload:drivers --events 2000 --layouts linux-2g2g,${file} --ram 512M`);
    expect(same).toMatchObject({ code: 0, out: expect.stringContaining('mine') });
  });

  it('tells the faults of a JSON file, and that there is nothing to export without a name', async () => {
    const file = join(temporaryFolder(), 'faulty.json');
    writeFileSync(file, '{ "name": "x", "wordBits": 33 }');
    const { code, err } = await vmsplit(`layouts ${file}`);
    expect(code).toBe(2);
    expect(err).toMatch(/wordBits: found 33, expected 16 or 32 or 64: write it so\n/);
    expect((await vmsplit('layouts --export')).err).toMatch(/--export: found no layout to export/);
    expect((await vmsplit('layouts nowhere.json')).err).toMatch(/nowhere.json/);
  });
});

describe('files that are more than text', () => {
  const zeros = gzipSync(Buffer.alloc(65 << 20), { level: 1 });
  const places = [['--memory-map', 'a memory map'], ...(FULL ? [['', 'a layout as JSON']] : [])];
  it.each(places)('unpacked without end are refused (%s)', async (option, expected) => {
    const file = join(temporaryFolder(), option === '' ? 'zero.json' : 'zero.gz');
    writeFileSync(file, zeros);
    const { code, err } = await vmsplit(option === '' ? `layouts ${file}` : `layouts 3g1g ${option} ${file}`);
    expect([code, err]).toEqual([
      2,
      expect.stringMatching(new RegExp(`found more than 64 MiB of text, expected ${expected}`)),
    ]);
  });

  it('that lie together are refused where they are named', async () => {
    const file = join(temporaryFolder(), 'board.json');
    const text = readFileSync('tests/fixtures/layouts/board.json', 'utf8');
    writeFileSync(file, text.replace('"pageOffset": "0xa0000000"', '"pageOffset": "0xa0100000"'));
    for (const line of [
      `layouts ${file}`,
      `explain 0xa1234567 --layout ${file}`,
      `replay workload:drivers --layout ${file}`,
    ]) {
      const { code, err } = await vmsplit(line);
      expect([line, code]).toEqual([line, 2]);
      expect(err).toMatch(/kernel\.pageOffset: found 0xa0100000, expected .* a multiple of a large page/);
    }
  });
});
