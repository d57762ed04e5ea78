/**
 * /proc/iomem of any processor as a memory report. It must be whole; what the kernel put there itself (its image, the
 * buffers above RAM) is left out: a layout has its own. What else is listed shows which kind of machine it is.
 */
import { UsageError } from '../../base/errors.ts';
import { formatSize, MIB } from '../../base/units.ts';
import type { Dialect, IomemEntry, MachineKind } from './dialect.ts';
import { byPlace } from './e820-map.ts';
import type { LogLine } from './log-text.ts';
import { SYSTEM_RAM, totalBytes } from './memory-map.ts';
import type { Finding, MemoryReport } from './memory-report.ts';

/** `00100000-3ffdffff : System RAM`; indented lines refine the range above them. */
const IOMEM_LINE = /^( *)([0-9a-f]{1,16})-([0-9a-f]{1,16}) : (.*)$/i;
/** Of the kernel itself, not of the machine. */
const KERNEL_OWN = /^(Kernel (code|rodata|data|bss)|RAM buffer|Video RAM area|Crash kernel)$/;
/** What a PC's firmware and chipset have (arch/x86/kernel/{setup,probe_roms,e820}.c). */
const OF_PC =
  /^(Video ROM|Adapter ROM|System ROM|Video RAM area|ACPI (Tables|Non-volatile Storage)|Local APIC|IOAPIC \d+|pnp \d\d:\d\d|PCI Bus 0000:00)$/;
/** Devices that a device tree names: `fe201000.serial`, `serial@fe201000`. */
const OF_BOARD = /^[0-9a-f]{4,16}\.[\w,.-]+|[\w-]+@[0-9a-f]{3,16}\b|^(vexpress|amba|dev:|pl0\d\d)/i;

export function looksLikeIomem(lines: readonly LogLine[]): boolean {
  return lines.some(({ text }) => IOMEM_LINE.test(text));
}

/** @throws UsageError for a line that cannot be read, and for what only root would see */
export function iomemReport(lines: readonly LogLine[], dialects: readonly Dialect[]): MemoryReport {
  const { first, last, ignored } = partOf(lines);
  const entries = lines.slice(first, last).flatMap(entryOf);
  const physical = entries
    .filter(({ name }) => !KERNEL_OWN.test(name))
    .map(({ start, end, name }) => ({ start, end, name }));
  const found = machineOf(entries, dialects);
  const ram = physical.filter(({ name }) => name === SYSTEM_RAM);
  const firstRam = entries.find(({ name }) => name === SYSTEM_RAM);
  return {
    ...UNKNOWN,
    machine: found.machine,
    dialect: found.dialect,
    physical: physical.sort(byPlace),
    findings: [
      ...(firstRam
        ? [{ what: 'memory map', value: `${formatSize(totalBytes(ram))} of RAM`, line: firstRam.line }]
        : []),
      ...found.findings,
    ],
    notes:
      ignored === 0 ? [] : [`${ignored} ${ignored === 1 ? 'line' : 'lines'} around /proc/iomem left out`],
  };
}

/** What /proc/iomem does not tell. */
const UNKNOWN: Omit<MemoryReport, 'machine' | 'dialect' | 'physical' | 'findings' | 'notes'> = {
  source: '/proc/iomem',
  kernel: undefined,
  split: undefined,
  wideEntries: undefined,
  highmem: undefined,
  pageBytes: undefined,
  nrCpus: undefined,
  cpus: undefined,
  onlineCpus: undefined,
  possibleCpus: undefined,
  options: { banks: [], memmap: [], nopae: false, nopse: false, nopge: false },
  ramBytes: undefined,
  cma: [],
  said: {},
};

/** A prompt and what was typed there may stand above and below, nothing else in between. */
function partOf(lines: readonly LogLine[]): { first: number; last: number; ignored: number } {
  const isEntry = ({ text }: LogLine): boolean => IOMEM_LINE.test(text);
  const first = lines.findIndex(isEntry);
  const last = lines.findLastIndex(isEntry) + 1;
  const outside = [...lines.slice(0, first), ...lines.slice(last)].filter(({ text }) => text.trim() !== '');
  const wrong = outside.find(({ text }) => !PROMPT.test(text));
  if (wrong !== undefined) throw unreadable(wrong);
  return { first, last, ignored: outside.length };
}

/** `root@board:~# cat /proc/iomem`, `$`, `cat /proc/iomem`. */
const PROMPT = /[#$%>] *(?:\S.{0,120})?$|\/proc\/iomem/;

function entryOf(line: LogLine): IomemEntry[] {
  if (line.text.trim() === '') return [];
  const [, indent, first, last, name] = IOMEM_LINE.exec(line.text) ?? unreadable(line);
  const entry = {
    start: BigInt(`0x${first}`),
    end: BigInt(`0x${last}`) + 1n,
    name: name!.trim(),
    line: line.number,
    depth: indent!.length,
  };
  return [checkedForRoot(entry)];
}

/** To ordinary users the kernel shows every address as 0. */
function checkedForRoot(entry: IomemEntry): IomemEntry {
  if (entry.end > 1n || entry.name !== SYSTEM_RAM) return entry;
  throw new UsageError(
    `memory map, line ${entry.line}: RAM at address 0 to 0; expected real addresses: /proc/iomem shows them to root ` +
      'only: read it with sudo',
  );
}

function machineOf(
  entries: readonly IomemEntry[],
  dialects: readonly Dialect[],
): Pick<MemoryReport, 'machine' | 'dialect' | 'findings'> {
  const board = entries.find(({ name }) => OF_BOARD.test(name));
  const pc = entries.find(({ name }) => OF_PC.test(name));
  const kernel = entries.find(({ name }) => name === 'Kernel code');
  const lowest = entries.find(({ name }) => name === SYSTEM_RAM);
  const told = (machine: MachineKind, by: IomemEntry) => ({
    machine,
    dialect: dialects.find((one) => one.machine === machine && one.listsIomem(entries)),
    findings: [{ what: 'machine', value: `a ${machine}: ${by.name}`, line: by.line } satisfies Finding],
  });
  if (pc !== undefined) return told('PC', pc);
  if (board !== undefined) return told('board', board);
  // A PC's kernel lies at 1 MiB or above, and there is RAM below it.
  if (kernel !== undefined && kernel.start < MIB) return told('board', kernel);
  if (lowest !== undefined && lowest.start >= MIB) return told('board', lowest);
  return { machine: undefined, dialect: undefined, findings: [] };
}

function unreadable({ text, number }: LogLine): never {
  throw new UsageError(
    `memory map, line ${number}: '${text.trim().slice(0, 100)}'; expected '00100000-3ffdffff : System RAM' as in ` +
      "/proc/iomem, or dmesg with lines such as 'BIOS-e820: [mem 0x00100000-0x3ffdffff] usable'",
  );
}
