/**
 * A boot log as a memory report: of several boots in one file the last one with RAM, its memory map as the kernel ended
 * up with it, and what else it tells (log-facts.ts).
 */
import { UsageError } from '../../base/errors.ts';
import { formatSize, pfnOf } from '../../base/units.ts';
import { splitHolding } from '../splits.ts';
import { type BoardLog, type BoardMemory, boardMemory } from './board-memory.ts';
import { type BootOptions, bootOptions } from './boot-options.ts';
import { type Dialect, dialectOfLog } from './dialect.ts';
import { type E820Change, type E820Entry, e820Events, isUnreadable } from './e820-lines.ts';
import { E820Map } from './e820-map.ts';
import { type Facts, factsOf } from './log-facts.ts';
import { rangeOf, saidFigures } from './log-figures.ts';
import type { LogLine } from './log-text.ts';
import { type BankLine, cmaPools } from './memory-banks.ts';
import { SYSTEM_RAM, totalBytes } from './memory-map.ts';
import type { Finding, MemoryReport } from './memory-report.ts';
import { pageBytesOf } from './ram-totals.ts';

/** Whatever a log writes before its messages. */
const VERSION_LINE = /Linux version \d/;
const MAP_START = /BIOS-provided physical RAM map/;

/** @throws UsageError for an entry of a memory map that cannot be read */
export function bootLogReport(lines: readonly LogLine[], dialects: readonly Dialect[]): MemoryReport {
  const boots = bootsOf(lines);
  const boot = boots.findLast((one) => one.some(({ text }) => e820Events(text).length > 0)) ?? boots.at(-1)!;
  const facts = factsOf(
    boot,
    dialects.map(({ log }) => log.facts),
  );
  const options = bootOptions(facts.commandLine?.groups[0] ?? '');
  const pools = cmaPools(boot);
  const memory = memoryOf({ lines: boot, facts, options, pools }, dialects);
  const { isPc, physical } = memory;
  const dialect = dialectOfLog({ facts, physical, isPc }, dialects);
  const nrCpus = facts.nrCpus?.groups[0];
  return {
    source: 'boot log',
    machine: isPc ? 'PC' : dialect?.machine === 'board' ? 'board' : undefined,
    dialect,
    kernel: facts.kernel?.groups[0],
    split: splitOf(facts, dialect),
    wideEntries: dialect?.log.wideEntries?.(facts),
    highmem: highmemOf(facts, dialect),
    pageBytes: pageBytesOf(boot),
    nrCpus: nrCpus === undefined ? undefined : Number(nrCpus),
    ...cpusOf(facts, options, isPc),
    options,
    physical,
    ramBytes: memory.ramBytes,
    cma: pools,
    said: saidFigures(facts),
    findings: [...memory.findings, ...factFindings(facts, dialects), ...poolFindings(pools)],
    notes: [...bootNotes(boots, boot), ...memory.notes, ...(dialect?.log.notes?.(facts) ?? [])],
  };
}

/**
 * Boards count all cpus that may come as present (smp_prepare_cpus of arch/arm and arch/arm64), PCs those that the firmware lists.
 * Where maxcpus= left some out, those that came up do not tell how many there are.
 */
function cpusOf(
  { possibleCpus, allowedCpus, presentCpus, broughtUp }: Facts,
  { maxCpus }: BootOptions,
  isPc: boolean,
): Pick<MemoryReport, 'cpus' | 'onlineCpus' | 'possibleCpus'> {
  const number = (text: string | undefined): number | undefined =>
    text === undefined ? undefined : Number(text);
  const [allowed, hotplug] = allowedCpus?.groups ?? [];
  const [nowPresent, mayCome] = presentCpus?.groups ?? [];
  const present = number(nowPresent) ?? (allowed && Number(allowed) - Number(hotplug));
  const allowedNow = nowPresent === undefined ? number(allowed) : Number(nowPresent) + Number(mayCome);
  const possible = number(possibleCpus?.groups[0]) ?? allowedNow;
  const online = number(broughtUp?.groups[0]);
  const isCut = maxCpus !== undefined || !isPc;
  const cpus = present ? present : isCut ? (possible ?? online) : (online ?? possible);
  return { cpus, onlineCpus: online, possibleCpus: possible };
}

