/** A kernel as a record: a layout of the catalog goes under another one. */
import { describe, expect, test } from 'vitest';
import { bootMachine } from '../../../core/boot/boot.ts';
import { checkMachine } from '../../../core/check/invariants.ts';
import { WRITE } from '../../../core/event/access-mode.ts';
import { explainAddress } from '../../../core/explain/explain.ts';
import type { Kernel } from '../../../core/kernel/kernel.ts';
import { LINUX_6_1 } from '../../../core/kernel/linux-6.1.ts';
import { buildLayout } from '../../../core/layout/catalog/index.ts';
import { access, kmalloc, mmap, RUNNING, Session, vmalloc } from '../../support/rows.ts';
import { MIB } from './toy.ts';

describe('a layout of the catalog under another kernel', () => {
  const OLD: Kernel = {
    ...LINUX_6_1,
    name: 'linux-old',
    reservesFirstPage: false,
    vmalloc: { ...LINUX_6_1.vmalloc, startIsAligned: true, reserveBytes: 192n * MIB },
    watermarks: { ...LINUX_6_1.watermarks, minFreeKib: { least: 4096, most: 4096 } },
  };
  const layoutUnder = (kernel: Kernel) => buildLayout('linux-3g1g', { ramBytes: 2048n * MIB, kernel });

  test('computes its own windows and zones', () => {
    const [ours, old] = [layoutUnder(LINUX_6_1), layoutUnder(OLD)];
    expect(ours).toEqual(buildLayout('linux-3g1g', { ramBytes: 2048n * MIB }));
    expect(ours.maxMem - old.maxMem).toBe(64n * MIB);
    expect(old.vmalloc.start % (8n * MIB)).toBe(0n);
    expect([ours, old].map(({ zones }) => zones[0]!.startPfn)).toEqual([1, 0]);
    const { zones } = bootMachine(old).platform;
    const low = zones.filter(({ name }) => name !== 'HighMem');
    expect(low.reduce((sum, { min }) => sum + min, 0)).toBe(1023); // 4 MiB, rounded down in each of two zones
  });

  test('boots and runs, and frame 0 is nobody’s', () => {
    const session = new Session(bootMachine(layoutUnder(OLD)));
    session.given(...RUNNING, kmalloc(1, 4096), vmalloc(2, 2 ** 20), mmap(3, 4096), access(3, 0, 8, WRITE));
    expect(checkMachine(session.machine)).toEqual([]);
    expect(explainAddress(session.machine, 'physical', 0n, {}).frame).toMatchObject({
      ...{ zone: 'DMA', use: 'reserved', owner: 'first MiB, kept for firmware' },
    });
  });
});
