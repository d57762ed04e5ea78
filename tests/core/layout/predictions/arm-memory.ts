/** What a layout says of an ARM machine's physical memory: RAM, the bounds of low memory, zones in the boot log. */
import { lowmemBounds, vmallocSize } from '../../../../core/layout/arm/lowmem.ts';
import { type Layout, physicalResources } from '../../../../core/layout/catalog/index.ts';
import type { ArmMachine } from '../../../captures/arm-machine.ts';
import { armOptions } from '../../../captures/arm-machines.ts';
import { FRAMES, hex, type Prediction } from './prediction.ts';

/** RAM and what the kernel has of it; the rest is devices of the tree, and what early boot reserved on arm64. */
export function iomem({ iomem: captured }: ArmMachine, layout: Layout): Prediction {
  const pad = (address: bigint): string => address.toString(16).padStart(8, '0');
  const lines = physicalResources(layout).map(
    ({ startByte, endByte, name, depth }) =>
      `${'  '.repeat(depth)}${pad(startByte)}-${pad(endByte - 1n)} : ${name}`,
  );
  const isOurs = (line: string): boolean => /: (System RAM|Kernel (code|data))$/.test(line);
  return {
    predicted: { iomem: lines },
    captured: { iomem: captured.filter(isOurs) },
    left: Object.fromEntries(
      captured.filter((line) => !isOurs(line)).map((line) => [line, 'devices of the tree']),
    ),
  };
}

/** All RAM that the kernel keeps; what is reserved in it depends on every early allocation. */
export function memblock({ memblock: { memory } }: ArmMachine, layout: Layout): Prediction {
  const ranges = physicalResources(layout).filter(({ name }) => name === 'System RAM');
  const digits = layout.arch.physAddrBytes * 2;
  const pad = (address: bigint): string => `0x${address.toString(16).padStart(digits, '0')}`;
  const lines = ranges.map(
    ({ startByte, endByte }, i) => `${String(i).padStart(4)}: ${pad(startByte)}..${pad(endByte - 1n)}`,
  );
  return { predicted: { memory: lines }, captured: { memory }, left: { reserved: FRAMES } };
}

/** The variables of adjust_lowmem_bounds(), each of the two times that it runs. */
export function bounds({ lowmem_bounds = [], ...machine }: ArmMachine, layout: Layout): Prediction {
  const { pageOffset, physicalBase } = layout;
  const vmallocEnd = layout.vmalloc.end;
  const vmallocBytes = vmallocSize(
    { pageOffset, vmallocEnd },
    armOptions(machine as ArmMachine).vmallocBytes as bigint | undefined,
  );
  const ram = physicalResources(layout)
    .filter(({ name }) => name === 'System RAM')
    .map(({ startByte, endByte }) => ({ start: startByte, end: endByte }));
  const ours = lowmemBounds(ram, { pageOffset, physicalBase, vmallocBytes, vmallocEnd });
  const row = {
    vmalloc_size: hex(vmallocBytes),
    vmalloc_limit: hex(ours.vmallocLimit),
    arm_lowmem_limit: hex(ours.lowmemLimit),
    memblock_limit: hex(ours.memblockLimit),
    high_memory: hex(layout.highMemory),
    dram_start: hex(physicalBase),
    PMD_SIZE: '0x200000',
  };
  return {
    predicted: { lowmem_bounds: lowmem_bounds.map(() => row) },
    captured: { lowmem_bounds: lowmem_bounds.map(({ dram_end: _, ...rest }) => rest) },
    left: { dram_end: 'as memblock_end_of_DRAM, and before that what is cut off without high memory' },
  };
}

/** What each zone reaches, as the boot log has it. */
export function bootLog({ dmesg_memory_lines }: ArmMachine, layout: Layout): Prediction {
  const isZone = (line: string): boolean => /^ {2}(DMA|DMA32|Normal|HighMem) +\[mem/.test(line);
  const lines = dmesg_memory_lines.map((line) => line.replace(/^\[ *[\d.]+\] ?/, ''));
  const bytes = 2 ** layout.pageShift;
  const pad = (address: number): string => `0x${address.toString(16).padStart(16, '0')}`;
  const ours = layout.zones.map(
    ({ name, startPfn, spannedPages }) =>
      `  ${name.padEnd(8)} [mem ${pad(startPfn * bytes)}-${pad((startPfn + spannedPages) * bytes - 1)}]`,
  );
  return {
    predicted: { zones: ours },
    captured: { zones: lines.filter(isZone) },
    left: { others: 'sizes of the build, of the RAM disk and of early tables' },
  };
}
