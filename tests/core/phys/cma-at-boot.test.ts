/** Memory for contiguous buffers (CMA) at boot: where Linux places it, and what captured kernels had of it. */
import { describe, expect, test } from 'vitest';
import { bootMachine } from '../../../core/boot/boot.ts';
import { memoryAtBoot } from '../../../core/boot/platform.ts';
import { linuxKernel } from '../../../core/kernel/linux.ts';
import { parseVersion } from '../../../core/kernel/version.ts';
import { buildLayout } from '../../../core/layout/catalog/index.ts';
import { countFrames } from '../../../core/layout/page-frames.ts';
import type { MachineOptions } from '../../../core/machine/options.ts';
import { takeContiguous } from '../../../core/phys/contiguous.ts';
import { USE_PAGES } from '../../../core/phys/frames.ts';
import { armLayoutName, armMachines, armOptions } from '../../captures/arm-machines.ts';
import { machineOf, Session } from '../../support/rows.ts';
import { areasOf, bytesOf, draftOf, freeCma, listOf } from './cma-looks.ts';

describe('where it lies', () => {
  test.each([
    // A board without high memory in use: the top of RAM, and the memory map below it.
    ['linux-arm-3g1g', 512, '6.1', { bytes: bytesOf(64) }, '0x5c000..0x60000'],
    // RAM that does not end with a pageblock: below its last one.
    ['linux-arm-3g1g', 511, '6.1', { bytes: bytesOf(16) }, '0x5ec00..0x5fc00'],
    // With high memory: the top of that.
    ['linux-arm-3g1g', 1024, '6.1', { bytes: bytesOf(64) }, '0x7c000..0x80000'],
    // Pages that phys_addr_t loses at 4 GiB are below no multiple of a pageblock.
    ['linux-arm-3g1g', 3072, '6.1', { bytes: bytesOf(16) }, '0xfec00..0xffc00'],
    // With RAM above 4 GiB 6.1 forgets the place in high memory, and takes another one in low memory; 6.3 does not.
    ['linux-arm-3g1g-lpae', 4096, '6.1', { bytes: bytesOf(16) }, '0x6f000..0x70000'],
    ['linux-arm-3g1g-lpae', 4096, '6.3', { bytes: bytesOf(16) }, '0xfec00..0xffc00'],
    ['linux-arm-3g1g-lpae', 4096, '5.10', { bytes: bytesOf(16) }, '0xfec00..0xffc00'],
    // Without room for high memory and with another split.
    ['linux-arm-3g1g-nohighmem', 1024, '6.1', { bytes: bytesOf(16) }, '0x6f000..0x70000'],
    ['linux-arm-2g2g', 1024, '6.1', { bytes: bytesOf(16) }, '0x7f000..0x80000'],
    // A base that fits, one that is not aligned, and a limit.
    ['linux-arm-3g1g', 512, '6.1', { bytes: bytesOf(16), base: 0x50000000n }, '0x50000..0x51000'],
    ['linux-arm-3g1g', 512, '6.1', { bytes: bytesOf(16), base: 0x50100000n }, '0x50400..0x51400'],
    ['linux-arm-3g1g', 512, '6.1', { bytes: bytesOf(16), limit: 0x48000000n }, '0x47000..0x48000'],
    // Sizes are whole pageblocks.
    ['linux-arm-3g1g', 512, '6.1', { bytes: bytesOf(17) }, '0x5ec00..0x60000'],
    // arm64: below the tables of the direct map and the memory map, in pageblocks of 2 MiB.
    ['linux-arm64-48', 1024, '6.1', { bytes: bytesOf(62) }, '0x7ae00..0x7ec00'],
    ['linux-arm64-48', 2048, '6.1', { bytes: bytesOf(64) }, '0xb9a00..0xbda00'],
    // Tables and map lie above 4 GiB then, and nothing at the top of the zone.
    ['linux-arm64-48', 4096, '6.1', { bytes: bytesOf(64) }, '0xfc000..0x100000'],
    // Before 5.19 in blocks of the largest order, from 7.0 on above the memory map, up to 5.10 above the tables too.
    ['linux-arm64-48', 1024, '5.15', { bytes: bytesOf(62) }, '0x7ac00..0x7ec00'],
    ['linux-arm64-48', 1024, '7.0', { bytes: bytesOf(62) }, '0x7be00..0x7fc00'],
    ['linux-arm64-48', 1024, '5.10', { bytes: bytesOf(62) }, '0x7c000..0x80000'],
    ['linux-x86_64', 1024, '6.1', { bytes: bytesOf(16) }, '0x3ee00..0x3fe00'],
  ] as const)('%s with %i MiB, Linux %s: %o', (name, mib, version, cma, area) => {
    const kernel = linuxKernel(parseVersion(version)!);
    const layout = buildLayout(name, { ramBytes: bytesOf(mib), kernel });
    expect(areasOf(memoryAtBoot(layout, { cma }))).toEqual([area]);
  });

  test('what 6.1 forgets nobody gets', () => {
    const layout = buildLayout('linux-arm-3g1g-lpae', { ramBytes: bytesOf(4096) });
    const high = (options: MachineOptions): number => {
      const { free, cma } = memoryAtBoot(layout, options);
      return countFrames([...free, ...(cma?.areas ?? [])], layout.highstartPfn!, layout.maxPfn);
    };
    expect(high({ cma: { bytes: bytesOf(16) } })).toBe(high({}) - 4096);
  });

  test('cma=0 is a kernel with CMA and without memory for it', () => {
    const { platform } = machineOf('linux-arm-3g1g', 128, {}, { cma: { bytes: 0n } });
    expect(platform.cma).toEqual({ areas: [], lost: [] });
  });

  test('more than there is room for, and a processor that has none', () => {
    const boot = (name: string, mib: number, cma: bigint) => () =>
      machineOf(name, mib, {}, { cma: { bytes: cma } });
    expect(boot('linux-arm-3g1g', 128, bytesOf(128))).toThrow(
      /cma=128 MiB finds no free memory of that size in a row below 0x48000000; expected less, or more RAM/,
    );
    expect(boot('ia64-4k', 128, bytesOf(16))).toThrow(
      /found cma=, which kernels for this processor do not have/,
    );
  });

  test('places that a kernel told of: whole pageblocks of RAM in one zone', () => {
    const layout = buildLayout('linux-arm-3g1g', { ramBytes: bytesOf(1024) });
    const at = (start: bigint, end: bigint): string[] =>
      areasOf(memoryAtBoot(layout, { cma: { areas: [{ start, end }] } }));
    expect(at(0x78000000n, 0x7c000000n)).toEqual(['0x78000..0x7c000']);
    expect(at(0x78100000n, 0x7c000000n)).toEqual(['0x78400..0x7c000']);
    expect(at(0x6f000000n, 0x71000000n)).toEqual([]);
    expect(at(0x90000000n, 0x94000000n)).toEqual([]);
  });
});