/** A boot begins with the version of its kernel, or with its memory map where that is left out. */
function bootsOf(lines: readonly LogLine[]): LogLine[][] {
  const boots: LogLine[][] = [[]];
  let hasMap = false;
  let hasVersion = false;
  for (const line of lines) {
    const isMap = MAP_START.test(line.text);
    const isVersion = VERSION_LINE.test(line.text);
    if ((isVersion && (hasVersion || hasMap)) || (isMap && hasMap)) {
      boots.push([]);
      hasMap = false;
      hasVersion = false;
    }
    boots.at(-1)!.push(line);
    hasMap ||= isMap;
    hasVersion ||= isVersion;
  }
  return boots;
}

function bootNotes(boots: readonly (readonly LogLine[])[], boot: readonly LogLine[]): string[] {
  if (boots.length === 1) return [];
  const which = boot === boots.at(-1) ? 'the last one' : 'the last one with a memory map';
  return [`${boots.length} boots in the file: ${which} counts, which begins at line ${boot[0]!.number}`];
}

/** Kernels tell that they lack high memory, or where it is mapped, or how much of it there is, if it is none. */
function highmemOf(facts: Facts, dialect: Dialect | undefined): boolean | undefined {
  if (facts.wantsHighmem) return false;
  if (facts.highmemMb || facts.pkmap || /\d[kK] highmem/.test(facts.memory?.groups[2] ?? '')) return true;
  return dialect?.log.highmem?.(facts);
}

/** Of an unknown kernel by where its low memory begins, or its text. */
function splitOf(facts: Facts, dialect: Dialect | undefined): MemoryReport['split'] {
  if (dialect !== undefined) return dialect.log.split?.(facts);
  const start = (rangeOf(facts.lowmem) ?? rangeOf(facts.text))?.value.start;
  return start === undefined ? undefined : splitHolding(start);
}

interface Memory extends BoardMemory {
  readonly isPc: boolean;
}

function memoryOf(log: Omit<BoardLog, 'mayBePc'>, dialects: readonly Dialect[]): Memory {
  const { lines, facts, options } = log;
  const events = lines.flatMap((line) => {
    if (isUnreadable(line.text)) throw unreadable(line);
    return e820Events(line.text).map((event) => ({ event, line: line.number }));
  });
  if (events.some(({ event }) => event.kind === 'entry')) return pcMemory(events, options);
  const dialect = dialectOfLog({ facts, physical: [], isPc: false }, dialects);
  return { ...boardMemory({ ...log, mayBePc: dialect?.machine === 'PC' }), isPc: false };
}

interface LineEvent {
  readonly event: E820Entry | E820Change;
  readonly line: number;
}

function pcMemory(events: readonly LineEvent[], options: BootOptions): Memory {
  const map = new E820Map();
  for (const { event } of events) if (!isOfEveryKernel(event)) map.add(event);
  const applied = applyOptions(map, events, options);
  const physical = map.result();
  const name = map.maps.at(-1)!;
  const first = events.find(({ event }) => event.kind === 'entry' && event.map === name)!;
  const changes = events.flatMap(({ event, line }) =>
    event.kind === 'change' && !isOfEveryKernel(event)
      ? [{ what: 'change of the map', value: changeText(event), line }]
      : [],
  );
  const ram = formatSize(totalBytes(physical.filter((range) => range.name === SYSTEM_RAM)));
  return {
    physical,
    isPc: true,
    findings: [
      { what: 'memory map', value: `${name}${applied}, ${ram} of RAM`, line: first.line },
      ...changes,
    ],
    notes: [],
  };
}

/** trim_bios_range(): what kernels do whatever the map, and a layout's kernel does by itself. */
function isOfEveryKernel(event: E820Entry | E820Change): boolean {
  if (event.kind !== 'change') return false;
  const { start, end, to } = event;
  return (start === 0n && end === 0x1000n && to === 'Reserved') || (start === 0xa0000n && end === 0x100000n);
}

