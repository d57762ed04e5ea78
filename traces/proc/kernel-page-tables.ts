/**
 * /sys/kernel/debug/page_tables/kernel: ranges of the kernel's address space that are mapped alike (note_page and
 * printk_prot of arch/x86/mm/dump_pagetables.c). The kernel stops listing after a marker's limit and says how many
 * entries it left out.
 */
import { hexDigits, type ProcPlace, ProcText } from './text.ts';

/** A line of the file: addresses that are mapped alike. */
export interface PageTableRange {
  /** Virtual addresses [start, end). */
  readonly start: bigint;
  readonly end: bigint;
  /** Undefined where nothing is mapped. */
  readonly protection: PageTableProtection | undefined;
  /** Level whose entry maps the range, or at which nothing was found: pgd, p4d, pud, pmd, pte. */
  readonly level: string;
}

/** What may be done there. */
export interface PageTableProtection {
  readonly writable: boolean;
  readonly executable: boolean;
  /** USR, PWT, PCD, PSE, PAT, GLB, as far as set. */
  readonly flags: readonly string[];
}

/** A heading of the file, and the lines below it. */
export interface PageTableMarker {
  /** `vmalloc() Area`, `Fixmap area`, ... */
  readonly name: string;
  readonly ranges: readonly PageTableRange[];
  /** Ranges that the kernel did not print. */
  readonly skipped: number;
}

const MARKER = /^---\[ (.+) \]---$/;
const RANGE = /^0x([0-9a-f]+)-0x([0-9a-f]+) +(\d+)([BKMGTPE]) (.{30})(pgd|p4d|pud|pmd|pte)$/;
const PROTECTION = /^(USR| {3}) (RW|ro) (PWT| {3}) (PCD| {3}) (PSE| {3}) (PAT| {3}) (GLB| {3}) (NX|x ) $/;
const SKIPPED = /^\.\.\. (\d+) entr(?:y|ies) skipped \.\.\. ?$/;
const UNITS = 'BKMGTPE';

/** Throws ImportError at the first line that a kernel would not print. */
export function parseKernelPageTables(text: string, place?: ProcPlace): PageTableMarker[] {
  const lines = new ProcText(text, '/sys/kernel/debug/page_tables/kernel', place);
  return lines.untilEnd(() => {
    const [, name] = lines.expect(MARKER, "a range, or a marker such as '---[ Fixmap area ]---'");
    const ranges = lines.each(RANGE, (match) => rangeOf(lines, match));
    const skipped = Number(lines.accept(SKIPPED)?.[1] ?? 0);
    return { name: name!, ranges, skipped };
  });
}

function rangeOf(
  lines: ProcText,
  [, first, last, size, unit, protection, level]: RegExpExecArray,
): PageTableRange {
  const bits = BigInt(first!.length * 4);
  const start = BigInt(`0x${first}`);
  const wrapped = BigInt(`0x${last}`);
  const end = wrapped === 0n ? 1n << bits : wrapped; // the last range ends where addresses do
  const stated = BigInt(size!) << BigInt(10 * UNITS.indexOf(unit!));
  if (stated !== end - start) lines.reject(`a size of ${end - start} bytes, which is what the addresses say`);
  return { start, end, protection: protectionOf(lines, protection!), level: level! };
}

function protectionOf(lines: ProcText, text: string): PageTableProtection | undefined {
  if (text.trim() === '') return undefined;
  const [, ...fields] = PROTECTION.exec(text) ?? lines.reject("flags such as 'RW         PSE     GLB NX'");
  const [user, writable, ...rest] = fields as [string, string, ...string[]];
  return {
    writable: writable === 'RW',
    executable: rest.at(-1) !== 'NX',
    flags: [user, ...rest.slice(0, -1)].filter((flag) => flag.trim() !== ''),
  };
}

/** `digits` of an address: 8 or 16. */
export function formatKernelPageTables(markers: readonly PageTableMarker[], digits: number): string {
  return markers
    .map(({ name, ranges, skipped }) => {
      const lines = ranges.map((range) => `${rangeLine(range, digits)}\n`).join('');
      const note = `... ${skipped} entr${skipped === 1 ? 'y' : 'ies'} skipped ... \n`;
      return `---[ ${name} ]---\n${lines}${skipped === 0 ? '' : note}`;
    })
    .join('');
}

/** The end of the address space wraps to 0. */
function rangeLine({ start, end, protection, level }: PageTableRange, digits: number): string {
  const address = (value: bigint): string => `0x${hexDigits(value % (1n << BigInt(4 * digits)), digits)}`;
  let size = end - start;
  let unit = 0;
  for (; size % 1024n === 0n && unit < UNITS.length - 1; unit++) size /= 1024n;
  const flags = protection === undefined ? ' '.repeat(30) : protectionColumns(protection);
  return `${address(start)}-${address(end)}   ${String(size).padStart(9)}${UNITS[unit]} ${flags}${level}`;
}

function protectionColumns({ writable, executable, flags }: PageTableProtection): string {
  const column = (flag: string): string => `${flags.includes(flag) ? flag : '   '} `;
  const others = ['PWT', 'PCD', 'PSE', 'PAT', 'GLB'].map(column).join('');
  return `${column('USR')}${writable ? 'RW' : 'ro'} ${others}${executable ? 'x ' : 'NX'} `;
}
