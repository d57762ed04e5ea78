/** What a layout says of an x86 machine's physical memory: the firmware's map, /proc/iomem, lines of the boot log. */
import { type Layout, physicalResources } from '../../../../core/layout/catalog/index.ts';
import type { OracleMachine } from '../../../captures/oracle-machine.ts';
import type { Prediction } from './prediction.ts';

export function e820({ e820: captured }: OracleMachine, { physical }: Layout): Prediction {
  const pad = (address: bigint): string => address.toString(16).padStart(16, '0');
  const ranges = physical.filter(({ name }) => name === 'System RAM' || name === 'Reserved');
  const lines = ranges
    .toSorted((a, b) => Number(a.start - b.start))
    .map(({ start, end, name }) => {
      const type = name === 'Reserved' ? 'reserved' : 'usable';
      return `BIOS-e820: [mem 0x${pad(start)}-0x${pad(end - 1n)}] ${type}`;
    });
  return { predicted: { e820: lines }, captured: { e820: captured } };
}

export function iomem({ iomem: captured }: OracleMachine, layout: Layout): Prediction {
  const pad = (address: bigint): string => address.toString(16).padStart(8, '0');
  const lines = physicalResources(layout).map(
    ({ startByte, endByte, name, depth }) =>
      `${'  '.repeat(depth)}${pad(startByte)}-${pad(endByte - 1n)} : ${name}`,
  );
  return { predicted: { iomem: lines }, captured: { iomem: captured } };
}

/** The lines of the boot log that tell where memory is. */
export function bootLog({ dmesg_memory_lines }: OracleMachine, layout: Layout): Prediction {
  const isMap = (line: string): boolean =>
    /^last_pfn = .* max_arch_pfn|^\d+MB (HIGHMEM|LOWMEM) available|^ {2}(mapped )?low ram: |^ {2}(DMA|DMA32|Normal|HighMem) +\[/.test(
      line,
    );
  const others = dmesg_memory_lines.filter((line) => !isMap(line));
  return {
    predicted: { dmesg: memoryLines(layout) },
    captured: {
      dmesg: dmesg_memory_lines.filter(isMap).filter((line, index, all) => all.indexOf(line) === index),
    },
    left: Object.fromEntries(
      others.map((line) => [line, 'sizes of the build, of the RAM disk and of early tables']),
    ),
  };
}

function memoryLines(layout: Layout): string[] {
  const { maxPfn, maxLowPfn, maxMem, highstartPfn, ram } = layout;
  const { wordBits, translation } = layout.arch;
  const archBits = wordBits === 64 ? maxMem.toString(2).length - 1 : translation.entryBytes === 8 ? 36 : 32;
  const last = (pfn: number): string =>
    `last_pfn = 0x${pfn.toString(16)} max_arch_pfn = 0x${(2 ** (archBits - 12)).toString(16)}`;
  const lowEnd = (maxLowPfn * 4096).toString(16).padStart(8, '0');
  const mib = (pages: number): number => Math.floor(pages / 256);
  const firmwareEnd = Number(ram.filter(({ start }) => start < 1n << BigInt(archBits)).at(-1)!.end >> 12n);
  const low = ram.filter(({ end }) => end <= 1n << 32n).at(-1)!;
  return [
    last(firmwareEnd),
    ...(wordBits === 64 && firmwareEnd > 2 ** 20 ? [last(Number(low.end >> 12n))] : []),
    ...(highstartPfn === undefined ? [] : [`${mib(maxPfn - highstartPfn)}MB HIGHMEM available.`]),
    ...(wordBits === 64
      ? []
      : [
          `${mib(maxLowPfn)}MB LOWMEM available.`,
          `  mapped low ram: 0 - ${lowEnd}`,
          `  low ram: 0 - ${lowEnd}`,
        ]),
    ...zoneLines(layout),
  ];
}

/** What each zone reaches, without regard to holes. */
function zoneLines({ zones, maxPfn, maxLowPfn }: Layout): string[] {
  const limits = { DMA: 2 ** 12, DMA32: 2 ** 20, Normal: maxLowPfn, HighMem: maxPfn };
  return zones.map(({ name, startPfn }) => {
    const end = name === 'HighMem' ? maxPfn : Math.min(limits[name], maxLowPfn);
    const address = (byte: number): string => byte.toString(16).padStart(16, '0');
    return `  ${name.padEnd(8)} [mem 0x${address(startPfn * 4096)}-0x${address(end * 4096 - 1)}]`;
  });
}