const MACHINES = armMachines().filter(({ meminfo_kb }) => (meminfo_kb.CmaTotal ?? 0) > 0);
describe.each(MACHINES.map((machine) => [machine.id, machine] as const))('%s', (_, oracle) => {
  const layout = buildLayout(armLayoutName(oracle), armOptions(oracle));
  const captured = oracle.freelists.filter(({ tag, mt }) => tag === 'initcall' && mt === 't4');
  const { CmaTotal, CmaFree } = oracle.meminfo_kb as Record<string, number>;
  const first = Math.min(...captured.flatMap(({ head_pfns }) => head_pfns.map(Number)));
  // The pools and whatever drivers have taken lie at its beginning.
  const start = first - (first % 2 ** Number(oracle.consts.pageblock_order!));
  // A device tree may have a pool in place of the default area (rmem_cma_setup).
  const given = oracle.dmesg_memory_lines.some((line) => /created CMA memory pool/.test(line));
  const area = { start: BigInt(start) << 12n, end: (BigInt(start) << 12n) + (BigInt(CmaTotal!) << 10n) };
  const cma = given ? { areas: [area] } : { bytes: BigInt(CmaTotal!) << 10n };
  const machine = bootMachine(layout, { cma });

  test('lies where it lay, as large', () => {
    expect(areasOf(machine.platform)).toEqual([
      `0x${start.toString(16)}..0x${(start + CmaTotal! / 4).toString(16)}`,
    ]);
  });

  // Drivers of some boards have pages for good: imx-sdma keeps its channels' control blocks and a ring of descriptors.
  const taken = freeCma(new Session(machine)) - CmaFree! / 4;

  test(`is as free as it was, but for the ${taken} pages that drivers had taken`, () => {
    expect(taken).toBeGreaterThanOrEqual(0);
    expect(taken).toBeLessThan(64);
  });

  test('with those from the first free page on its free lists are the same', () => {
    const draft = draftOf(machine);
    for (let i = 0; i < taken; i++) takeContiguous(draft, 1, USE_PAGES, 1);
    const after = draft.seal(false).machine;
    for (const { zone, order, count, head_pfns } of captured) {
      const { index } = after.platform.zones.find(({ name }) => name === zone)!;
      const list = listOf(after, index, order);
      expect([list.length, ...list.slice(0, head_pfns.length)]).toEqual([count, ...head_pfns.map(Number)]);
    }
  });

  test('the zones have their pages', () => {
    for (const { name, managed } of oracle.zones) {
      const zone = machine.platform.zones.find((one) => one.name === name)!;
      if (zone.name === 'HighMem') expect(zone.managedPages).toBe(Number(managed));
    }
  });
});
