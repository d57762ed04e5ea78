/** What a kernel printed of itself beside what its layout predicts: where the two differ, somebody should know. */
import type { MemoryReport, Said, SaidRange } from '../firmware/memory-report.ts';
import type { Layout } from '../layout.ts';
import { splitNamed } from '../splits.ts';

export interface Contradiction {
  readonly what: string;
  readonly predicted: string;
  readonly said: string;
  /** Line of the log. */
  readonly line: number;
}

/** None for a layout that is not the machine of the report: then a difference is the answer to a question. */
export function contradictions(layout: Layout, report: MemoryReport): Contradiction[] {
  if (!isMachineOf(layout, report)) return [];
  const { said } = report;
  const low = layout.maxLowPfn;
  const mib = (frames: number): number => Math.floor((frames * 2 ** layout.pageShift) / 2 ** 20);
  const high = layout.highstartPfn === undefined ? undefined : layout.maxPfn - layout.highstartPfn;
  const kmap = layout.pkmap && {
    start: layout.pkmap.base,
    end: layout.pkmap.base + (BigInt(layout.pkmap.slots) << BigInt(layout.pageShift)),
  };
  return [
    ...differs('low memory', 'MiB', mib(low), said.lowmemMb),
    ...(high === undefined ? [] : differs('high memory', 'MiB', mib(high), said.highmemMb)),
    ...differs('last frame', '', layout.maxPfn, said.maxPfn),
    ...windowDiffers('vmalloc window', layout.vmalloc, said.vmalloc),
    ...windowDiffers('fixmap', layout.fixmap, said.fixmap),
    ...(kmap ? windowDiffers('kmap window', kmap, said.pkmap) : []),
    ...windowDiffers('direct map', { start: layout.pageOffset, end: layout.highMemory }, said.lowmem),
  ];
}

/** `predicted 879 MiB of low memory, the log says 887 (line 12)`. */
export function contradictionText({ what, predicted, said, line }: Contradiction): string {
  return `predicted ${what} ${predicted}, the log says ${said} (line ${line})`;
}

/** Whether a layout is that of the kernel that wrote the log, as far as that is told. */
export function isMachineOf({ name, arch, pageOffset, pkmap }: Layout, report: MemoryReport): boolean {
  const { dialect, split, wideEntries, highmem } = report;
  const isNamed = dialect?.architectures.some((one) => one.name === arch.name) ?? false;
  if (!name.startsWith('linux-') || !isNamed) return false;
  if (wideEntries !== undefined && wideEntries !== (arch.translation.entryBytes === 8)) return false;
  if (highmem !== undefined && arch.wordBits === 32 && highmem !== (pkmap !== undefined)) return false;
  return split === undefined || splitNamed(split).pageOffset === pageOffset;
}

function differs(
  what: string,
  unit: string,
  predicted: number,
  said: Said<number> | undefined,
): Contradiction[] {
  if (said === undefined || said.value === predicted) return [];
  const text = (value: number): string => (unit === '' ? `0x${value.toString(16)}` : `${value} ${unit}`);
  return [{ what, predicted: text(predicted), said: text(said.value), line: said.line }];
}

function windowDiffers(
  what: string,
  predicted: SaidRange,
  said: Said<SaidRange> | undefined,
): Contradiction[] {
  if (said === undefined) return [];
  const { start, end } = said.value;
  // Kernels of 64 bits print the last byte of some windows.
  if (start === predicted.start && (end === predicted.end || end === predicted.end - 1n)) return [];
  const text = (range: SaidRange): string => `0x${range.start.toString(16)}..0x${range.end.toString(16)}`;
  return [{ what, predicted: text(predicted), said: text(said.value), line: said.line }];
}
