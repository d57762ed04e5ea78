/** Which machine files of different sorts tell of together. */
import { describe, expect, test } from 'vitest';
import { parseCpuinfo } from '../../../replay/advise/board/cpuinfo.ts';
import { recognise, together } from '../../../replay/advise/board/evidence.ts';
import { parseKernelConfig } from '../../../replay/advise/board/kernel-config.ts';
import { boardMachine } from '../../../replay/advise/board/machine.ts';
import { viewNamed } from '../../../replay/views/index.ts';
import { machineOf } from '../../support/rows.ts';

const ARM_CONFIG = `#
# Automatically generated file; DO NOT EDIT.
# Linux/arm 5.4.58 Kernel Configuration
#
CONFIG_ARM=y
CONFIG_SMP=y
CONFIG_NR_CPUS=4
# CONFIG_VMSPLIT_3G is not set
CONFIG_VMSPLIT_2G=y
CONFIG_PAGE_OFFSET=0x80000000
# CONFIG_HIGHMEM is not set
`;
const PC_CONFIG = `# Automatically generated make config: don't edit
# Linux kernel version: 2.6.32
CONFIG_X86_32=y
CONFIG_X86_PAE=y
CONFIG_HIGHMEM64G=y
CONFIG_VMSPLIT_3G=y
CONFIG_NR_CPUS=8
`;
const ARM64_CONFIG = `# Linux/arm64 6.6.20 Kernel Configuration
CONFIG_ARM64=y
CONFIG_ARM64_4K_PAGES=y
CONFIG_ARM64_VA_BITS=39
`;
const ARM_CPUINFO = `processor\t: 0
model name\t: ARMv7 Processor rev 3 (v7l)
CPU architecture: 7

processor\t: 1
model name\t: ARMv7 Processor rev 3 (v7l)
CPU architecture: 7
`;
const PC_CPUINFO = 'processor\t: 0\nvendor_id\t: GenuineIntel\nflags\t\t: fpu pae lm\n';
const MEMINFO = 'MemTotal:        1032000 kB\nMemFree:          500000 kB\n';
const zoneinfoOf = (layout: string): string => viewNamed('zoneinfo').text(machineOf(layout, 1024));

describe('a kernel’s configuration', () => {
  test.each([
    [
      'of a board',
      ARM_CONFIG,
      {
        dialect: { name: 'arm' },
        kernel: '5.4.58',
        split: '2G',
        wideEntries: false,
        highmem: false,
        nrCpus: 4,
      },
    ],
    [
      'of a PC, before 2.6.33',
      PC_CONFIG,
      { dialect: { name: 'i386' }, kernel: '2.6.32', split: '3G', wideEntries: true, highmem: true },
    ],
    [
      'of 64 bits',
      ARM64_CONFIG,
      { dialect: { name: 'arm64' }, kernel: '6.6.20', pageBytes: 4096, vaBits: 39, highmem: undefined },
    ],
  ])('%s', (_, text, told) => {
    expect(parseKernelConfig(text)).toMatchObject(told);
  });

  test('a kernel without SMP is for one cpu, whatever number stands there', () => {
    expect(parseKernelConfig(ARM_CONFIG.replace('CONFIG_SMP=y\n', '')).nrCpus).toBe(1);
  });
});

test.each([
  ['a board', ARM_CPUINFO, { names: ['arm'], cpus: 2 }],
  ['a PC', PC_CPUINFO, { names: ['x86_64', 'i386'], cpus: 1 }],
  [
    'a board of 64 bits',
    'processor\t: 0\nFeatures\t: fp asimd\nCPU architecture: 8\n',
    { names: ['arm64'], cpus: 1 },
  ],
  ['a machine of another family', 'processor\t: 0\ncpu\t\t: POWER9\n', undefined],
])('/proc/cpuinfo of %s', (_, text, told) => {
  const { dialects, cpus } = parseCpuinfo(text) ?? {};
  expect(dialects && { names: dialects.map(({ name }) => name), cpus }).toEqual(told);
});

