/** Lanes: how they are written and read, how they are called, and which are refused. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../core/index.ts';
import { nodeFiles } from '../../../replay/node/run-files.ts';
import {
  type LaneSpec,
  lanesOf,
  lanesText,
  MACHINE_OPTIONS,
  type MachineSpec,
  parseLanes,
} from '../../../replay/spec/index.ts';

const GIB = 2 ** 30;
const prepared = (lanes: string, machine: MachineSpec = {}) =>
  lanesOf({ machine, lanes: parseLanes(lanes, '--layouts') }, nodeFiles);
const names = async (lanes: string, machine: MachineSpec = {}): Promise<string[]> =>
  (await prepared(lanes, machine)).map(({ name }) => name);

const LOG_OF_PC =
  'Linux version 6.1.0-686 (x) #1 SMP\nBIOS-e820: [mem 0x0000000000000000-0x000000000009fbff] usable\n' +
  'BIOS-e820: [mem 0x0000000000100000-0x000000003ffdffff] usable\n';

describe('a lane as text', () => {
  it.each<[string, LaneSpec[]]>([
    ['linux-3g1g', [{ layout: 'linux-3g1g' }]],
    ['3g1g, 2g2g', [{ layout: '3g1g' }, { layout: '2g2g' }]],
    ['linux-3g1g:vmalloc=256M:nr-cpus=16', [{ layout: 'linux-3g1g', vmalloc: 2 ** 28, nrCpus: 16 }]],
    [
      'board.json:mmu=skylake+kpti=on+l1d.large=8x4,x86_64:reclaim',
      [
        { layout: 'board.json', mmu: 'skylake,kpti=on,l1d.large=8x4' },
        { layout: 'x86_64', reclaim: true },
      ],
    ],
    ['a:scale-kernel-objects=32', [{ layout: 'a', scaleKernelObjects: 32 }]],
    ['a:reclaim=off:stack-limit=unlimited', [{ layout: 'a', reclaim: false, stackLimit: 'unlimited' }]],
  ])('%s', (text, lanes) => {
    expect(parseLanes(text, '')).toEqual(lanes);
    expect(parseLanes(lanesText(lanes), '')).toEqual(lanes);
  });

  it('says of every option the same when it is written and read again', () => {
    // A file whose name has a comma or a colon can be given to all lanes only.
    const texts = ['1G', '1536M', '8', 'on', 'off', 'always', 'unlimited', 'i486,pcid=on', '32'];
    const option = fc.constantFrom(...MACHINE_OPTIONS.filter(({ key }) => key !== 'memoryMap'));
    fc.assert(
      fc.property(
        fc.uniqueArray(option),
        fc.array(fc.constantFrom(...texts), { minLength: MACHINE_OPTIONS.length }),
        (rows, values) => {
          const given = rows.flatMap(({ key, kind }, i) => {
            const value = kind.parse(values[i]!);
            return value === undefined ? [] : [[key, value] as const];
          });
          const lane = { layout: '3g1g', ...Object.fromEntries(given) };
          expect(parseLanes(lanesText([lane]), '')).toEqual([lane]);
        },
      ),
    );
  });

  it.each([
    ['', /found no layout, expected lanes with commas/],
    ['3g1g,', /found no layout/],
    [':ram=1G', /found no layout/],
    [
      '3g1g:vmaloc=1M',
      /--layouts 3g1g:vmaloc=1M: found option 'vmaloc', expected one of ram, .*did you mean vmalloc\?/,
    ],
    ['3g1g:ram', /ram: found no value, expected a size/],
    ['3g1g:ram=', /ram: found '', expected a size/],
    ['3g1g:ram=0', /ram: found '0', expected a size/],
    ['3g1g:reclaim=maybe', /reclaim: found 'maybe', expected on or off/],
    ['3g1g:ram=1G:ram=2G', /found ram twice, expected it once/],
    ['3g1g:mmu=skylake,kpti=on', /found kpti=on, expected a layout, .* mmu=skylake\+kpti=on/],
    ['3g1g,ram=2G', /found ram=2G, expected a layout, with its options after colons: linux-3g1g:ram=2G/],
  ])('is not %j', (text, message) => {
    expect(() => parseLanes(text, '--layouts')).toThrow(UsageError);
    expect(() => parseLanes(text, '--layouts')).toThrow(message);
  });
});

describe('a lane is called by what differs', () => {
  it.each([
    ['linux-3g1g', ['linux-3g1g']],
    ['linux-3g1g,linux-3g1g:vmalloc=256M', ['linux-3g1g', 'linux-3g1g vmalloc=256M']],
    ['3g1g:ram=2G,2g2g:ram=2G', ['3g1g', '2g2g']],
    ['3g1g:ram=512M,2g2g:ram=2G', ['3g1g ram=512M', '2g2g ram=2G']],
    ['3g1g:cpus=2:reclaim,3g1g:cpus=2', ['3g1g reclaim', '3g1g']],
  ])('%s', async (lanes, expected) => {
    expect(await names(lanes)).toEqual(expected);
  });

  it('a file by the name that is in it, and by its own where another layout has that name too', async () => {
    const board = 'tests/fixtures/layouts/board.json';
    expect(await names(`3g1g,${board}`)).toEqual(['3g1g', 'board']);
    expect(await names(`${board},./${board}`)).toEqual([`board (${board})`, `board (./${board})`]);
  });

  it.each([
    ['3g1g,3g1g', {}],
    ['3g1g,2g2g,3g1g:ram=1G', {}], // which is how much there is by default
    ['3g1g,3g1g:cpus=2', { cpus: 2 }],
    ['3g1g,3g1g:reclaim=off', {}],
  ])('and refused when nothing does: %s', async (lanes, machine) => {
    await expect(names(lanes, machine)).rejects.toThrow(
      /found 3g1g twice .*expected each once: leave one out/,
    );
  });

  it.each(['scan-sleep-millisecs=10000', 'reclaim:thp-defrag=madvise'])(
    'nor where %s says what is so anyway',
    async (setting) => {
      const reclaim = setting.startsWith('reclaim') ? ':reclaim' : '';
      const lanes = `linux-x86_64:thp=always${reclaim},linux-x86_64:thp=always:${setting}`;
      await expect(names(lanes)).rejects.toThrow(/found linux-x86_64 twice/);
    },
  );
});

describe('what is outside holds for lanes that do not say otherwise', () => {
  it('as RAM, by amount or by map', async () => {
    const [one, two, three] = await prepared(
      '3g1g,2g2g:ram=512M,linux-3g1g-pae:memory-map=tests/fixtures/memory-map/i386-3g-pae_4096.dmesg.gz',
      { ram: 2 * GIB },
    );
    expect([one, two].map((lane) => Number(lane!.layout.ramBytes))).toEqual([2 * GIB, GIB / 2]);
    expect(three!.layout.maxPfn).toBe(0x140000);
  });

  it('as reclaim and swap, which one lane can do without', async () => {
    const [with_, without] = await prepared('3g1g,3g1g:reclaim=off:swap=0', { swap: GIB });
    expect(with_!.options.reclaim).toEqual({ swapBytes: BigInt(GIB) });
    expect(without!.options).not.toHaveProperty('reclaim');
  });

  it('as cpus, which are otherwise as many as the workload was made for', async () => {
    const run = { machine: {}, lanes: parseLanes('linux-3g1g,linux-2g2g:cpus=3', '') };
    const lanes = await lanesOf(run, nodeFiles, { name: 'a', cpus: 12 });
    expect(lanes.map(({ layout: { cpus, nrCpus } }) => [cpus, nrCpus])).toEqual([
      [12, 12],
      [3, 8],
    ]);
  });

  it('as cpus that are started: those of the lane, or of the log as far as there are so many', async () => {
    const log = `${LOG_OF_PC}smpboot: Allowing 8 CPUs, 4 hotplug CPUs\nKernel command line: maxcpus=2\n`;
    const files = { text: async () => log };
    const cpusOf = async (options: string) => {
      const lanes = parseLanes(`linux-3g1g:memory-map=dmesg${options}`, '');
      const [lane] = await lanesOf({ machine: {}, lanes }, files);
      const { cpus, onlineCpus, possibleCpus } = lane!.layout;
      return [cpus, onlineCpus, possibleCpus];
    };
    expect(await cpusOf('')).toEqual([4, 2, 8]);
    expect(await cpusOf(':online-cpus=3')).toEqual([4, 3, 8]);
    expect(await cpusOf(':cpus=1')).toEqual([1, 1, 8]);
    await expect(cpusOf(':cpus=2:online-cpus=3')).rejects.toThrow(/3 cpus online; expected 1 to 2/);
  });
});

it('settings of huge pages reach the machine; a mode alone stays one', async () => {
  const [mode, all] = await prepared(
    'linux-x86_64:thp=madvise,linux-x86_64:thp=always:swap=1G:thp-defrag=defer:scan-sleep-millisecs=5:pages-to-scan=6:' +
      'max-ptes-none=7:max-ptes-swap=8:max-ptes-shared=9',
  );
  expect(mode!.options.thp).toBe('madvise');
  expect(all!.options.thp).toEqual({
    ...{ mode: 'always', defrag: 'defer', scanSleepMs: 5, pagesToScan: 6 },
    ...{ maxPtesNone: 7, maxPtesSwap: 8, maxPtesShared: 9 },
  });
});

describe('an option without effect is refused', () => {
  it.each([
    [
      'linux-x86_64:vmalloc=256M',
      /linux-x86_64: vmalloc=256M has no effect: the vmalloc area of this layout/,
    ],
    ['vax-vms:vmalloc=64M', /the vmalloc area of this layout is a constant/],
    ['tests/fixtures/layouts/board.json:vmalloc=64M', /vmalloc=64M has no effect/],
    ['linux-3g1g-nohighmem:highmem=64M', /this kernel has no high memory/],
    ['linux-x86_64:highmem=0', /this kernel has no high memory/],
    ['linux-arm-3g1g:highmem=256M', /kernels for this processor have no such option/], // as much as there is without it
    ['linux-arm64-39:highmem=0', /kernels for this processor have no such option/],
    // lowmem_pfn_init ignores what would leave less than 64 MiB of low memory; 128 KiB are the firmware's
    ['linux-3g1g:ram=512M:highmem=448M', /no such amount of high memory; there is 0/],
    ['linux-3g1g:ram=2G:highmem=1536M', /no such amount of high memory/],
    ['3g1g:reclaim=off:swap=1G', /swap=1G has no effect: pages are swapped out by reclaim only/],
    ['vax-vms:thp=always', /no page of this layout can be huge/],
    ['linux-x86_64:max-ptes-none=0', /there are huge pages with thp=always or madvise only/],
    ['linux-x86_64:thp=never:pages-to-scan=512', /there are huge pages with thp=always or madvise only/],
    ['linux-x86_64:thp=always:thp-defrag=never', /nobody makes room for a huge page without reclaim/],
    ['linux-x86_64:thp=always:reclaim:max-ptes-swap=0', /there is no swap area/],
    [
      'linux-x86_64:thp=always:max-ptes-none=512',
      /khugepaged\/max_ptes_none 512: expected a whole number from 0 to 511/,
    ],
    ['linux-x86_64:ram=3G:swiotlb=65536', /a kernel without RAM above 4 GiB sets no bounce buffers aside/],
    ['linux-3g1g:ram=8G:swiotlb=65536', /sets no bounce buffers aside/],
    ['ia64-4k:legacy-va-layout', /each part of its user space has an order of its own/],
    ['3g1g:from-snapshot', /there is no trace that could hold a snapshot/],
    [
      '3g1g:ram=1G:memory-map=tests/fixtures/memory-map/i386-3g-pae_4096.dmesg.gz',
      /memory-map=\S+ has no effect: ram=1G says how much RAM there is; expected one of the two/,
    ],
  ])('%s', async (lane, message) => {
    await expect(prepared(lane)).rejects.toThrow(UsageError);
    await expect(prepared(lane)).rejects.toThrow(message);
  });

  it.each([
    'linux-3g1g:vmalloc=256M',
    '3g1g:vmalloc=128M', // as by default, but another amount would be another layout
    'linux-3g1g:ram=512M:highmem=458624K',
    'linux-3g1g:highmem=0',
    'linux-3g1g-pae:ram=4G:highmem=2G',
    '3g1g:swap=1G',
    'linux-3g1g:thp=always',
    'vax-vms:thp=never',
    'linux-x86_64:ram=8G:swiotlb=65536',
    'linux-3g1g-pae:ram=8G:swiotlb=65536',
    'ia64-4k:legacy-va-layout=off',
    'linux-3g1g:thp=always:max-ptes-none=512', // of 1,024
    'linux-x86_64:thp=always:reclaim:thp-defrag=never',
    'linux-x86_64:thp=madvise:swap=64M:max-ptes-swap=0',
    'linux-x86_64:thp=always:scan-sleep-millisecs=1:pages-to-scan=512:max-ptes-none=0:max-ptes-shared=0',
    'vax-vms:stack-limit=1M',
  ])('but not %s', async (lane) => {
    expect(await prepared(lane)).toHaveLength(1);
  });

  it('from outside too: it is for those lanes only that heed it', async () => {
    await expect(prepared('linux-3g1g,linux-x86_64', { vmalloc: 2 ** 28 })).rejects.toThrow(
      /give it only to the layouts that heed it, as in NAME:vmalloc=256M/,
    );
  });
});
