/** Which machine it was: its layout, kernel and RAM as a lane, each with the line that says so, and what had to be assumed. */
import { addressOf } from '../../../core/base/units.ts';
import {
  architectureOf,
  buildLayout,
  type Dialect,
  isKernelVersion,
  layoutNameOf,
  layoutNames,
  type MemoryReport,
} from '../../../core/index.ts';
import type { FailureReport } from '../../../traces/index.ts';
import { DEFAULT_RAM, type Events, type LaneSpec } from '../../spec/index.ts';
import { formatBytes } from '../../text/units.ts';
import { wordBitsOf } from '../verdict/zone-ranks.ts';
import type { Evidence, LogEvidence } from './evidence.ts';
import { layoutByLowMemory } from './low-memory.ts';
import { ramOfReport, ramTold, type ToldRam } from './ram.ts';
import { type Told, toldOf, usualDialect } from './told.ts';

/** Something that a file says; `from`: `dmesg.txt:12`. */
export interface MachineFact {
  readonly what: string;
  readonly value: string;
  readonly from: string;
}

export interface BoardMachine {
  readonly lane: LaneSpec;
  /** The log that tells of it. */
  readonly report: MemoryReport | undefined;
  readonly facts: readonly MachineFact[];
  /** What no file tells. */
  readonly assumed: readonly string[];
}

/** Undefined: not even the amount of RAM is known. */
export function boardMachine(
  evidence: Evidence,
  failure: FailureReport | undefined,
): BoardMachine | undefined {
  const log = logOfMachine(evidence, failure);
  const ram = ramTold(evidence, failure, log);
  if (ram === undefined) return undefined;
  const { name, from, isAssumed } = layoutOf(toldOf(evidence, log, failure), failure, ram);
  const kernel = kernelTold(evidence, failure, log);
  const lane: LaneSpec = {
    layout: name,
    ...(log !== undefined && { memoryMap: log.file }),
    ...(ram.needsAmount && { ram: ram.bytes }),
    ...(kernel !== undefined && log?.report?.kernel === undefined && { kernel: kernel.value }),
    ...bootOptions(evidence, log),
    ...cmaOf(name, log?.report, failure, ram.bytes),
    ...swiotlbOf(failure),
  };
  const facts = [
    ...(isAssumed ? [] : [{ what: 'layout', value: name, from }]),
    ...(kernel === undefined ? [] : [kernel]),
    { what: 'RAM', value: formatBytes(ram.bytes), from: ram.from },
  ];
  const assumed = isAssumed ? [`the layout is taken as ${name}: ${from}`] : [];
  return { lane, report: log?.report, facts, assumed };
}

/** What a failure report counts, unless the log says where it lies. */
function cmaOf(
  layout: string,
  report: MemoryReport | undefined,
  failure: FailureReport | undefined,
  ramBytes: number,
): Pick<LaneSpec, 'cma'> {
  const { cmaPages = 0, pageKb = 4 } = failure ?? {};
  const mib = Math.floor((cmaPages * pageKb) / 1024);
  const isTold = report !== undefined && (report.cma.length > 0 || report.options.cma !== undefined);
  if (mib === 0 || isTold || architectureOf(layout).port.cma === undefined) return {};
  const isLow = failure!.zones.some(({ zone, freeCma }) => zone !== 'HighMem' && freeCma > 0);
  return { cma: `${mib}M${isLow ? belowHighMemory(layout, ramBytes) : ''}` };
}

/** Where the report counts another pool than kernels have by themselves. */
function swiotlbOf(failure: FailureReport | undefined): Pick<LaneSpec, 'swiotlb'> {
  const { request } = failure ?? {};
  const slots = request?.kind === 'bounce' ? request.totalSlots : undefined;
  return slots === undefined || slots === DEFAULT_SLOTS ? {} : { swiotlb: slots };
}

/** IO_TLB_DEFAULT_SIZE of 64 MiB (include/linux/swiotlb.h, 2.6.5 to 7.0). */
const DEFAULT_SLOTS = 32768;

/** Where it was, if a kernel of its own would put it into high memory. */
function belowHighMemory(name: string, ramBytes: number): string {
  const { maxLowPfn, highstartPfn, pageShift } = buildLayout(name, { ramBytes });
  return highstartPfn === undefined ? '' : `@0-0x${addressOf(maxLowPfn, pageShift).toString(16)}`;
}

