/**
 * How much RAM a kernel printed that it has, where its log lists no banks: one figure from whichever line tells it best.
 *
 * Sources: mm/page_alloc.c and mm/mm_init.c (mem_init_print_info: since 3.11 free and present pages; calculate_node_totalpages:
 * `On node 0 totalpages`), arch/arm/mm/init.c (mem_init, up to 3.10: free and reserved pages, banks in MiB), U-Boot's
 * common/board_f.c (`DRAM:`), mm/page_alloc.c (alloc_large_system_hash: the page size of a table's order and bytes).
 */
import { memparse } from './boot-options.ts';
import type { LogLine } from './log-text.ts';
import type { Said } from './memory-report.ts';

export interface RamTotal extends Said<bigint> {
  /** Whether the line rounds it. */
  readonly isRounded: boolean;
  /** Of it above low memory, as far as the same line says. */
  readonly highBytes: bigint | undefined;
}

const KIB_BITS = 10n;
const MIB_BITS = 20n;
/** Until 3.10 the second figure leaves out what is reserved. */
const OLD = /Memory: \d{1,12}k\/(\d{1,12})k available, (\d{1,12})k reserved(?:, (\d{1,12})k highmem)?/i;
const PRESENT = /Memory: \d{1,12}k\/(\d{1,12})k available \((?:.{0,400}?(\d{1,12})k highmem)?/i;
const NODE_PAGES = /On node (\d{1,4}),? totalpages: (\d{1,12})/;
const BANKS = /Memory:(?: +\d{1,7}MB)+ = (\d{1,7})MB total/;
/** `DRAM:  512 MiB`, `DRAM:  2 GiB (effective 3.9 GiB)`. */
const LOADER = /^.{0,40}\bDRAM: +(\d{1,6}) ?(MiB|MB|GiB|GB)\b/;
const HASH = /hash table entries: \d{1,12} \(order: (-?\d{1,2}), (\d{1,12}) bytes/;

/** By how much a line is to be trusted. */
const FORMS: readonly ((lines: readonly LogLine[]) => RamTotal | undefined)[] = [
  (lines) => first(lines, PRESENT, ([present, high]) => exact(kib(present!), high)),
  (lines) => first(lines, OLD, ([free, kept, high]) => exact(kib(free!) + kib(kept!), high)),
  nodePages,
  (lines) => first(lines, BANKS, ([total]) => rounded(BigInt(total!) << MIB_BITS)),
  (lines) => first(lines, LOADER, ([size, unit]) => rounded(memparse(`${size}${unit![0]}`)!)),
];

/** Undefined where no line tells of it. */
export function ramTotal(lines: readonly LogLine[]): RamTotal | undefined {
  for (const form of FORMS) {
    const total = form(lines);
    if (total !== undefined && total.value > 0n) return total;
  }
  return undefined;
}

/** Bytes of a page, as the tables show it that are made of 2^order pages; undefined where none is told of. */
export function pageBytesOf(lines: readonly LogLine[]): number | undefined {
  for (const { text } of lines) {
    const [, order, bytes] = HASH.exec(text) ?? [];
    const page = order === undefined ? 0 : Number(bytes) / 2 ** Number(order);
    if (PAGE_SIZES.includes(page)) return page;
  }
  return undefined;
}

const PAGE_SIZES: readonly number[] = [4096, 16384, 65536];

type Figures = Omit<RamTotal, 'line'>;

function kib(digits: string): bigint {
  return BigInt(digits) << KIB_BITS;
}

function exact(value: bigint, high: string | undefined): Figures {
  return { value, isRounded: false, highBytes: high === undefined ? undefined : kib(high) };
}

function rounded(value: bigint): Figures {
  return { value, isRounded: true, highBytes: undefined };
}

function first(
  lines: readonly LogLine[],
  form: RegExp,
  figures: (groups: readonly string[]) => Figures,
): RamTotal | undefined {
  for (const { text, number } of lines) {
    const match = form.exec(text);
    if (match !== null) return { ...figures(match.slice(1)), line: number };
  }
  return undefined;
}

/** Each node once: some kernels tell of them twice. */
function nodePages(lines: readonly LogLine[]): RamTotal | undefined {
  const pages = new Map<string, bigint>();
  let line = 0;
  for (const { text, number } of lines) {
    const [, node, count] = NODE_PAGES.exec(text) ?? [];
    if (node === undefined) continue;
    pages.set(node, BigInt(count!));
    line = number;
  }
  const total = [...pages.values()].reduce((sum, count) => sum + count, 0n);
  return { ...exact(total * BigInt(pageBytesOf(lines) ?? 4096), undefined), line };
}
