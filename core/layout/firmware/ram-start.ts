/**
 * Where RAM begins, where no line says it: estimated from what the log places in RAM, and from where a device is. The kernel
 * lies at its start (arch/arm: within TEXT_OFFSET of it), a pool anywhere in it, the console's registers outside; boards have
 * RAM at round addresses.
 *
 * Sources: arch/arm/mm/idmap.c (init_static_idmap: physical addresses of a part of the kernel's text), mm/cma.c and
 * kernel/dma (pools), kernel/dma/swiotlb.c (`software IO TLB: mapped`), drivers/tty/serial/serial_core.c (uart_report_port), U-Boot (`Load Address:`, `Loading Kernel Image to`).
 */
import { alignUp, MIB } from '../../base/units.ts';
import type { LogLine } from './log-text.ts';
import type { BankLine } from './memory-banks.ts';

interface Place extends BankLine {
  readonly what: 'the kernel' | 'a pool';
}

const HEX = '(?:0x)?([0-9a-f]{4,16})';
const KERNEL = [
  new RegExp(`Setting up static (?:\\w{1,10} )?identity map for ${HEX} - ${HEX}`, 'i'),
  // Of what the loader loads a kernel is what lies at TEXT_OFFSET: 0x8000 on 32 bits, 0x80000 on arm64.
  /(?:Load Address:|Loading Kernel Image to) +(?:0x)?([0-9a-f]{1,12}8000|[0-9a-f]{1,11}80000)\b/i,
];
const BOUNCE = new RegExp(`software IO TLB: mapped \\[mem ${HEX}-${HEX}\\]`, 'i');
/** `48020000.serial: ttyS2 at MMIO 0x48020000 (irq = 299, base_baud = 3000000) is a 8250`. */
const CONSOLE = new RegExp(`\\btty\\w{1,12} at MMIO ${HEX} \\(`, 'i');
/** A kernel's text begins at most so far above the start of RAM: PHYS_OFFSET is a multiple of it up to 5.10. */
const MOST_BELOW_KERNEL = 16n * MIB;

export interface EstimatedStart {
  readonly start: bigint;
  /** Up to here there is something in RAM. */
  readonly lastEnd: bigint;
  /** What it follows from. */
  readonly from: Pick<Place, 'what' | 'line'>;
}

/** `bytes`: of all RAM that the kernel counts. */
export function estimatedStart(
  lines: readonly LogLine[],
  pools: readonly BankLine[],
  bytes: bigint,
): EstimatedStart | undefined {
  const places = placesOf(lines, pools);
  const [lowest] = places.toSorted((a, b) => (a.start < b.start ? -1 : 1));
  if (lowest === undefined) return undefined;
  const reach = chipBytes(bytes);
  const least = places.map(({ start, end, what }) =>
    what === 'the kernel' ? start - MOST_BELOW_KERNEL + 1n : end - reach,
  );
  const devices = devicesBelow(lines, lowest.start).map((address) => address + 1n);
  const from = [...least, ...devices].reduce((most, one) => (one > most ? one : most), 0n);
  const lastEnd = places.reduce((most, { end }) => (end > most ? end : most), 0n);
  return from > lowest.start ? undefined : { start: roundest(from, lowest.start), lastEnd, from: lowest };
}

/**
 * How far RAM reaches that is soldered as chips: each has a power of two of bytes (JESD79-3, 2.10: densities), and there are
 * equal ones, or one half as large beside another. What firmware and other processors keep the kernel does not count.
 */
function chipBytes(counted: bigint): bigint {
  let bytes = MIB;
  while (bytes < counted) bytes *= 2n;
  const smaller = (bytes / 4n) * 3n;
  return counted <= smaller ? smaller : bytes;
}

/** Registers of consoles, which are not in RAM; RAM that begins below some may lie in several stretches. */
function devicesBelow(lines: readonly LogLine[], place: bigint): bigint[] {
  return lines
    .flatMap(({ text }) => CONSOLE.exec(text)?.slice(1, 2) ?? [])
    .map((address) => BigInt(`0x${address}`))
    .filter((address) => address < place);
}

function placesOf(lines: readonly LogLine[], pools: readonly BankLine[]): Place[] {
  const kernels = lines.flatMap(({ text, number: line }) => {
    const [, start] = KERNEL.map((form) => form.exec(text)).find((match) => match !== null) ?? [];
    return start === undefined ? [] : [place('the kernel', start, start, line)];
  });
  const bounces = lines.flatMap(({ text, number: line }) => {
    const [, start, end] = BOUNCE.exec(text) ?? [];
    return start === undefined ? [] : [place('a pool', start, end!, line)];
  });
  return [...kernels, ...bounces, ...pools.map((pool) => ({ ...pool, what: 'a pool' as const }))];
}

function place(what: Place['what'], start: string, end: string, line: number): Place {
  return { what, start: BigInt(`0x${start}`), end: BigInt(`0x${end}`), line };
}

const MOST_BITS = 40n;

/** The multiple of the highest power of two in [from, to]. */
function roundest(from: bigint, to: bigint): bigint {
  for (let bits = MOST_BITS; bits > 0n; bits--) {
    const candidate = alignUp(from, 1n << bits);
    if (candidate <= to) return candidate;
  }
  return from;
}
