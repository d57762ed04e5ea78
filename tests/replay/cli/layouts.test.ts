/** layouts: all of them, the figures of one, and its map. */
import { describe, expect, it } from 'vitest';
import { addressSpaceFigures, buildLayout, layoutNames } from '../../../core/index.ts';
import { json, vmsplit } from './vmsplit.ts';

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
