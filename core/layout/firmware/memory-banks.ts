/**
 * RAM as boards tell of it, which have no firmware that lists it: the kernel's own lines, the loader's, device trees.
 *
 * Sources: mm/page_alloc.c (free_area_init: `node   0: [mem`), arch/arm/mm/mmu.c (`Truncating RAM`, `Ignoring RAM`),
 * mm/cma.c and kernel/dma/contiguous.c (`cma: Reserved`, `Reserved memory: created CMA memory pool`), U-Boot's bdinfo,
 * the Devicetree Specification 3.4 (/memory nodes).
 */
import type { RamRange } from '../layout.ts';
import type { LogLine } from './log-text.ts';

export interface BankLine extends RamRange {
  readonly line: number;
}

const N = '0?x?([0-9a-f]{1,16})';
/** `  node   0: [mem 0x80000000-0xffffffff]`; before 3.5 `    0: 0x00000000 -> 0x00080000`, in frames. */
const NODE = new RegExp(String.raw`\bnode +\d{1,4}: \[mem ${N}-${N}\]`, 'i');
const NODE_FRAMES = /(?:^|\] ) {4,5}\d{1,4}: 0x([0-9a-f]{1,10}) -> 0x([0-9a-f]{1,10})\s*$/i;
/** mm/memblock.c with memblock=debug; arch/arm64/mm/numa.c up to 5.9. */
const MEMBLOCK = new RegExp(
  String.raw`(?:\bmemory\[${N}\]\s+\[(?:mem )?${N}-${N}\]|NUMA: Adding memblock \[${N} - ${N}\] on node)`,
  'i',
);
/** Up to 4.2 the last byte, since then the first byte above, told by 0x. */
const CUT = /(?:Truncating|Ignoring) RAM at (0x)?([0-9a-f]{1,16})-(?:0x)?([0-9a-f]{1,16})/i;
const LOADER_START = /-> start +[=:]? *0x([0-9a-f]{1,16})/i;
const LOADER_SIZE = /-> size +[=:]? *0x([0-9a-f]{1,16})/i;

/** What is RAM in the log of a board: parts that the kernel did not use are RAM too. Ascending, without overlaps. */
export function boardBanks(lines: readonly LogLine[]): BankLine[] {
  const nodes = lines.flatMap(({ text, number }) => {
    const [, first, last] = NODE.exec(text) ?? [];
    if (first !== undefined) return [bank(first, last!, 1n, number)];
    const [, from, to] = NODE_FRAMES.exec(text) ?? [];
    // Kernels of that time have pages of 4 KiB on all boards.
    return from === undefined ? [] : [bank(`${from}000`, `${to}000`, 0n, number)];
  });
  const cut = lines.flatMap(({ text, number }) => {
    const [, prefix, first, last] = CUT.exec(text) ?? [];
    return first === undefined ? [] : [bank(first, last!, prefix === undefined ? 1n : 0n, number)];
  });
  const found = [...(nodes.length > 0 ? nodes : memblocks(lines)), ...cut];
  return ascending(found.length > 0 ? found : loaderBanks(lines));
}

/** As memblock has them, where no line tells of nodes. */
function memblocks(lines: readonly LogLine[]): BankLine[] {
  return lines.flatMap(({ text, number }) => {
    const [, , first, last, from = first, to = last] = MEMBLOCK.exec(text) ?? [];
    return from === undefined ? [] : [bank(from, to!, 1n, number)];
  });
}

function bank(first: string, last: string, toEnd: bigint, line: number): BankLine {
  return { start: BigInt(`0x${first}`), end: BigInt(`0x${last}`) + toEnd, line };
}

function loaderBanks(lines: readonly LogLine[]): BankLine[] {
  let start: bigint | undefined;
  return lines.flatMap(({ text, number }) => {
    const [, from] = LOADER_START.exec(text) ?? [];
    if (from !== undefined) start = BigInt(`0x${from}`);
    const [, size] = LOADER_SIZE.exec(text) ?? [];
    if (size === undefined || start === undefined) return [];
    const found = { start, end: start + BigInt(`0x${size}`), line: number };
    start = undefined;
    return [found];
  });
}