/** mem= and memmap= where the log does not show what became of them. */
function applyOptions(map: E820Map, events: readonly LineEvent[], options: BootOptions): string {
  const isTold =
    map.maps.includes('user') ||
    events.some(({ event }) => event.kind === 'change' && event.to === undefined && !isOfEveryKernel(event));
  if (isTold || (options.memLimit === undefined && options.memmap.length === 0)) return '';
  for (const option of options.memmap) {
    if (option.kind === 'exact') map.clear();
    else if (option.kind === 'limit') cutAbove(map, option.bytes);
    else map.set(option.start, option.end, MEMMAP_NAMES[option.sign]);
  }
  if (options.memLimit !== undefined) cutAbove(map, options.memLimit);
  return ' with the boot options mem= and memmap=';
}

const MEMMAP_NAMES = {
  '@': SYSTEM_RAM,
  '#': 'ACPI Tables',
  $: 'Reserved',
  '!': 'Persistent Memory',
} as const;

function cutAbove(map: E820Map, limit: bigint): void {
  map.change({ start: limit, end: 1n << 64n, from: SYSTEM_RAM, to: undefined });
}

function changeText({ start, end, from = 'all', to }: E820Change): string {
  const range = `0x${start.toString(16)}..0x${end.toString(16)}`;
  return to === undefined ? `${range}: ${from} is no more` : `${range}: ${from} becomes ${to}`;
}

type Told = readonly (readonly [name: string, what: string])[];

/** What people call the facts that are told as they stand; in between those of a processor are. */
const TOLD_OF_KERNEL: Told = [
  ['release', 'kernel'],
  ['commandLine', 'command line'],
  ['lastPfn', 'last frame'],
  ['lowmemMb', 'low memory, MiB'],
  ['highmemMb', 'high memory, MiB'],
  ['wantsHighmem', 'high memory'],
  ['fixmap', 'fixmap'],
  ['pkmap', 'kmap window'],
  ['vmalloc', 'vmalloc window'],
  ['lowmem', 'direct map'],
  ['modules', 'modules'],
  ['nrCpus', 'cpus that the kernel is built for'],
  ['possibleCpus', 'cpus that may come'],
  ['allowedCpus', 'cpus that may come, and of those not present'],
  ['presentCpus', 'cpus that are present, and may come'],
  ['broughtUp', 'cpus that came up'],
];
const TOLD_OF_MACHINE: Told = [
  ['machine', 'machine'],
  ['memory', 'memory, KiB free and in all'],
];

/** Those whose groups are hexadecimal. */
const ADDRESSES: ReadonlySet<string> = new Set([
  'lastPfn',
  'fixmap',
  'pkmap',
  'vmalloc',
  'lowmem',
  'modules',
]);

function factFindings(facts: Facts, dialects: readonly Dialect[]): Finding[] {
  const own = dialects.flatMap(({ log }) => log.told);
  return [...TOLD_OF_KERNEL, ...own, ...TOLD_OF_MACHINE].flatMap(([name, what]) => {
    const fact = facts[name];
    if (fact === undefined) return [];
    const isAddress = ADDRESSES.has(name);
    const values = name === 'memory' ? fact.groups.slice(0, 2) : fact.groups;
    const texts = values.map((value) => (isAddress ? `0x${value}` : value));
    return [{ what, value: texts.join(isAddress ? '..' : ', ').trim(), line: fact.line }];
  });
}

function poolFindings(pools: readonly BankLine[]): Finding[] {
  return pools.map(({ start, end, line }) => ({
    what: 'contiguous memory (CMA)',
    value: `${formatSize(end - start)} at 0x${start.toString(16)}, frame ${pfnOf(start)}`,
    line,
  }));
}

function unreadable({ text, number }: LogLine): UsageError {
  return new UsageError(
    `memory map, line ${number}: '${text.trim().slice(0, 100)}'; expected 'BIOS-e820: [mem 0x00100000-0x3ffdffff] usable'`,
  );
}