describe('the machine', () => {
  const toldBy = (files: Readonly<Record<string, string>>) =>
    boardMachine(together(Object.entries(files).map(([file, text]) => recognise(text, file))), undefined)!;

  test('is what its kernel was built for, with the options and cpus that it has', () => {
    const { lane, facts, assumed } = toldBy({
      meminfo: MEMINFO,
      config: ARM_CONFIG,
      cpuinfo: ARM_CPUINFO,
      cmdline: 'console=ttymxc0,115200 root=/dev/mmcblk0p2 vmalloc=384M\n',
    });
    expect(lane).toMatchObject({
      layout: 'linux-arm-2g2g-nohighmem',
      kernel: '5.4.58',
      vmalloc: 384 * 2 ** 20,
      cpus: 2,
      nrCpus: 4,
    });
    expect(facts.map(({ what, from }) => [what, from])).toEqual([
      ['layout', 'config'],
      ['kernel', 'config'],
      ['RAM', 'meminfo'],
    ]);
    expect(assumed).toEqual([]);
  });

  test.each([
    ['linux-x86_64', 0],
    ['linux-3g1g', 1],
  ])('is told by its zones, where nothing else tells of it: %s', (layout, nrAssumed) => {
    const { lane, assumed } = toldBy({ zoneinfo: zoneinfoOf(layout), cpuinfo: PC_CPUINFO });
    expect(lane.layout).toBe(layout);
    expect(assumed).toHaveLength(nrAssumed);
  });

  test('a report of zones without a zone for DMA is of a board, and RAM that firmware took is not high memory', () => {
    const log = `[  210.1] kworker/2:1 invoked oom-killer: gfp_mask=0x26000c0, order=2, oom_score_adj=0
[  210.2] CPU: 2 PID: 77 Comm: kworker/2:1 Not tainted 4.4.50-v7+ #970
[  210.3] Mem-Info:
[  210.4] Normal free:24400kB min:16384kB low:20480kB high:24576kB active_anon:32000kB inactive_anon:3600kB active_file:12000kB inactive_file:16000kB unevictable:0kB present:970752kB managed:939184kB mlocked:0kB
[  210.5] lowmem_reserve[]: 0 0
[  210.6] 242688 pages RAM
[  210.7] 0 pages HighMem/MovableOnly
`;
    const evidence = together([recognise(log, 'dmesg')]);
    const { lane, assumed } = boardMachine(evidence, evidence.logs[0]!.failures[0])!;
    expect(lane.layout).toBe('linux-arm-3g1g');
    expect(assumed).toEqual(['the layout is taken as linux-arm-3g1g: no line tells the split']);
  });

  test.each([
    ['a PC’s zone for DMA', 16384, 0, 'linux-3g1g'],
    ['a page more than that', 16388, 0, 'linux-arm-3g1g'],
    ['a larger one, with high memory above', 786432, 262144, 'linux-arm-3g1g'],
    ['a larger one, all that 3G/1G can map', 1048576, 0, 'linux-arm-3g1g'],
    ['a larger one, more than 3G/1G can map', 2097152, 0, 'linux-arm64-48'],
  ])('is told by how large the zones of a report are: %s', (_, dmaKb, highKb, layout) => {
    const high =
      highKb === 0 ? '' : `HighMem free:9000kB min:128kB low:160kB high:192kB present:${highKb}kB\n`;
    const log = `app: page allocation failure: order:4, mode:0x40cc0(GFP_KERNEL|__GFP_COMP)
Mem-Info:
DMA free:9000kB min:2000kB low:2500kB high:3000kB present:${dmaKb}kB
${high}${(dmaKb + highKb) / 4} pages RAM
`;
    const evidence = together([recognise(log, 'dmesg')]);
    const { lane, assumed } = boardMachine(evidence, evidence.logs[0]!.failures[0])!;
    expect(lane.layout).toBe(layout);
    expect(assumed).toHaveLength(highKb === 0 ? 1 : 0);
  });

  test.each([
    ['ffffffff810f2c3d', 'linux-x86_64', []],
    ['c10f2c3d', 'linux-3g1g-pae', ['the layout is taken as linux-3g1g-pae: no line tells the split']],
  ])('is told by the call trace of a report alone, as far as that goes: %s', (address, layout, assumed) => {
    const log = `[  277.3] proxy: page allocation failure: order:4, mode:0x40d0
[  277.3] Pid: 15533, comm: proxy Not tainted 3.10.24 #1
[  277.3] Call Trace:
[  277.3]  [<${address}>] warn_alloc_failed+0xe9/0x140
[  277.3]  [<${address}>] __alloc_pages_nodemask+0x6f1/0x9f0
[  277.3] Mem-Info:
[  277.3] Normal free:113844kB min:50000kB low:62500kB high:75000kB present:8388608kB
[  277.3] 2097152 pages RAM
`;
    const evidence = together([recognise(log, 'dmesg')]);
    const machine = boardMachine(evidence, evidence.logs[0]!.failures[0])!;
    expect(machine.lane.layout).toBe(layout);
    expect(machine.assumed).toEqual(assumed);
  });

  test('a log has the last word of its split', () => {
    const log =
      '[    0.000000] Linux version 5.4.58 (a@b) (gcc) #1 SMP\n[    0.000000] CPU: ARMv7 Processor [410fd034] revision 4 (ARMv7), cr=10c5383d\n' +
      '[    0.000000] Memory: 1000000K/1048576K available (7168K kernel code, 48576K reserved, 0K cma-reserved, 262144K highmem)\n' +
      '[    0.000000]     vmalloc : 0xf0800000 - 0xff800000   ( 240 MB)\n[    0.000000]     lowmem  : 0xc0000000 - 0xf0000000   ( 768 MB)\n';
    expect(toldBy({ dmesg: log, config: ARM_CONFIG }).lane.layout).toMatch(/^linux-arm-3g1g/);
  });
});
