/**
 * Translate an address step by step: cut it into indexes, read the entries in a dump, say what comes of it. The access is
 * made on the machine too, whose error code tells the fault.
 */
import { errorCodeText } from '../../../core/access/error-code.ts';
import { decodeFault } from '../../../core/arch/fault-code.ts';
import { KERNEL_MODE, OPERATION_MASK, OPERATION_NAMES } from '../../../core/event/access-mode.ts';
import { type Explanation, explainAddress } from '../../../core/explain/explain.ts';
import type { WalkStep } from '../../../core/explain/walk.ts';
import type { Layout } from '../../../core/layout/layout.ts';
import { pageNumber, toHex } from '../../../core/layout/regions.ts';
import type { Machine } from '../../../core/machine/machine.ts';
import { FAULT, STATUS } from '../../../core/outcome/outcome.ts';
import { OBJECT } from '../../../core/state/objects.ts';
import type { Prng } from '../../../workloads/engine/prng.ts';
import { formatBytes } from '../../text/units.ts';
import { entryBits, entryText } from '../machine/entry-bits.ts';
import { addressOf, type Played, told } from '../machine/play.ts';
import {
  type Access,
  accessTo,
  HEAP,
  PID,
  type Prepared,
  prepareProcess,
  someAccess,
} from '../machine/process.ts';
import { type DumpedTable, dumpTables } from '../machine/tables.ts';
import { choicePart, hexPart, numberPart, table, text } from '../question/parts.ts';
import type { Given, Part } from '../question/question.ts';
import type { QuestionKind } from './kind.ts';

const FINE = 'no fault';
const ABSENT = 'page fault: not present';
const FORBIDDEN = 'page fault: not allowed';

export const translate: QuestionKind = {
  name: 'translate',
  title: 'Translate an address as the MMU does',
  source: 'OSTEP ch. 18 and 20, vm-paging and vm-smalltables; Gorman ch. 3',
  usual: [
    ...[{ layout: 'ostep' }, { layout: 'ostep' }, { layout: 'ostep-linear' }],
    ...[{ layout: 'linux-3g1g' }, { layout: 'linux-2g2g' }, { layout: 'linux-3g1g-pae' }],
    { layout: 'linux-x86_64' },
  ],
  unfit({ arch }) {
    if (arch.translation.kind === 'base-and-length')
      return 'its linear tables are kept as a tree, which its processor does not read';
    return arch.pageWindows === undefined ? undefined : 'the number of a region is a part of its indexes';
  },
  ask(ground, random) {
    const { layout } = ground;
    const prepared = prepareProcess(ground, random);
    const before = prepared.play.machine;
    const access = someAccess(prepared, layout, random);
    const played = prepared.play.do(accessTo(access));
    const found = explainAddress(before, 'virtual', addressOf(played).address, { pid: PID });
    return {
      given: [
        text(sentence(layout, found, access)),
        text(
          `An address has ${splitText(found)}. ${entryText(layout)} ${pairsText(layout)}These are tables that the MMU may read, the root first.`,
        ),
        ...dumpOf(before, found, prepared, random),
      ],
      parts: partsOf(layout, found, played),
      hint: `an entry lies at its table plus index × ${entrySize(layout)}; a frame at its number × ${formatBytes(2 ** layout.pageShift)}`,
      steps: stepsOf(layout, found, played),
    };
  },
};

function sentence(layout: Layout, { address }: Explanation, { mode }: Access): string {
  const who = mode & KERNEL_MODE ? 'The kernel' : 'A program, in user mode,';
  const does = { read: 'reads', write: 'writes', modify: 'changes', execute: 'executes' };
  return (
    `${who} ${does[OPERATION_NAMES[mode & OPERATION_MASK]!]} the byte at ${toHex(layout, address)}. ` +
    `Pages have ${formatBytes(2 ** layout.pageShift)}.`
  );
}

/** Where tables do not begin where their page does. */
function pairsText({ arch }: Layout): string {
  const shared = arch.translation.levels.filter(({ tablesPerPage = 1 }) => tablesPerPage > 1);
  const told = shared.map(
    ({ name, tablesPerPage, offsetBytes = 0 }) =>
      `Of the ${name} tables ${tablesPerPage} share a page, from its byte ${offsetBytes} on. `,
  );
  return told.join('');
}

function entrySize({ arch }: Layout): string {
  const { entryBytes } = arch.translation;
  return `${entryBytes} ${entryBytes === 1 ? 'byte' : 'bytes'}`;
}

function splitText({ split }: Explanation): string {
  return split.map(({ name, bits }) => `${bits} bits of ${name}`).join(', ');
}

/** The tables on the way, and some beside it. */
function dumpOf(
  machine: Machine,
  { address, region }: Explanation,
  { touched }: Prepared,
  random: Prng,
): Given[] {
  const { platform, records, objects } = machine;
  const { layout } = platform;
  const isUser = region?.kind === 'user';
  const root = isUser ? records.mms[records.processes[PID]!.mm]!.root : platform.kernelRoot;
  const heap = objects.get(HEAP, OBJECT.vpn);
  const beside = isUser ? touched.map((page) => heap + page) : [];
  const isSmall = layout.arch.translation.entryBytes === 1;
  const vpns = [pageNumber(layout, address), ...beside.slice(0, isSmall ? beside.length : 2)];
  const tables = dumpTables(machine, root, vpns, (index, count) =>
    isSmall
      ? Array.from({ length: count }, (_, i) => i)
      : [index - 1, index + 1, index + 2, random.below(count)],
  );
  return isSmall ? tables.flatMap(bytesOf) : tables.map((one) => entriesOf(layout, one));
}

