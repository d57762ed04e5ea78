/** --cma, and a boot log that tells of memory for contiguous buffers: what the kernel's own files show of it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseMeminfo, parsePagetypeinfo, parseZoneinfo } from '../../../traces/index.ts';
import { temporaryFolder, vmsplit } from './vmsplit.ts';

const at = async (view: string, options: string): Promise<string> =>
  (await vmsplit(`at workload:drivers ${view} --event 0 ${options}`)).out;

describe('--cma', () => {
  it('shows in meminfo, zoneinfo and pagetypeinfo, as captured machines with 64 MiB show it', async () => {
    const machine = '--layout linux-arm-3g1g --ram 1G --cma 64M';
    const { CmaTotal, CmaFree } = parseMeminfo(await at('meminfo', machine));
    expect([CmaTotal, CmaFree]).toEqual([65536, 65280]);
    const high = parseZoneinfo(await at('zoneinfo', machine)).find(({ zone }) => zone === 'HighMem')!;
    expect([high.pages?.cma, high.statistics.nr_free_cma]).toEqual([16384, 16320]);
    const { free, blocks } = parsePagetypeinfo(await at('pagetypeinfo', machine));
    const row = free.find(({ zone, migrateType }) => zone === 'HighMem' && migrateType === 'CMA')!;
    expect(row.freeBlocks).toEqual([0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 15]);
    expect(blocks.find(({ zone }) => zone === 'HighMem')!.blocks.CMA).toBe(16);
  });

  it('is told of by kernels that have it and keep none, and not by others', async () => {
    const without = parseMeminfo(await at('meminfo', '--layout linux-arm-3g1g'));
    expect('CmaTotal' in without).toBe(false);
    const none = parseMeminfo(await at('meminfo', '--layout linux-arm-3g1g --cma 0'));
    expect([none.CmaTotal, none.CmaFree]).toEqual([0, 0]);
  });

  it('is where the boot log says, unless the lane says otherwise', async () => {
    const log = join(temporaryFolder(), 'boot.log');
    writeFileSync(
      log,
      'Linux version 6.1.0\nCPU: ARMv7 Processor [412fc0f2] revision 2 (ARMv7), cr=10c5387d\n' +
        'cma: Reserved 32 MiB at 0x9c000000\n  node   0: [mem 0x0000000080000000-0x000000009fffffff]\n',
    );
    const total = async (more: string): Promise<number | undefined> =>
      parseMeminfo(await at('meminfo', `--layout linux-arm-3g1g --memory-map ${log} ${more}`)).CmaTotal;
    expect([await total(''), await total('--cma 16M')]).toEqual([32768, 16384]);
  });

  it('that no kernel of the processor has, or that is none, is refused', async () => {
    const wrong = async (options: string): Promise<string> => {
      const { code, err } = await vmsplit(`at workload:drivers meminfo --event 0 ${options}`);
      expect(code).toBe(2);
      return err;
    };
    expect(await wrong('--layout ia64-4k --cma 16M')).toMatch(
      /cma=16M has no effect: kernels for this processor keep no memory/,
    );
    expect(await wrong('--layout linux-arm-3g1g --cma much')).toMatch(/Expected a size such as 64M or 0/);
    expect(await wrong('--layout linux-arm-3g1g --ram 128M --cma 128M')).toMatch(
      /finds no free memory of that size/,
    );
  });
});
