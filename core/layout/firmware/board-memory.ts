/**
 * The RAM of a board, by what of it a log tells: banks as they are listed; else from where to where RAM reaches
 * (ram-spans.ts); else how much there is (ram-totals.ts) and how much of it is low memory, from where it begins by all signs
 * (ram-start.ts). What is estimated the notes tell.
 */
import { formatSize } from '../../base/units.ts';
import type { PhysicalRange } from '../layout.ts';
import type { BootOptions } from './boot-options.ts';
import type { Facts } from './log-facts.ts';
import { rangeOf } from './log-figures.ts';
import type { LogLine } from './log-text.ts';
import { type BankLine, boardBanks, deviceTreeBanks } from './memory-banks.ts';
import { SYSTEM_RAM } from './memory-map.ts';
import type { Finding, Said } from './memory-report.ts';
import { banksOf, ramSpans, type Span } from './ram-spans.ts';
import { type EstimatedStart, estimatedStart } from './ram-start.ts';
import { pageBytesOf, type RamTotal, ramTotal } from './ram-totals.ts';

export interface BoardMemory {
  readonly physical: readonly PhysicalRange[];
  /** All of it, where no line tells where it lies. */
  readonly ramBytes?: bigint;
  readonly findings: readonly Finding[];
  readonly notes: readonly string[];
}

export interface BoardLog {
  readonly lines: readonly LogLine[];
  readonly facts: Facts;
  readonly options: BootOptions;
  readonly pools: readonly BankLine[];
  /** Physical memory of PCs has holes that only a memory map tells. */
  readonly mayBePc: boolean;
}

export function boardMemory(log: BoardLog): BoardMemory {
  const { lines, options } = log;
  const told = boardBanks(lines);
  const listed = told.length > 0 ? told : deviceTreeBanks(lines);
  const line = listed[0]?.line ?? lines[0]?.number ?? 1;
  const banks = options.banks.length > 0 ? options.banks.map((one) => ({ ...one, line })) : listed;
  return banks.length > 0 ? withBanks(banks, []) : unlistedMemory(log);
}

function withBanks(
  banks: readonly BankLine[],
  notes: readonly string[],
  more: readonly Finding[] = [],
): BoardMemory {
  const findings = banks.map(({ start, end, line }) => ({
    what: 'RAM',
    value: `0x${start.toString(16)}..0x${end.toString(16)}`,
    line,
  }));
  const physical = banks.map(({ start, end }) => ({ start, end, name: SYSTEM_RAM }));
  return { physical, findings: [...findings, ...more], notes };
}

function unlistedMemory(log: BoardLog): BoardMemory {
  const { lines, mayBePc, pools } = log;
  const total = ramTotal(lines);
  const sum = total === undefined ? [] : [totalFinding(total)];
  if (mayBePc) return onlyTotal(total, sum);
  const spans = ramSpans(lines, total?.value, pageBytesOf(lines) ?? 4096);
  if (spans.length > 0)
    return withBanks(
      spans.flatMap((span) => banksOf(span, pools)),
      [`${NO_BANKS}: it is taken from its zones and nodes`, ...holeNotes(spans)],
      sum,
    );
  return placedTotal(log, total, sum);
}

const NO_BANKS = 'the log lists no banks of RAM';

function totalFinding({ value, line, isRounded }: RamTotal): Finding {
  return { what: 'RAM in all', value: `${formatSize(value)}${isRounded ? ', as rounded there' : ''}`, line };
}

function onlyTotal(total: RamTotal | undefined, findings: readonly Finding[]): BoardMemory {
  if (total === undefined) return { physical: [], findings: [], notes: [] };
  return {
    ...{ physical: [], ramBytes: total.value, findings },
    notes: [
      `${NO_BANKS}, and nothing in it shows where RAM lies: ${formatSize(total.value)} (line ${total.line}) are put where ` +
        'the layout has them by itself; a memory map with banks says it better',
    ],
  };
}

/** So much RAM from where it seems to begin, with low memory as large as the kernel printed it. */
function placedTotal(log: BoardLog, total: RamTotal | undefined, findings: readonly Finding[]): BoardMemory {
  const { lines, facts, pools } = log;
  const low = rangeOf(facts.lowmem);
  const lowBytes = low && low.value.end - low.value.start;
  const bytes = reachOf(total, lowBytes);
  if (bytes === undefined) return onlyTotal(undefined, []);
  const found = estimatedStart(lines, pools, bytes);
  const whole = total ?? { ...low!, value: bytes, isRounded: false, highBytes: undefined };
  if (found === undefined) return onlyTotal(whole, findings);
  const spans = stretches(found, { total, low, lowBytes });
  const { what, line } = found.from;
  return withBanks(
    spans.flatMap((span) => banksOf(span, pools)),
    [
      `${NO_BANKS}: ${sourcesText(total, low)}, and RAM is estimated to begin at 0x${found.start.toString(16)}, ` +
        `the roundest address that fits what lies in it (line ${line}: ${what})`,
      ...holeNotes(spans),
    ],
    findings,
  );
}

function sourcesText(total: RamTotal | undefined, low: Said<unknown> | undefined): string {
  const lines = [
    total && `how much there is tells line ${total.line}`,
    low && `how much of it is low memory line ${low.line}`,
  ];
  return lines.filter((text) => text !== undefined).join(', ');
}

interface Sizes {
  readonly total: RamTotal | undefined;
  readonly low: Said<unknown> | undefined;
  readonly lowBytes: bigint | undefined;
}

/** From the first byte of RAM to its last: at least low memory with the holes that it has, and what is above it. */
function reachOf(total: RamTotal | undefined, lowBytes: bigint | undefined): bigint | undefined {
  if (total === undefined || lowBytes === undefined) return total?.value ?? lowBytes;
  return lowBytes + highBytesOf(total, lowBytes);
}

/** What of the total is not low memory, or what the kernel says is high, if there are holes in low memory. */
function highBytesOf({ value, highBytes = 0n }: RamTotal, lowBytes: bigint): bigint {
  return value - lowBytes > highBytes ? value - lowBytes : highBytes;
}

function stretches({ start, lastEnd }: EstimatedStart, { total, low, lowBytes }: Sizes): Span[] {
  if (lowBytes === undefined) return [spanUpTo(start, total!, total!.value, lastEnd)];
  const lowSpan = { start, end: start + lowBytes, line: low!.line, endsInRam: true };
  if (total === undefined) return [lowSpan];
  const high = highBytesOf(total, lowBytes);
  return [
    { ...lowSpan, presentBytes: total.value - high },
    ...(high > 0n ? [spanUpTo(lowSpan.end, total, high, lastEnd)] : []),
  ];
}

/** So much RAM from there on; what lies in RAM further up shows that some is missing in between. */
function spanUpTo(start: bigint, { line }: RamTotal, presentBytes: bigint, lastEnd: bigint): Span {
  const end = start + presentBytes;
  return { start, end: lastEnd > end ? lastEnd : end, line, presentBytes, endsInRam: true };
}

function holeNotes(spans: readonly Span[]): string[] {
  const missing = spans.reduce(
    (sum, { start, end, presentBytes }) =>
      sum + (presentBytes === undefined ? 0n : end - start - presentBytes),
    0n,
  );
  if (missing <= 0n) return [];
  return [`between its ends ${formatSize(missing)} are missing, at a place that is estimated`];
}
