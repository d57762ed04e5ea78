/** /proc/PID/maps: the mappings of a process, a line each (show_map_vma of fs/proc/task_mmu.c). */
import { hexDigits, type ProcPlace, ProcText } from './text.ts';

/** A line of /proc/PID/maps. */
export interface MapsLine {
  /** Virtual addresses [start, end). */
  readonly start: bigint;
  readonly end: bigint;
  /** `r-xp`: what is allowed, and whether stores are shared (s) or private (p). */
  readonly permissions: string;
  /** Of the file behind it, at `start`. */
  readonly offsetBytes: bigint;
  /** `fe:00`: device and inode of that file; 00:00 and 0 when there is none. */
  readonly device: string;
  readonly inode: number;
  /** Path, or [heap], [stack], [vdso]; empty for anonymous memory. */
  readonly name: string;
}

const LINE = /^([0-9a-f]+)-([0-9a-f]+) ([r-][w-][x-][ps-]) ([0-9a-f]+) ([0-9a-f]+:[0-9a-f]+) (\d+) *(.*)$/;
const EXAMPLE = "'08048000-08049000 r-xp 00000000 fe:00 260104      /usr/bin/bash'";

/** An empty file is an empty address space. */
export function parseMaps(text: string, place?: ProcPlace): MapsLine[] {
  if (text.trim() === '') return [];
  const lines = new ProcText(text, '/proc/PID/maps', place);
  return lines.untilEnd(() => mapsLineOf(lines.expect(LINE, EXAMPLE)));
}

/** The line here, if it is one of maps; for texts in which such lines are headings. */
function acceptMapsLine(lines: ProcText, prefix = ''): MapsLine | undefined {
  const match = lines.accept(new RegExp(`^${prefix}${LINE.source.slice(1)}`));
  return match && mapsLineOf(match);
}

export function expectMapsLine(lines: ProcText, prefix = ''): MapsLine {
  return acceptMapsLine(lines, prefix) ?? lines.fail(`${prefix}${EXAMPLE}`);
}

function mapsLineOf([, start, end, permissions, offset, device, inode, name]: RegExpExecArray): MapsLine {
  return {
    start: BigInt(`0x${start}`),
    end: BigInt(`0x${end}`),
    permissions: permissions!,
    offsetBytes: BigInt(`0x${offset}`),
    device: device!,
    inode: Number(inode),
    name: name!,
  };
}

/** Text as the kernel prints it, addresses in the width of `wordBytes`. */
export function formatMaps(lines: readonly MapsLine[], wordBytes: number): string {
  return lines.map((line) => `${formatMapsLine(line, wordBytes)}\n`).join('');
}

/** Names begin in a column that depends on the size of a pointer (seq_setwidth, show_vma_header_prefix). */
export function formatMapsLine(line: MapsLine, wordBytes: number): string {
  const { start, end, permissions, offsetBytes, device, inode, name } = line;
  const range = `${hexDigits(start, 8)}-${hexDigits(end, 8)}`;
  const text = `${range} ${permissions} ${hexDigits(offsetBytes, 8)} ${device} ${inode} `;
  return name === '' ? text : `${text.padEnd(24 + 6 * wordBytes)} ${name}`;
}
