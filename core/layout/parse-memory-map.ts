/**
 * A memory map from text: /proc/iomem, or dmesg with its `BIOS-e820` lines. RAM is what /proc/iomem calls
 * `System RAM` and e820 calls `usable`. Of dmesg every other line is skipped; /proc/iomem must be whole.
 */
import { UsageError } from '../errors.ts';
import type { RamRange } from './layout.ts';

/** `BIOS-e820: [mem 0x0000000000100000-0x000000003ffdffff] usable`, after any prefix. */
const E820_LINE = /BIOS-e820: \[mem 0x([0-9a-f]+)-0x([0-9a-f]+)\] (.+)/i;
/** `00100000-3ffdffff : System RAM`; indented lines refine the range above them. */
const IOMEM_LINE = /^( *)([0-9a-f]+)-([0-9a-f]+) : (.*)$/i;

/** The RAM in a memory map, ascending. Throws UsageError when there is none or a line cannot be read. */
export function parseMemoryMap(text: string): RamRange[] {
  const lines = text.split(/\r?\n/);
  const ram = lines.some((line) => E820_LINE.test(line)) ? e820Ram(lines) : iomemRam(lines);
  if (ram.length === 0) {
    throw new UsageError(
      'memory map: no RAM in it; expected `System RAM` (/proc/iomem) or `usable` (BIOS-e820) ranges: ' +
        'take it from /proc/iomem, as root, or from dmesg',
    );
  }
  return ram.sort((a, b) => (a.start < b.start ? -1 : 1));
}

function e820Ram(lines: readonly string[]): RamRange[] {
  const ram: RamRange[] = [];
  for (const line of lines) {
    const [, first, last, type] = E820_LINE.exec(line) ?? [];
    if (type?.trim() === 'usable') ram.push(rangeOf(first!, last!));
  }
  return ram;
}

function iomemRam(lines: readonly string[]): RamRange[] {
  const ram: RamRange[] = [];
  lines.forEach((line, index) => {
    if (line.trim() === '') return;
    const [, indent, first, last, owner] = IOMEM_LINE.exec(line) ?? unreadable(line, index + 1);
    if (indent === '' && owner === 'System RAM') ram.push(checkedForRoot(rangeOf(first!, last!), index + 1));
  });
  return ram;
}

/** The text names the first and the last byte. */
function rangeOf(first: string, last: string): RamRange {
  return { start: BigInt(`0x${first}`), end: BigInt(`0x${last}`) + 1n };
}

function checkedForRoot(range: RamRange, lineNumber: number): RamRange {
  if (range.end > 1n) return range;
  throw new UsageError(
    `memory map, line ${lineNumber}: RAM at address 0 to 0; expected real addresses: /proc/iomem shows them to root only`,
  );
}

function unreadable(line: string, lineNumber: number): never {
  throw new UsageError(
    `memory map, line ${lineNumber}: '${line.trim()}'; expected '00100000-3ffdffff : System RAM' as in /proc/iomem, ` +
      `or dmesg with lines such as 'BIOS-e820: [mem 0x00100000-0x3ffdffff] usable'`,
  );
}
