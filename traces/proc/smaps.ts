/** /proc/PID/smaps: what of each mapping is in memory, and with whom it is shared (show_smap of fs/proc/task_mmu.c). */
import { expectMapsLine, formatMapsLine, type MapsLine } from './maps.ts';
import { type ProcPlace, ProcText } from './text.ts';

/** A mapping, with its line of maps and its figures. */
export interface SmapsMapping extends MapsLine {
  /** `Rss`, `Pss`, ... in KiB, in the order of the file. */
  readonly kb: Readonly<Record<string, number>>;
  /** `THPeligible`, `ProtectionKey`. */
  readonly numbers: Readonly<Record<string, number>>;
  /** Two letters each: rd wr ex sh mr mw me ...; none in smaps_rollup, which sums the mappings up. */
  readonly vmFlags: readonly string[];
}

/** One entry a mapping, ascending; an empty file is an empty address space. Throws ImportError at what is no line of it. */
export function parseSmaps(text: string, place?: ProcPlace): SmapsMapping[] {
  if (text.trim() === '') return [];
  const lines = new ProcText(text, '/proc/PID/smaps', place);
  return lines.untilEnd(() => mapping(lines));
}

function mapping(lines: ProcText): SmapsMapping {
  const line = expectMapsLine(lines);
  const kb = Object.fromEntries(
    lines.each(/^(\w+): +(\d+) kB$/, ([, name, value]) => [name!, Number(value)]),
  );
  if (kb.Rss === undefined) lines.fail("'Rss:                 188 kB' and its like");
  const numbers = Object.fromEntries(
    lines.each(/^(\w+): +(\d+)$/, ([, name, value]) => [name!, Number(value)]),
  );
  const flags = lines.accept(/^VmFlags:((?: \S\S)*) ?$/);
  const vmFlags = (flags?.[1] ?? '').split(' ').filter((flag) => flag !== '');
  return { ...line, kb, numbers, vmFlags };
}

interface SmapsStyle {
  readonly wordBytes: number;
  /** Numbers without a unit are right-aligned to this; Linux 6.1 does not align them (1), later kernels do (8). */
  readonly numberWidth: number;
}

/** The text of the file, in the style of a kernel. */
export function formatSmaps(mappings: readonly SmapsMapping[], style: SmapsStyle): string {
  return mappings.map((one) => mappingText(one, style)).join('');
}

function mappingText(one: SmapsMapping, { wordBytes, numberWidth }: SmapsStyle): string {
  const kb = Object.entries(one.kb).map(
    ([name, value]) => `${`${name}:`.padEnd(16)}${String(value).padStart(8)} kB\n`,
  );
  const numbers = Object.entries(one.numbers).map(
    ([name, value]) => `${`${name}:`.padEnd(16)}${String(value).padStart(numberWidth)}\n`,
  );
  const isRollup = one.vmFlags.length === 0;
  const flags = isRollup ? '' : `VmFlags: ${one.vmFlags.map((flag) => `${flag} `).join('')}\n`;
  return [`${formatMapsLine(one, wordBytes)}\n`, ...kb, ...numbers, flags].join('');
}
