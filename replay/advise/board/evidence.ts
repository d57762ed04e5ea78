/**
 * What a text is, by its content: a log of a kernel with what it says of the machine and of failures, or one of the files of
 * /proc. Files may come in any order and under any name.
 */
import { type BootOptions, type MemoryReport, readMemoryReport, UsageError } from '../../../core/index.ts';
import {
  type BuddyinfoZone,
  type FailureReport,
  failureReports,
  type Meminfo,
  parseBuddyinfo,
  parseMeminfo,
  parseVmallocinfo,
  parseZoneinfo,
  procSections,
  readsAsTrace,
  type VmallocinfoArea,
  type ZoneinfoZone,
} from '../../../traces/index.ts';
import { type Cpuinfo, parseCpuinfo } from './cpuinfo.ts';
import { type KernelConfig, parseKernelConfig } from './kernel-config.ts';

/** A log, or /proc/iomem: what it tells. */
export interface LogEvidence {
  readonly file: string;
  /** Undefined: nothing of the machine. */
  readonly report: MemoryReport | undefined;
  readonly failures: readonly FailureReport[];
  /** What could not be read. */
  readonly problem?: string;
}

export interface Sourced<T> {
  readonly file: string;
  readonly value: T;
}

/** All that was brought. */
export interface Evidence {
  readonly logs: readonly LogEvidence[];
  readonly meminfo?: Sourced<Meminfo>;
  readonly vmallocinfo?: Sourced<readonly VmallocinfoArea[]>;
  readonly zoneinfo?: Sourced<readonly ZoneinfoZone[]>;
  readonly buddyinfo?: Sourced<readonly BuddyinfoZone[]>;
  readonly config?: Sourced<KernelConfig>;
  readonly cpuinfo?: Sourced<Cpuinfo | undefined>;
  /** Boot options, of /proc/cmdline. */
  readonly commandLine?: Sourced<BootOptions>;
  /** Recordings of events, by path: .vmt, or whatever an importer reads. */
  readonly traces: readonly string[];
  /** Files that are none of these, or say nothing that is used. */
  readonly unused: readonly string[];
}

type ProcPart = Omit<Evidence, 'logs' | 'traces' | 'unused'>;

interface ProcKind {
  readonly key: keyof ProcPart;
  /** One of its first lines. */
  readonly sign: RegExp;
  readonly parse: (text: string, place: { file: string; firstLine?: number }) => unknown;
}

const FIRST_LINES = 5;

const PROC_KINDS: readonly ProcKind[] = [
  { key: 'meminfo', sign: /^(?:MemTotal|MemFree): +\d+ kB$/m, parse: parseMeminfo },
  { key: 'vmallocinfo', sign: /^0x[^\s-]+-0x[^\s-]+ +\d+ /m, parse: parseVmallocinfo },
  { key: 'buddyinfo', sign: /^Node \d+, zone +\w+(?: +\d+){8,16} *$/m, parse: parseBuddyinfo },
  {
    key: 'config',
    sign: /^# Linux(?:\/\S+ \d| kernel version: \d)/m,
    parse: (text) => parseKernelConfig(text),
  },
  { key: 'cpuinfo', sign: /^(?:processor|Processor)\s*: \S/m, parse: (text) => parseCpuinfo(text) },
  // One line, with a parameter that loaders give every kernel.
  {
    key: 'commandLine',
    sign: /^(?!.*Linux version)(?:\S+ )*(?:root|console|init|rdinit|BOOT_IMAGE)=\S+(?: [^\n]*)?\n?$/,
    parse: (text) => readMemoryReport(`Kernel command line: ${text}`).options,
  },
  { key: 'zoneinfo', sign: /^ {2}(?:per-node stats|pages free +\d+)$/m, parse: parseZoneinfo },
];

/** @param file how messages call it @throws UsageError for a /proc file that is damaged */
export function recognise(text: string, file: string): Partial<Evidence> {
  const sections = procSections(text, file).flatMap((section) => {
    const kind = procKindOf(section.text);
    return kind === undefined ? [] : [procPart(kind, section.text, section.place)];
  });
  if (sections.length > 0) return Object.assign({}, ...sections.toReversed());
  const kind = procKindOf(text);
  if (kind !== undefined) return procPart(kind, text, { file });
  return isLog(text) || !readsAsTrace(text) ? logPart(text, file) : { traces: [file] };
}

const HEAD_CHARACTERS = 0x1_0000;
const OF_FAILURE = /oom-killer|page allocation failure|vmap allocation|Mem-Info/;

function isLog(text: string): boolean {
  const head = text.slice(0, HEAD_CHARACTERS);
  return OF_MACHINE.test(head) || OF_FAILURE.test(head);
}

/** What a file is that begins so: as `recognise` takes it, as far as the beginning tells. */
export function kindOfText(head: string): 'proc' | 'log' | 'trace' | 'unknown' {
  if (procKindOf(head) !== undefined || procSections(head, '').length > 0) return 'proc';
  if (isLog(head)) return 'log';
  return readsAsTrace(head) ? 'trace' : 'unknown';
}

function procKindOf(text: string): ProcKind | undefined {
  const head = text.split('\n', FIRST_LINES).join('\n');
  return PROC_KINDS.find(({ sign }) => sign.test(head));
}

function procPart(
  { key, parse }: ProcKind,
  text: string,
  place: { file: string; firstLine?: number },
): ProcPart {
  return { [key]: { file: place.file, value: parse(text, place) } };
}

function logPart(text: string, file: string): Partial<Evidence> {
  const failures = failureReports(text);
  const { report, problem } = machineReport(text);
  if (report === undefined && problem === undefined && failures.length === 0) return { unused: [file] };
  return { logs: [{ file, report, failures, ...(problem !== undefined && { problem }) }] };
}

/** What a log or /proc/iomem tells of its machine; a failure report alone has none of it. */
const OF_MACHINE =
  /Linux version \d|BIOS-\w{1,8}:|BIOS-provided|ommand line:|: System RAM$|Memory: \d+[kK]\//m;

function machineReport(text: string): Pick<LogEvidence, 'report' | 'problem'> {
  if (!OF_MACHINE.test(text)) return { report: undefined };
  try {
    return { report: readMemoryReport(text) };
  } catch (error) {
    if (error instanceof UsageError) return { report: undefined, problem: error.message };
    throw error;
  }
}

/** All files together; of a kind that comes twice the first counts. */
export function together(parts: readonly Partial<Evidence>[]): Evidence {
  const proc = Object.assign({}, ...parts.toReversed()) as ProcPart;
  return {
    ...proc,
    logs: parts.flatMap(({ logs = [] }) => logs),
    traces: parts.flatMap(({ traces = [] }) => traces),
    unused: parts.flatMap(({ unused = [] }) => unused),
  };
}
