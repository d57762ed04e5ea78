/** What all files together tell of the kernel: a log first, then how it was built, then what its /proc files look like. */
import { DIALECTS, type Dialect, dialectNamed, type LayoutFacts } from '../../../core/index.ts';
import type { FailureReport } from '../../../traces/index.ts';
import { wordBitsOf } from '../verdict/zone-ranks.ts';
import type { Cpuinfo } from './cpuinfo.ts';
import type { Evidence, LogEvidence } from './evidence.ts';

export interface Told extends LayoutFacts {
  readonly dialect: Dialect | undefined;
  /** What tells the processor, or its split: a file, or lines of a report. */
  readonly from: string | undefined;
}

export function toldOf(
  { config, cpuinfo, zoneinfo, vmallocinfo }: Evidence,
  log: LogEvidence | undefined,
  failure: FailureReport | undefined,
): Told {
  const report = log?.report;
  const built = config?.value;
  const wide = wideBy(zoneinfo, vmallocinfo);
  const seen = dialectSeen(cpuinfo?.value, wide?.isWide);
  const byLog = report?.split !== undefined || report?.dialect !== undefined ? log?.file : undefined;
  const byTrace = failure?.arch && `call trace in the report at line ${failure.line}`;
  return {
    dialect:
      report?.dialect ?? built?.dialect ?? dialectNamed(failure?.arch) ?? seen ?? dialectByZones(failure),
    split: report?.split ?? built?.split,
    wideEntries: report?.wideEntries ?? built?.wideEntries,
    highmem: report?.highmem ?? built?.highmem,
    pageBytes: report?.pageBytes ?? built?.pageBytes,
    vaBits: built?.vaBits,
    said: report?.said,
    from: byLog ?? config?.file ?? byTrace ?? (seen && (wide?.file ?? cpuinfo?.file)),
  };
}

/** A zone DMA32, or addresses of more than 32 bits: a kernel of 64. Undefined: nothing to see it by. */
function wideBy(
  zoneinfo: Evidence['zoneinfo'],
  vmallocinfo: Evidence['vmallocinfo'],
): { readonly isWide: boolean; readonly file: string } | undefined {
  const area = vmallocinfo?.value.find(({ start }) => start !== undefined && start !== null);
  if (area !== undefined) return { isWide: area.start! > 0xffff_ffffn, file: vmallocinfo!.file };
  if (zoneinfo === undefined) return undefined;
  return { isWide: zoneinfo.value.some(({ zone }) => zone === 'DMA32'), file: zoneinfo.file };
}

/** A PC's kernel has a zone DMA (CONFIG_ZONE_DMA) of 16 MiB; one that reports zones without it, or a larger one, is a board's. */
function dialectByZones(failure: FailureReport | undefined): Dialect | undefined {
  if (failure === undefined || failure.zones.length === 0) return undefined;
  const bits = wordBitsOf(failure);
  const dma = failure.zones.find(({ zone }) => zone === 'DMA');
  if (dma !== undefined && dma.present > PC_DMA_KB) return usualDialect('board', bits);
  const hasNone = bits === 32 && failure.zones.every(({ zone }) => !zone.startsWith('DMA'));
  return hasNone ? usualDialect('board', bits) : undefined;
}

/** MAX_DMA_PFN of arch/x86/include/asm/dma.h. */
const PC_DMA_KB = 16384;

/** A PC's processor runs kernels of either width, which other files tell. */
function dialectSeen(cpuinfo: Cpuinfo | undefined, isWide: boolean | undefined): Dialect | undefined {
  if (cpuinfo === undefined) return isWide === true ? usualDialect('PC', 64) : undefined;
  const [first, ...others] = cpuinfo.dialects;
  if (others.length === 0 || isWide === undefined) return others.length === 0 ? first : undefined;
  return cpuinfo.dialects.find(({ wordBits }) => wordBits === (isWide ? 64 : 32));
}

/** Of a kind of machine, the first processor of this width that there is. */
export function usualDialect(kind: Dialect['machine'], bits: Dialect['wordBits']): Dialect {
  return DIALECTS.find(({ machine, wordBits }) => machine === kind && wordBits === bits)!;
}
