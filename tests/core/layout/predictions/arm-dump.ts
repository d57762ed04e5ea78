/** What a layout says of the page tables of an ARM machine: ranges of the dump, and where walks end. */
import { alignUp } from '../../../../core/base/units.ts';
import { kernelMappings, type Layout, regionOfKind } from '../../../../core/layout/catalog/index.ts';
import type { ArmMachine } from '../../../captures/arm-machine.ts';
import { hex, type Prediction, WINDOWS } from './prediction.ts';

/** What the dump shows of the parts that the layout decides: ranges, and who may do what in them. */
const DUMPED: Readonly<Record<string, 'start'>> = {
  'Kernel Mapping': 'start',
  'FDT Area': 'start',
  Vectors: 'start',
};

export function markers({ markers: captured }: ArmMachine, layout: Layout): Prediction {
  const parts = captured.filter(({ name }) => name in DUMPED);
  const rows = parts.map(({ name, ranges }) => [
    name,
    ranges.map(({ start, end, attr }) => [start, end, rights(attr)]),
  ]);
  const starts: Readonly<Record<string, bigint>> = {
    'Kernel Mapping': layout.pageOffset,
    'FDT Area': layout.vmalloc.end,
    Vectors: regionOfKind(layout, 'vectors')?.start ?? 0n,
  };
  const ours = parts.map(({ name }) => {
    const from = starts[name]!;
    const to =
      Object.values(starts)
        .filter((start) => start > from)
        .sort((a, b) => (a < b ? -1 : 1))[0] ?? 1n << 32n;
    return [name, mappedRows(layout, from, to)];
  });
  return {
    predicted: Object.fromEntries(ours),
    captured: Object.fromEntries(rows),
    left: Object.fromEntries(
      captured.filter(({ name }) => !(name in DUMPED)).map(({ name }) => [name, WINDOWS]),
    ),
  };
}

/** `PGD KERNEL ro x SHD` is a section that may be read and executed. */
function rights(attr: string): string {
  const words = attr.split(' ');
  return [
    words[0] === 'PTE' ? 'PTE' : 'block',
    ...words.filter((word) => /^(USR|RW|ro|x|NX)$/.test(word)),
  ].join(' ');
}

/** Neighbours that are alike are one range. */
function mappedRows(layout: Layout, from: bigint, to: bigint): string[][] {
  const rows: string[][] = [];
  for (const { start, end, pageFrames, writable, executable, user } of kernelMappings(layout)) {
    if (start < from || start >= to) continue;
    const words = [
      pageFrames === 1 ? 'PTE' : 'block',
      user && 'USR',
      writable ? 'RW' : 'ro',
      executable ? 'x' : 'NX',
    ];
    const text = words.filter((word) => word).join(' ');
    const last = rows.at(-1);
    if (last !== undefined && last[1] === hex(start) && last[2] === text) last[1] = hex(end);
    else rows.push([hex(start), hex(end), text]);
  }
  // A pair of entries is looked at once, so that a section that is alone in its pair is shown as two.
  const [start, end, text] = rows.at(-1)!;
  const isPair = layout.arch.translation.levels.length === 2 && text!.startsWith('block');
  const shown = isPair ? hex(alignUp(BigInt(end!), 2n ** 21n)) : end!;
  return [...rows.slice(0, -1), [start!, shown, text!]];
}

/** Walks that end where the layout says what is mapped: the entry's frame and rights, and its bits where all are known. */
const WALKED =
  /^(PAGE_OFFSET|_text|_stext|_etext-1|rodata|kdata|init_begin|high_memory|kmalloc64|mem_map|vectors|FDT|FIXADDR_TOP|earlycon)/;

export function walks({ page_table_walks, zones: spans }: ArmMachine, layout: Layout): Prediction {
  // CMA at the top of low memory is mapped once more, in small pages (dma_contiguous_remap).
  const cmaPages = layout.arch.wordBits === 32 ? (spans[0]?.cma ?? 0) : 0;
  const cmaStart = layout.highMemory - BigInt(cmaPages) * 4096n;
  const predicted: Record<string, unknown> = {};
  const captured: Record<string, unknown> = {};
  for (const [index, walk] of page_table_walks.entries()) {
    // On arm64 vmalloc() gives out the page before the image, which _text names.
    if (!WALKED.test(walk.tag) || (layout.arch.wordBits === 64 && walk.tag === '_text')) continue;
    if (BigInt(walk.addr) >= cmaStart && BigInt(walk.addr) < layout.highMemory) continue;
    const name = `${index} ${walk.tag}`;
    captured[name] = walkEnd(layout, walk);
    predicted[name] = mappedAt(layout, BigInt(walk.addr));
  }
  return {
    predicted,
    captured,
    left: { 'other walks': WINDOWS, 'in CMA': 'no layout knows how much its machine keeps' },
  };
}

/** The level at which a captured walk ended and its entry, decoded. */
function walkEnd({ arch }: Layout, walk: ArmMachine['page_table_walks'][number]): unknown {
  const entry = leafEntry(walk, arch.translation.levels.length === 2);
  if (entry === 0n) return 'nothing';
  const level = LEAF_BYTES[walk.leaf] === 2 ** arch.pageShift ? arch.translation.levels.length - 1 : 0;
  const largeLevel = level > 0 ? level : arch.translation.levels.length - 2;
  const { pfn, flags } = arch.entries.decode(entry, largeLevel, arch.pageShift);
  const { writable, user, noExecute, global } = flags;
  return { bytes: LEAF_BYTES[walk.leaf], pfn, writable, user, noExecute, global };
}

const LEAF_BYTES: Readonly<Record<string, number>> = {
  '4K': 2 ** 12,
  '16K': 2 ** 14,
  '64K': 2 ** 16,
  '1M': 2 ** 20,
  '2M': 2 ** 21,
};

/** The hardware's word: of a pair the one that the address chooses; of small pages Linux's is told beside it. */
function leafEntry(walk: ArmMachine['page_table_walks'][number], isShort: boolean): bigint {
  if (walk.leaf === 'none') return 0n;
  if (!isShort) return BigInt(Object.entries(walk).findLast(([key]) => key.includes('['))![1]);
  if (walk.leaf === '4K') return BigInt(walk.hwpte!);
  return BigInt((BigInt(walk.addr) >> 20n) % 2n === 0n ? walk.pmd_even! : walk.pmd_odd!);
}

function mappedAt(layout: Layout, address: bigint): unknown {
  const found = kernelMappings(layout).find(({ start, end }) => start <= address && address < end);
  if (found === undefined) return 'nothing';
  const { start, pfn, pageFrames, writable, executable, user = false } = found;
  const bytes = pageFrames * 2 ** layout.pageShift;
  const page = Number((address - start) / BigInt(bytes)) * pageFrames;
  return {
    bytes,
    pfn: pfn === undefined ? expectAnyFrame : pfn + page,
    writable,
    user,
    noExecute: !executable,
    global: true,
  };
}

/** For entries of frames that boot took from anywhere. */
const expectAnyFrame = { asymmetricMatch: (found: unknown): boolean => typeof found === 'number' };
