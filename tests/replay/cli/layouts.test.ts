/** layouts: the figures of a layout, its map, and layouts from files. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { addressSpaceFigures, buildLayout, layoutNames } from '../../../core/index.ts';
import { json, temporaryFolder, vmsplit } from './vmsplit.ts';

describe('layouts', () => {
  it('without a name lists them all, with what they make of the RAM', async () => {
    const { code, out } = await vmsplit('layouts --ram 2G');
    expect(code).toBe(0);
    expect(out.split('\n')[0]).toBe('under each layout, with 2.0 GiB of RAM:');
    const rows = out
      .split('\n')
      .slice(3, -1)
      .filter((row) => !row.startsWith(' '));
    expect(rows.map((row) => row.split(' ')[0])).toEqual(layoutNames().map(({ name }) => name));
    expect(rows[0]).toMatch(/3\.0 GiB +896\.0 MiB +1\.1 GiB +88\.0 MiB/);
  });

  it('has the figures of the table in its JSON too, in bytes', async () => {
    const listed = JSON.parse((await vmsplit('layouts --ram 2G --json')).out) as Record<string, unknown>[];
    expect(listed.map(({ name }) => name)).toEqual(layoutNames().map(({ name }) => name));
    expect(listed[0]).toEqual({
      name: '3g1g',
      family: 'textbook',
      title: 'Textbook 3 GiB user, 1 GiB kernel: 896 MiB of low memory',
      ramBytes: 2 ** 31,
      unusedRamBytes: 0,
      userSpaceBytes: 3 * 2 ** 30,
      // Page 0 is the BIOS's.
      lowMemoryBytes: 896 * 2 ** 20 - 4096,
      highMemoryBytes: 1152 * 2 ** 20,
      vmallocBytes: 88 * 2 ** 20 - 2 * 4096,
      problem: null,
    });
    const small = JSON.parse((await vmsplit('layouts --ram 16M --json')).out) as Record<string, unknown>[];
    expect(small.find(({ name }) => name === 'linux-3g1g')).toMatchObject({
      lowMemoryBytes: null,
      problem: expect.stringMatching(/16 MiB of RAM; expected 32 MiB/),
    });
  });

  it.each([
    ['ia64-4k', '320.0 GiB'],
    ['ia64-8k', '5.0 TiB'],
    ['ia64-16k', '80.0 TiB'],
    ['ia64-64k', '20.0 PiB'],
    ['vax-vms', '2.0 GiB'],
    ['linux-x86_64-la57', '64.0 PiB'],
  ])('counts as user space of %s what its parts have: %s', async (name, space) => {
    const { out } = await vmsplit('layouts');
    expect(out).toMatch(new RegExp(`^${name} +${space.replace('.', '\\.')} `, 'm'));
  });

  it.each([
    [
      'linux-3g1g --ram 8G',
      '8.0 GiB of RAM, 3.0 GiB of it used',
      /leaves 5\.0 GiB.* entries reach 4 GiB: .*PAE/,
    ],
    ['linux-3g1g --ram 3G', '3.0 GiB of RAM, 1 of', undefined],
    ['linux-3g1g-pae --ram 8G', '8.0 GiB of RAM, 1 of', undefined],
    [
      'linux-3g1g-pae --ram 80G',
      '80.0 GiB of RAM, 63.0 GiB of it used',
      /17\.0 GiB.*reach 64 GiB: .* of 64 bits/,
    ],
    [
      'linux-3g1g-nohighmem --ram 2G',
      '2.0 GiB of RAM, 883.6 MiB of it used',
      /1\.1 GiB of RAM unused: its direct map ends at physical 0x373fe000, and it has no high memory/,
    ],
    ['linux-3g1g --ram 2G --highmem 512M', '2.0 GiB of RAM, 1.4 GiB of it used', /655\.9 MiB.*highmem= more/],
    ['vax-vms --ram 1G', '1.0 GiB of RAM, 512.0 MiB of it used', /512\.0 MiB of RAM unused/],
    ['linux-x86_64 --ram 64G', '64.0 GiB of RAM, 1 of', undefined],
    [
      'linux-arm-1g3g --ram 6G',
      '6.0 GiB of RAM, 3.0 GiB of it used',
      /3\.0 GiB.* entries reach 4 GiB: a layout with LPAE or of 64 bits/,
    ],
    [
      'linux-arm-3g1g --ram 3G',
      '3.0 GiB of RAM, 3.0 GiB of it used',
      /4\.0 KiB of RAM unused: .* reach 4 GiB/,
    ],
    ['linux-arm64-39 --ram 600G', '600.0 GiB of RAM, 256.0 GiB of it used', /more address bits has more/],
  ])('%s: says what of the RAM it uses', async (line, ram, warning) => {
    const { out } = await vmsplit(`layouts ${line}`);
    expect(out).toContain(ram);
    if (warning === undefined) expect(out).not.toContain('warning');
    else expect(out.split('\n')[2]).toMatch(warning);
    const { unusedRam } = json(await vmsplit(`layouts ${line} --json`));
    expect(unusedRam === null).toBe(warning === undefined);
  });

  it('keeps its list when some layouts cannot have this machine', async () => {
    const { code, out } = await vmsplit('layouts --ram 16M');
    expect(code).toBe(0);
    expect(out).toMatch(/^linux-3g1g +- +- +- +-/m);
    expect(out).toMatch(/^3g1g +3\.0 GiB +16\.0 MiB/m);
  });

  it('says of the window that modules have apart from vmalloc what it is for', async () => {
    const { out } = await vmsplit('layouts linux-arm-3g1g --vmalloc 400M');
    expect(out.replaceAll(/\s+/g, ' ')).toMatch(
      /14\.0 MiB modules.*modules: a window of its own.*vmalloc= does not widen it/,
    );
    const windows = ['linux-arm-3g1g', 'linux-arm64-39', 'linux-x86_64', 'linux-3g1g'].map(
      async (name) => json(await vmsplit(`layouts ${name} --json`)).modules,
    );
    expect(await Promise.all(windows)).toEqual([
      { bytes: 14 * 2 ** 20, note: expect.stringMatching(/ARM_MODULE_PLTS/) },
      { bytes: 2 ** 27, note: expect.stringMatching(/ARM64_MODULE_PLTS/) },
      { bytes: expect.any(Number), note: null },
      null,
    ]);
  });

  it.each([
    ['linux-arm64-39', 'no canonical addresses'],
    ['linux-x86_64', 'a guard page, then no canonical addresses'],
  ])('%s: above user space there are %s', async (name, hole) => {
    expect((await vmsplit(`layouts ${name}`)).out).toContain(`hole: ${hole}\n`);
  });

  it('with a name tells the figures that a kernel would', async () => {
    const figures = json(await vmsplit('layouts linux-3g1g --ram 1G --json'));
    expect(figures).toMatchObject({
      pageOffset: '0xc0000000',
      vmallocStart: '0xf77fe000',
      vmallocEnd: '0xfeffe000',
      pkmapBase: '0xff000000',
      lastPkmap: 1024,
      highMemory: '0xf6ffe000',
      maxLowPfn: 225278,
    });
  });

  it('tells the constants of a kernel, and its direct map as meminfo has it; the books have none', async () => {
    const { constants, directMapKib } = json(await vmsplit('layouts linux-3g1g --ram 1G --json'));
    expect(constants).toMatchObject({
      MAXMEM: '0x36ffe000',
      FIXADDR_TOT_START: '0xffd3a000',
      PTRS_PER_PGD: '0x400',
    });
    expect(directMapKib).toEqual({ DirectMap4k: 16376, DirectMap4M: 884736 });
    expect(json(await vmsplit('layouts 3g1g --json'))).not.toHaveProperty('constants');
  });

  it('builds kernels without SMP, and takes a highmem= of nothing', async () => {
    const { constants } = json(await vmsplit('layouts linux-3g1g --nr-cpus 1 --json'));
    expect(constants).toMatchObject({ PKMAP_BASE: '0xff400000', NR_CPUS: '0x1' });
    const { maxPfn, maxLowPfn } = json(await vmsplit('layouts linux-3g1g --highmem 0 --json'));
    expect(maxPfn).toBe(maxLowPfn);
  });

  it('hands every option on to the layout', async () => {
    const line = 'layouts linux-3g1g-pae --ram 4G --cpus 4 --nr-cpus 16 --vmalloc 256M --highmem 2G --json';
    const layout = buildLayout('linux-3g1g-pae', {
      ramBytes: 2n ** 32n,
      cpus: 4,
      nrCpus: 16,
      vmallocBytes: 2n ** 28n,
      highmemBytes: 2n ** 31n,
    });
    expect(json(await vmsplit(line))).toMatchObject({ ...addressSpaceFigures(layout) });
  });

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

  it('draws the address space from the top down without a gap', async () => {
    for (const { name } of layoutNames()) {
      const { out } = await vmsplit(`layouts ${name}`);
      const ranges = [...out.matchAll(/^(0x\w+) +(0x\w+) /gm)].map(([, from, to]) => [
        BigInt(from!),
        BigInt(to!),
      ]);
      expect(ranges[0]![1]).toBe(name.includes('64') ? 1n << 64n : 1n << 32n);
      expect(ranges.at(-1)![0]).toBe(0n);
      for (let i = 1; i < ranges.length; i++) expect(ranges[i]![1]).toBe(ranges[i - 1]![0]);
    }
  });
});

describe('layouts --memory-map LOG', () => {
  const LOG = `[    0.000000] Linux version 3.2.0-4-686-pae (SMP)
[    0.000000]  BIOS-e820: 0000000000000000 - 000000000009f800 (usable)
[    0.000000]  BIOS-e820: 0000000000100000 - 000000007f680000 (usable)
[    0.000000] last_pfn = 0x7f680 max_arch_pfn = 0x1000000
[    0.000000] 1151MB HIGHMEM available.
[    0.000000] 887MB LOWMEM available.
[    0.000000] Kernel command line: root=/dev/sda1 vmalloc=192M
`;
  const BOARD = `Linux version 4.1.28
CPU: ARMv7 Processor [412fc09a] revision 10 (ARMv7), cr=10c5387d
  node   0: [mem 0x0000000080000000-0x000000009fffffff]
`;
  const written = (text: string): string => {
    const file = join(temporaryFolder(), 'boot.log');
    writeFileSync(file, text);
    return file;
  };

  it('says of a machine that no layout can have what is wrong with its own', async () => {
    const tiny = BOARD.replace('9fffffff', '800fffff');
    expect((await vmsplit(`layouts --memory-map ${written(tiny)}`)).out).toMatch(
      /no layout can be shown: .*layout linux-arm-3g1g: no low memory for the kernel image/,
    );
  });

  it('shows a machine of many cpus under layouts of processors that have room for fewer', async () => {
    const log = `Linux version 6.1.0
BIOS-e820: [mem 0x0000000000100000-0x000000003fffffff] usable
setup_percpu: NR_CPUS:8192 nr_cpumask_bits:128 nr_cpu_ids:128 nr_node_ids:1
smp: Brought up 1 node, 96 CPUs
Command line: ffff888000000000
`;
    const { layouts } = JSON.parse((await vmsplit(`layouts --memory-map ${written(log)} --json`)).out);
    const problems = layouts.filter(({ problem }: { problem: string | null }) => /cpus/.test(problem ?? ''));
    expect(problems).toEqual([]);
    for (const [name, constants] of [
      ['linux-x86_64', { NR_CPUS: '0x2000', nr_cpu_ids: '0x80', num_present_cpus: '0x60' }],
      ['linux-3g1g', { NR_CPUS: '0x40', nr_cpu_ids: '0x40', num_present_cpus: '0x40' }],
    ] as const)
      expect(
        JSON.parse((await vmsplit(`layouts ${name} --memory-map ${written(log)} --json`)).out),
      ).toMatchObject({
        constants,
      });
  });

  it('names architecture, kernel and split that it took from the log, and the layout of that machine', async () => {
    const { out } = await vmsplit(`layouts --memory-map ${written(LOG)} --json`);
    const found = JSON.parse(out);
    expect(found).toMatchObject({
      arch: 'i386',
      kernel: '3.2.0',
      split: '3G',
      pae: true,
      bootOptions: { vmallocBytes: 192 * 2 ** 20 },
      layout: { name: 'linux-3g1g-pae', kernel: '3.2', kernelNote: 'as Linux 3.2, unchecked' },
    });
    expect(found.findings).toContainEqual({ what: 'low memory, MiB', value: '887', line: 6 });
    expect(found.contradictions).toContainEqual(
      expect.stringMatching(/^predicted low memory \d+ MiB, the log says 887 MiB \(line 6\)$/),
    );
  });

  it('a log without RAM tells the rest all the same; the amount may be given beside it', async () => {
    const file = written(BOARD.replace(/.*node.*\n/, '    pkmap   : 0x7fe00000 - 0x80000000   (   2 MB)\n'));
    const found = JSON.parse((await vmsplit(`layouts --memory-map ${file} --json`)).out);
    expect(found).toMatchObject({ arch: 'arm', kernel: '4.1.28', split: '2G', lpae: false, layout: null });
    const { code, out } = await vmsplit(`layouts --memory-map ${file}`);
    expect(code).toBe(0);
    expect(out).toMatch(/split +2G/);
    const given = await vmsplit(`layouts linux-arm-2g2g --memory-map ${file} --ram 256M`);
    expect(given.out).toMatch(/^256\.0 MiB of low memory/m);
  });

  it('a log of a board that has totals only serves, and the output says what is estimated', async () => {
    const totals = 'Memory: 455472K/524288K available (8192K kernel code, 49152K cma-reserved, 0K highmem)\n';
    const file = written(BOARD.replace(/.*node.*\n/, totals));
    const { code, out } = await vmsplit(`layouts linux-arm-3g1g --memory-map ${file}`);
    expect(code).toBe(0);
    expect(out).toMatch(/ 3 .*RAM in all +512 MiB/);
    expect(out).toMatch(/note: .* nothing in it shows where RAM lies: 512 MiB \(line 3\)/);
    expect(out).toMatch(/^512\.0 MiB of low memory/m);
  });

  it('lists what was found with its lines, and what contradicts the prediction in one line', async () => {
    const { out } = await vmsplit(`layouts linux-3g1g-pae --memory-map ${written(LOG)}`);
    expect(out).toMatch(/ 1 .*kernel .* 3\.2\.0-4-686-pae/);
    expect(out).toMatch(/Linux 3\.2, 3 GiB user/);
    expect(out).toMatch(/warning: predicted low memory \d+ MiB, the log says 887 MiB/);
    const list = await vmsplit(`layouts --memory-map ${written(LOG)}`);
    expect(list.out).toMatch(/warning: predicted low memory \d+ MiB, the log says 887 MiB/);
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(120);
  });

  it('a kernel that is asked for wins over that of the log', async () => {
    const { out } = await vmsplit(`layouts linux-3g1g --kernel 2.6.20 --memory-map ${written(LOG)} --json`);
    expect(JSON.parse(out)).toMatchObject({ kernel: '2.6.20', log: { kernel: '3.2.0' } });
  });

  it('the memory of a board is no PC', async () => {
    const { code, err } = await vmsplit(`layouts linux-3g1g --memory-map ${written(BOARD)}`);
    expect(code).toBe(2);
    expect(err).toMatch(
      /boot\.log, line 2: found the memory of a board, expected that of a PC for linux-3g1g: take a layout/,
    );
  });

  it('a version that nobody has, and one that a layout has no use for', async () => {
    expect(await vmsplit('layouts linux-3g1g --kernel 9.1')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/xpected a version of Linux from 2\.6\.0 to 7\.x/),
    });
    expect(await vmsplit('layouts 3g1g --kernel 5.15')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/kernel=5\.15 has no effect: the kernel of a layout of the family textbook/),
    });
    expect((await vmsplit('layouts linux-3g1g:kernel=5.15')).out).toMatch(
      /kernel: as Linux 5\.15, unchecked/,
    );
  });
});

describe('files that are more than text', () => {
  const zeros = gzipSync(Buffer.alloc(65 << 20), { level: 1 });
  it.each([
    ['--memory-map', 'a memory map'],
    ['', 'a layout as JSON'],
  ])('unpacked without end are refused (%s)', async (option, expected) => {
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
