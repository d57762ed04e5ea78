/** layouts with a boot log: what it tells of machine and kernel, and where that contradicts the prediction. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder, vmsplit } from './vmsplit.ts';

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