/** The log that tells most: one with RAM, best that in which the failure stands. */
function logOfMachine({ logs }: Evidence, failure: FailureReport | undefined): LogEvidence | undefined {
  const telling = logs.filter(({ report }) => report !== undefined && ramOfReport(report) > 0);
  const own = telling.find(({ failures }) => failure !== undefined && failures.includes(failure));
  return own ?? telling[0] ?? logs.find(({ report }) => report !== undefined);
}

interface FoundLayout {
  readonly name: string;
  readonly from: string;
  readonly isAssumed: boolean;
}

const KNOWN: ReadonlySet<string> = new Set(layoutNames().map(({ name }) => name));

function layoutOf(told: Told, failure: FailureReport | undefined, ram: ToldRam): FoundLayout {
  const { from } = told;
  const { request } = failure ?? {};
  const highmem = request?.kind === 'unused-ram' ? request.needs !== 'highmem' : told.highmem;
  const dialect = told.dialect ?? usualPc(failure);
  const needsWide = request?.kind === 'unused-ram' && request.needs === 'pae';
  // More than 4 GiB need entries of 64 bits.
  const wideEntries = needsWide ? false : (told.wideEntries ?? ram.bytes > 2 ** 32);
  const name = layoutNameOf({ ...told, dialect, wideEntries, highmem })!;
  const untold = untoldOf(told);
  if (from !== undefined && untold === undefined && KNOWN.has(name)) return { name, from, isAssumed: false };
  const found = failure && layoutByLowMemory(failure, told.dialect, ram.bytes);
  if (found !== undefined) return { ...found, isAssumed: false };
  const what = untold ?? (told.dialect === undefined ? 'processor' : 'split');
  return { name, from: `no line tells the ${what}`, isAssumed: true };
}

/** What no line tells of all that the layout follows from; undefined: nothing. */
function untoldOf(told: Told): string | undefined {
  if (told.dialect !== undefined) return told.dialect.untold(told);
  return told.split === undefined ? 'processor and split' : undefined;
}

/** Without a word of it: a PC, and of 64 bits where its figures are. */
function usualPc(failure: FailureReport | undefined): Dialect {
  return usualDialect('PC', failure === undefined ? 32 : wordBitsOf(failure));
}

/** For a recording without a word of its machine: that of its snapshot, else the textbooks' 1 GiB. */
export function usualLane({ snapshot }: Pick<Events, 'snapshot'>): LaneSpec {
  if (snapshot === undefined) return { layout: 'linux-3g1g', ram: DEFAULT_RAM };
  const isWide = snapshot.zones.some(({ zone }) => zone === 'DMA32');
  return { layout: isWide ? 'linux-x86_64' : 'linux-3g1g', fromSnapshot: true };
}

/** As the log of the machine tells it, else any other file. */
function kernelTold(
  { logs, config }: Evidence,
  failure: FailureReport | undefined,
  own: LogEvidence | undefined,
): MachineFact | undefined {
  for (const { report, file } of [...(own === undefined ? [] : [own]), ...logs]) {
    if (report?.kernel === undefined) continue;
    const line = report.findings.find(({ what }) => what === 'kernel')?.line ?? 1;
    return { what: 'kernel', value: report.kernel, from: `${file}:${line}` };
  }
  const told = [
    { value: failure?.kernel, from: `the report at line ${failure?.line}` },
    { value: config?.value.kernel, from: config?.file ?? '' },
  ].find(({ value }) => value !== undefined && isKernelVersion(value));
  return told && { what: 'kernel', value: told.value!, from: told.from };
}

/** Those of /proc/cmdline, where the log of the machine has no command line of its own. */
function bootOptions(
  { commandLine, config, cpuinfo }: Evidence,
  log: LogEvidence | undefined,
): Partial<LaneSpec> {
  const { vmallocBytes, highmemBytes, nopse, nopge } = commandLine?.value ?? {};
  const own = log?.report?.options;
  const nrCpus = log?.report?.nrCpus === undefined ? config?.value.nrCpus : undefined;
  const cpus = log?.report?.cpus === undefined ? cpuinfo?.value?.cpus : undefined;
  return {
    ...(vmallocBytes !== undefined && own?.vmallocBytes === undefined && { vmalloc: Number(vmallocBytes) }),
    ...(highmemBytes !== undefined && own?.highmemBytes === undefined && { highmem: Number(highmemBytes) }),
    ...(nopse === true && own?.nopse !== true && { nopse }),
    ...(nopge === true && own?.nopge !== true && { nopge }),
    ...(cpus !== undefined && { cpus }),
    ...(nrCpus !== undefined && nrCpus >= (cpus ?? 1) && { nrCpus }),
  };
}