/** What overlaps is one bank: a truncated one is told whole, and what is left of it again. */
function ascending(banks: readonly BankLine[]): BankLine[] {
  const out: BankLine[] = [];
  const sorted = banks.filter(({ start, end }) => start < end).sort((a, b) => (a.start < b.start ? -1 : 1));
  for (const one of sorted) {
    const last = out.at(-1);
    if (last === undefined || one.start >= last.end) out.push(one);
    else if (one.end > last.end) out[out.length - 1] = { ...last, end: one.end };
  }
  return out;
}

const POOL = /created (?:CMA|DMA) memory pool at (?:0x)?([0-9a-f]{1,16}), size (\d{1,8}) (KiB|MiB|GiB)/i;
const CMA = /\bcma: Reserved (\d{1,8}) (KiB|MiB|GiB) at (?:0x)?([0-9a-f]{1,16})/i;
const UNIT_BITS: Readonly<Record<string, bigint>> = { KiB: 10n, MiB: 20n, GiB: 30n };

/** What is kept for contiguous buffers, each place once; DMA pools of drivers are no CMA. */
export function cmaPools(lines: readonly LogLine[]): BankLine[] {
  const pools = lines.flatMap(({ text, number }) => {
    const [, place, size, unit] = /CMA memory pool/i.test(text) ? (POOL.exec(text) ?? []) : [];
    if (place !== undefined) return [pool(place, size!, unit!, number)];
    const [, bytes, its, at] = CMA.exec(text) ?? [];
    return at === undefined ? [] : [pool(at, bytes!, its!, number)];
  });
  return pools.filter(({ start }, i) => !pools.slice(0, i).some((other) => other.start === start));
}

function pool(place: string, size: string, unit: string, line: number): BankLine {
  const start = BigInt(`0x${place}`);
  return { start, end: start + (BigInt(size) << UNIT_BITS[unit]!), line };
}

const MEMORY_NODE = /\bmemory(?:@[0-9a-f,]{1,20})? *\{/;
const REG = /\breg *= *((?:<[^>]{1,400}>[ ,]*)+);/;
/** A property is within so many lines of its node's name, in sources and in dumps. */
const MOST_NODE_LINES = 16;

/** /memory nodes of a device tree as text (dtc's form). */
export function deviceTreeBanks(lines: readonly LogLine[]): BankLine[] {
  const cells = (name: string): number | undefined => {
    const found = lines.find(({ text }) => text.includes(`#${name}-cells`));
    const [, count] = /-cells *= *<(?:0x)?(\d{1,2})>/.exec(found?.text ?? '') ?? [];
    return count === undefined ? undefined : Number(count);
  };
  const sizes = { address: cells('address'), size: cells('size') };
  return ascending(
    lines.flatMap(({ text, number }, i) => {
      if (!MEMORY_NODE.test(text)) return [];
      const node = lines
        .slice(i, i + MOST_NODE_LINES)
        .map((line) => line.text)
        .join(' ');
      const [, reg] = REG.exec(node) ?? [];
      return reg === undefined ? [] : banksOfReg(reg, sizes, number);
    }),
  );
}

function banksOfReg(
  reg: string,
  sizes: { readonly address: number | undefined; readonly size: number | undefined },
  line: number,
): BankLine[] {
  const words = [...reg.matchAll(/0x[0-9a-f]{1,8}|\b\d{1,10}\b/gi)].map(([word]) => BigInt(word));
  const usual = words.length % 4 === 0 && words[0] === 0n ? 2 : 1;
  const address = sizes.address ?? usual;
  const size = sizes.size ?? usual;
  const number = (from: number, count: number): bigint =>
    words.slice(from, from + count).reduce((sum, word) => (sum << 32n) + word, 0n);
  const banks: BankLine[] = [];
  for (let at = 0; address + size > 0 && at + address + size <= words.length; at += address + size) {
    const start = number(at, address);
    banks.push({ start, end: start + number(at + address, size), line });
  }
  return banks;
}