const BYTES_A_ROW = 8;

/** Entries of a byte each, as memory is dumped; rows of zeros only are left out. */
function bytesOf({ level, start, entries }: DumpedTable): Given[] {
  const rows: string[][] = [];
  for (let first = 0; first < entries.size; first += BYTES_A_ROW) {
    const row = Array.from({ length: BYTES_A_ROW }, (_, i) => entries.get(first + i)?.entry ?? 0n);
    if (row.every((entry) => entry === 0n)) continue;
    const bytes = row.map((entry) => entry.toString(16).padStart(2, '0')).join(' ');
    rows.push([hex(start + BigInt(first)), bytes]);
  }
  return [table([`${level} table at ${hex(start)}`, `${BYTES_A_ROW} bytes; the others are 0`], rows)];
}

function entriesOf(layout: Layout, { level, start, entries }: DumpedTable): Given {
  const isPlain = entryBits(layout, layout.arch.translation.levels.length - 1) !== undefined;
  const rows = [...entries.values()]
    .sort((a, b) => a.index - b.index)
    .map(({ entryAddress, entry, flags }) => [
      hex(entryAddress),
      hex(entry),
      ...(isPlain ? [] : [flags.join(', ') || 'not present']),
    ]);
  return table([`${level} table at ${hex(start)}`, 'entry', ...(isPlain ? [] : ['says'])], rows);
}

function hex(value: bigint | number): string {
  return `0x${value.toString(16)}`;
}

/** Levels that the walk reads, and, where it ends early for want of an entry, those that it would have read. */
function levelsOf({ split, walk }: Explanation, { arch }: Layout) {
  const names = arch.translation.levels.map(({ name }) => name);
  const isLarge = walk.at(-1)?.page !== undefined;
  const asked = isLarge ? names.slice(0, walk.length) : names;
  return split.filter(({ name }) => asked.includes(name));
}

function partsOf(layout: Layout, found: Explanation, played: Played): Part[] {
  const last = found.walk.at(-1)!;
  const end = endOf(played);
  const physical = end === FINE ? found.physical : undefined;
  const why =
    end === FINE ? 'the frame of the last entry, then the offset' : `${end}: there is no translation`;
  return [
    ...levelsOf(found, layout).map(({ name, bits, value }) =>
      numberPart(`index-${name}`, `index into the ${name} table`, value, `the ${bits} bits of the ${name}`),
    ),
    hexPart(
      'entry',
      'the last entry that the MMU reads (in hexadecimal)',
      last.entry,
      entryStep(layout, last),
    ),
    choicePart('end', 'what comes of it', [FINE, ABSENT, FORBIDDEN], end, endText(last, played)),
    hexPart('physical', 'the physical address, or none', physical, why),
  ];
}

/** As the hardware says it with the fault. */
function endOf(played: Played): string {
  const { errorCode } = told(played).outcome;
  if (errorCode === undefined) return FINE;
  const { faultCodes } = played.before.platform.layout.arch;
  return decodeFault(faultCodes, errorCode).present ? FORBIDDEN : ABSENT;
}

function stepsOf(layout: Layout, found: Explanation, played: Played): string[] {
  const { split, walk, physical, address } = found;
  const fields = split.map(({ name, value }) => `${name} ${name === 'offset' ? hex(value) : value}`);
  const last = walk.at(-1)!;
  const steps = [
    `${toHex(layout, address)} is ${fields.join(' | ')}`,
    ...walk.map((step) => entryStep(layout, step)),
    endText(last, played),
  ];
  if (endOf(played) !== FINE || physical === undefined) return steps;
  const bytes = BigInt(last.page!.bytes);
  const sum = `${hex(physical - (address & (bytes - 1n)))} + offset ${hex(address & (bytes - 1n))} = ${hex(physical)}`;
  return [...steps, `the physical address is that of the frame and the offset: ${sum}`];
}

/** `pde[13] at 0x6d = 0x83: the next table lies in frame 0x3`. */
function entryStep(
  { pageShift }: Layout,
  { level, index, entryAddress, entry, flags, tablePfn, page }: WalkStep,
): string {
  const place = `${level}[${index}] at ${hex(entryAddress)} = ${hex(entry)}`;
  if (tablePfn !== undefined) return `${place}: the next table lies in frame ${hex(tablePfn)}`;
  if (page === undefined) return `${place}: not present`;
  const large = page.bytes > 2 ** pageShift ? `, a page of ${formatBytes(page.bytes)}` : '';
  return `${place}: frame ${hex(page.pfn)}${large} (${flags.join(', ')})`;
}

/** A fault that is no mistake is seen to; of any the hardware tells why. */
function endText({ page }: WalkStep, played: Played): string {
  const { status, fault, errorCode } = told(played).outcome;
  if (errorCode === undefined) return 'every entry is present and allows it: no fault';
  const cause = page === undefined ? 'the entry is not present' : 'the entry does not allow it';
  const code = errorCodeText(errorCode, played.before.platform.layout.arch.faultCodes);
  return `${cause}: ${code}; ${status === 'ok' ? FAULT[fault].story : STATUS[status].reason}`;
}
