/**
 * A boot log as a memory report: of several boots in one file the last one with RAM, its memory map as the kernel ended
 * up with it, and what else it tells (log-facts.ts).
 */
import { UsageError } from '../../base/errors.ts';
import { formatSize, pfnOf } from '../../base/units.ts';
import { type BoardLog, type BoardMemory, boardMemory } from './board-memory.ts';
import { type BootOptions, bootOptions } from './boot-options.ts';
import { type E820Change, type E820Entry, e820Events, isUnreadable } from './e820-lines.ts';
import { E820Map } from './e820-map.ts';
import { type Facts, factsOf } from './log-facts.ts';
import { archOf, highmemOf, lpaeOf, paeOf, saidFigures, splitOf } from './log-machine.ts';
import type { LogLine } from './log-text.ts';
import { type BankLine, cmaPools } from './memory-banks.ts';
import { SYSTEM_RAM, totalBytes } from './memory-map.ts';
import type { Finding, MachineArch, MemoryReport } from './memory-report.ts';
import { pageBytesOf } from './ram-totals.ts';

/** Whatever a log writes before its messages. */
const VERSION_LINE = /Linux version \d/;
const MAP_START = /BIOS-provided physical RAM map/;

/** @throws UsageError for an entry of a memory map that cannot be read */
export function bootLogReport(lines: readonly LogLine[]): MemoryReport {
  const boots = bootsOf(lines);
  const boot = boots.findLast((one) => one.some(({ text }) => e820Events(text).length > 0)) ?? boots.at(-1)!;
  const facts = factsOf(boot);
  const options = bootOptions(facts.commandLine?.groups[0] ?? '');
  const pools = cmaPools(boot);
  const memory = memoryOf({ lines: boot, facts, options, pools });
  const arch = archOf({ facts, physical: memory.physical, isPc: memory.isPc });
  const nrCpus = facts.nrCpus?.groups[0];
  return {
    source: 'boot log',
    machine: memory.isPc ? 'PC' : arch === 'arm' || arch === 'arm64' ? 'board' : undefined,
    arch,
    kernel: facts.kernel?.groups[0],
    split: splitOf(facts, arch),
    pae: paeOf(facts, arch),
    lpae: lpaeOf(facts, arch),
    highmem: highmemOf(facts, arch),
    pageBytes: pageBytesOf(boot),
    nrCpus: nrCpus === undefined ? undefined : Number(nrCpus),
    ...cpusOf(facts, options, memory.isPc),
    options,
    physical: memory.physical,
    ramBytes: memory.ramBytes,
    cma: pools,
    said: saidFigures(facts),
    findings: [...memory.findings, ...factFindings(facts), ...poolFindings(pools)],
    notes: [...bootNotes(boots, boot), ...memory.notes, ...buildNotes(arch, facts)],
  };
}

/**
 * Boards count all cpus that may come as present (smp_prepare_cpus of ARM and arm64), PCs those that the firmware lists.
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

/** What the layout's name takes for granted. */
function buildNotes(arch: MachineArch | undefined, facts: Facts): string[] {
  if (arch === 'arm' && splitOf(facts, arch) === undefined)
    return ['no line shows the split: 3G/1G is taken, as most kernels have it'];
  if (arch === 'arm64' && facts.vmalloc === undefined)
    return ['no line shows how many address bits the kernel was built for: as distributions have them'];
  return [];
}

interface Memory extends BoardMemory {
  readonly isPc: boolean;
}

function memoryOf(log: Omit<BoardLog, 'mayBePc'>): Memory {
  const { lines, facts, options } = log;
  const events = lines.flatMap((line) => {
    if (isUnreadable(line.text)) throw unreadable(line);
    return e820Events(line.text).map((event) => ({ event, line: line.number }));
  });
  if (events.some(({ event }) => event.kind === 'entry')) return pcMemory(events, options);
  const arch = archOf({ facts, physical: [], isPc: false });
  return { ...boardMemory({ ...log, mayBePc: arch === 'i386' || arch === 'x86_64' }), isPc: false };
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

/** What people call the facts that are told as they stand. */
const TOLD: readonly (readonly [name: keyof Facts, what: string])[] = [
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
  ['armCpu', 'processor, cr'],
  ['arm64Cpu', 'processor'],
  ['machine', 'machine'],
  ['memory', 'memory, KiB free and in all'],
];

/** Those whose groups are hexadecimal. */
const ADDRESSES: ReadonlySet<keyof Facts> = new Set([
  'lastPfn',
  'fixmap',
  'pkmap',
  'vmalloc',
  'lowmem',
  'modules',
]);

function factFindings(facts: Facts): Finding[] {
  return TOLD.flatMap(([name, what]) => {
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
