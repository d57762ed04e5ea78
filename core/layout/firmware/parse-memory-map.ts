/**
 * A memory map from text: /proc/iomem, or a boot log with its `BIOS-e820` lines, in the words of /proc/iomem.
 *
 * Of a boot log every other line is skipped, and of several boots in one log the last one counts. /proc/iomem must be
 * whole; what the kernel put there itself (its image, the buffers above RAM) is left out: a layout has its own.
 * Sources: arch/x86/kernel/e820.c (e820_print_type, e820_type_to_string), v6.1 and, for addresses without brackets,
 * v3.0 (e820_print_map).
 */
import { UsageError } from '../../base/errors.ts';
import type { PhysicalRange } from '../layout.ts';
import { SYSTEM_RAM } from './memory-map.ts';

/** Whatever a log writes before its messages. */
const E820_START = 'BIOS-provided physical RAM map';
/** `BIOS-e820: [mem 0x0000000000100000-0x000000003ffdffff] usable`: first and last byte. */
const E820_LINE = /BIOS-e820: \[mem 0x([0-9a-f]+)-0x([0-9a-f]+)\] (.+)/i;
/** ` BIOS-e820: 0000000000100000 - 000000003ffe0000 (usable)`, before v3.5: the end is the first byte above. */
const OLD_E820_LINE = /BIOS-e820: ([0-9a-f]+) - ([0-9a-f]+) \((.+)\)/i;
/** `00100000-3ffdffff : System RAM`; indented lines refine the range above them. */
const IOMEM_LINE = /^( *)([0-9a-f]+)-([0-9a-f]+) : (.*)$/i;

/** What the log calls a type, and what /proc/iomem does. */
const E820_NAMES: readonly (readonly [type: RegExp, name: string])[] = [
  [/^usable$/, SYSTEM_RAM],
  [/^reserved$/, 'Reserved'],
  [/^ACPI data$/, 'ACPI Tables'],
  [/^ACPI NVS$/, 'ACPI Non-volatile Storage'],
  [/^unusable$/, 'Unusable memory'],
  [/^persistent/, 'Persistent Memory'],
  [/^soft reserved$/, 'Soft Reserved'],
];
/** Of the kernel itself, not of the machine. */
const KERNEL_OWN = /^(Kernel (code|rodata|data|bss)|RAM buffer|Video RAM area|Crash kernel)$/;

/** The memory map in a text, ascending. Throws UsageError when there is no RAM or a line cannot be read. */
export function parseMemoryMap(text: string): PhysicalRange[] {
  const lines = text.split(/\r?\n/);
  const isLog = lines.some((line) => line.includes('BIOS-e820:'));
  const ranges = isLog ? e820Ranges(lines) : iomemRanges(lines);
  if (!ranges.some(({ name }) => name === SYSTEM_RAM)) {
    throw new UsageError(
      'memory map: no RAM in it; expected `System RAM` (/proc/iomem) or `usable` (BIOS-e820) ranges: ' +
        'take it from /proc/iomem, as root, or from dmesg',
    );
  }
  return ranges.sort((a, b) => (a.start === b.start ? Number(b.end - a.end) : a.start < b.start ? -1 : 1));
}

function e820Ranges(lines: readonly string[]): PhysicalRange[] {
  const firstLine = lines.findLastIndex((line) => line.includes(E820_START)) + 1;
  const ranges = lines.slice(firstLine).flatMap((line, index) => {
    if (!line.includes('BIOS-e820:')) return [];
    const [, first, last, type] = E820_LINE.exec(line) ?? [];
    if (type !== undefined) return [namedRange(first!, last!, 1n, e820Name(type.trim()))];
    const [, start, end, oldType] =
      OLD_E820_LINE.exec(line) ?? unreadable(line, firstLine + index + 1, E820_EXPECTED);
    return [namedRange(start!, end!, 0n, e820Name(oldType!.trim()))];
  });
  return ranges.filter((range, index) => !ranges.slice(0, index).some((other) => isSame(other, range)));
}

function isSame(a: PhysicalRange, b: PhysicalRange): boolean {
  return a.start === b.start && a.end === b.end && a.name === b.name;
}

function e820Name(type: string): string {
  return E820_NAMES.find(([pattern]) => pattern.test(type))?.[1] ?? 'Unknown E820 type';
}

function iomemRanges(lines: readonly string[]): PhysicalRange[] {
  return lines.flatMap((line, index) => {
    if (line.trim() === '') return [];
    const [, , first, last, name] = IOMEM_LINE.exec(line) ?? unreadable(line, index + 1, IOMEM_EXPECTED);
    if (KERNEL_OWN.test(name!)) return [];
    return [checkedForRoot(namedRange(first!, last!, 1n, name!), index + 1)];
  });
}

function namedRange(start: string, end: string, toEnd: bigint, name: string): PhysicalRange {
  return { start: BigInt(`0x${start}`), end: BigInt(`0x${end}`) + toEnd, name };
}

/** To ordinary users the kernel shows every address as 0. */
function checkedForRoot(range: PhysicalRange, lineNumber: number): PhysicalRange {
  if (range.end > 1n || range.name !== SYSTEM_RAM) return range;
  throw new UsageError(
    `memory map, line ${lineNumber}: RAM at address 0 to 0; expected real addresses: /proc/iomem shows them to root ` +
      'only: read it with sudo',
  );
}

const E820_EXPECTED = "'BIOS-e820: [mem 0x00100000-0x3ffdffff] usable'";
const IOMEM_EXPECTED = `'00100000-3ffdffff : System RAM' as in /proc/iomem, or dmesg with lines such as ${E820_EXPECTED}`;

function unreadable(line: string, lineNumber: number, expected: string): never {
  throw new UsageError(`memory map, line ${lineNumber}: '${line.trim()}'; expected ${expected}`);
}
