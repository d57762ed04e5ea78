/**
 * A memory map from text: what /proc/iomem shows, or the e820 lines of dmesg. RAM is what /proc/iomem calls
 * `System RAM` and e820 calls `usable`; everything else is skipped.
 */
import { UsageError } from '../errors.ts';
import type { RamRange } from './layout.ts';

/** `BIOS-e820: [mem 0x0000000000100000-0x000000003ffdffff] usable`, after any dmesg prefix. */
const E820_LINE = /\[mem 0x([0-9a-f]+)-0x([0-9a-f]+)\] (.+)$/i;
/** `00100000-3ffdffff : System RAM`; what is inside a range is indented. */
const IOMEM_LINE = /^([0-9a-f]+)-([0-9a-f]+) : (.+)$/i;

/** The RAM in a memory map, ascending. Throws UsageError when a line cannot be read or no RAM is listed. */
export function parseMemoryMap(text: string): RamRange[] {
  const ram: RamRange[] = [];
  text.split('\n').forEach((line, index) => {
    if (line.trim() === '' || isInsideRange(line)) return;
    const { range, type } = parseLine(line, index + 1);
    if (type === 'usable' || type === 'System RAM') ram.push(range);
  });
  if (ram.length === 0) throw new UsageError(NO_RAM);
  return ram.sort((a, b) => (a.start < b.start ? -1 : 1));
}

const NO_RAM =
  'memory map: no RAM in it; expected `System RAM` (/proc/iomem) or `usable` (e820) ranges. ' +
  '/proc/iomem shows zeros to ordinary users: read it as root';

/** In /proc/iomem, lines such as `  01000000-01240007 : Kernel code` refine the range above them. */
function isInsideRange(line: string): boolean {
  return /^\s+[0-9a-f]+-[0-9a-f]+ : /i.test(line);
}

function parseLine(line: string, number: number): { range: RamRange; type: string } {
  const [, first, last, type] = E820_LINE.exec(line) ?? IOMEM_LINE.exec(line) ?? [];
  if (first === undefined) {
    throw new UsageError(
      `memory map, line ${number}: '${line.trim()}'; expected '00100000-3ffdffff : System RAM' ` +
        `or 'BIOS-e820: [mem 0x00100000-0x3ffdffff] usable'`,
    );
  }
  const range = { start: BigInt(`0x${first}`), end: BigInt(`0x${last}`) + 1n };
  return { range, type: type!.trim() };
}
