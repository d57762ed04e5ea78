/** What a layout says of the page tables of an oracle machine: where the parts of the dump begin, how walks end. */
import { kernelMappingOf, type Layout, pageTableDump } from '../../../../core/layout/catalog/index.ts';
import type { OracleMachine } from '../../../captures/oracle-machine.ts';
import { FRAMES, type Prediction, WINDOWS } from './prediction.ts';

const DUMP_LEFT: Readonly<Record<string, string>> = {
  'vmalloc() Area': 'its edges are checked; what lies in it depends on what boot mapped',
  'ESPfix Area': 'its edges are checked; the stacks lie at a random place',
};

export function markers({ markers: captured }: OracleMachine, layout: Layout): Prediction {
  const digits = layout.arch.wordBits / 4;
  const address = (value: bigint): string =>
    `0x${BigInt.asUintN(layout.arch.wordBits, value).toString(16).padStart(digits, '0')}`;
  const parts = pageTableDump(layout).map(({ name, ranges }) => {
    const rows = ranges.map(({ start, end, level, attributes }) => [
      address(start),
      address(end),
      level,
      attributes,
    ]);
    return [name, name in DUMP_LEFT ? edges(rows) : rows] as const;
  });
  const real = captured.map(({ name, ranges }) => {
    const rows = ranges.map(({ start, end, level, attr }) => [start, end, level, attr]);
    return [name, name in DUMP_LEFT ? edges(rows) : rows] as const;
  });
  return {
    predicted: { names: parts.map(([name]) => name), ...Object.fromEntries(parts) },
    captured: { names: real.map(([name]) => name), ...Object.fromEntries(real) },
    left: Object.fromEntries(
      real.filter(([name]) => name in DUMP_LEFT).map(([name]) => [name, DUMP_LEFT[name]!]),
    ),
  };
}

/** Where a part begins: its end is where the next one begins. */
function edges(rows: readonly (readonly string[])[]): string[] {
  return [rows[0]![0]!];
}

const WALKS_LEFT = /^(vmalloc|mm_vmalloc|ioremap|kmap_|user_)/;
const LEAF_BYTES: Readonly<Record<string, number>> = {
  '4K': 2 ** 12,
  '2M': 2 ** 21,
  '4M': 2 ** 22,
  '1G': 2 ** 30,
};

/** The entry that a walk ends at: its level, and all 64 bits of it where its frame is known. */
export function walks({ page_table_walks }: OracleMachine, layout: Layout): Prediction {
  const predicted: Record<string, unknown> = {};
  const captured: Record<string, unknown> = {};
  const left: Record<string, string> = { 'tables above the leaf': FRAMES };
  page_table_walks.forEach((walk, index) => {
    const name = `${index} ${walk.tag}`;
    if (WALKS_LEFT.test(walk.tag)) {
      left[walk.tag] = WINDOWS;
      return;
    }
    const [last] = Object.keys(walk)
      .filter((key) => key.includes('['))
      .slice(-1);
    const frame = kernelMappingOf(layout, BigInt(walk.addr))?.pfn;
    const entry =
      walk.leaf !== 'none' && frame === undefined ? flagsOf(BigInt(walk[last!]!)) : BigInt(walk[last!]!);
    captured[name] = { last, leaf: walk.leaf === 'none' ? 0 : LEAF_BYTES[walk.leaf], entry };
    predicted[name] = walkEnd(layout, BigInt(walk.addr));
  });
  return { predicted, captured, left };
}

const FRAME_BITS = ((1n << 52n) - 1n) & ~0xfffn;
const flagsOf = (entry: bigint): bigint => entry & ~FRAME_BITS;

function walkEnd(layout: Layout, address: bigint) {
  const mapping = kernelMappingOf(layout, address);
  const leaf = (mapping?.pageFrames ?? 0) * 4096;
  const level = levelAt(layout, address, leaf);
  const { levels } = layout.arch.translation;
  const shift = 12 + levels.slice(level + 1).reduce((sum, { bits }) => sum + bits, 0);
  const last = `${levels[level]!.name}[${(address >> BigInt(shift)) & ((1n << BigInt(levels[level]!.bits)) - 1n)}]`;
  return { last, leaf, entry: mapping === undefined ? 0n : entryOf(mapping, address, layout) };
}

/** A large page ends the walk where it is mapped; an empty entry where the dump says that tables end. */
function levelAt(layout: Layout, address: bigint, leafBytes: number): number {
  const { levels } = layout.arch.translation;
  if (leafBytes > 0) {
    const below = Math.log2(leafBytes) - 12;
    return levels.findIndex(
      (_, level) => levels.slice(level + 1).reduce((sum, { bits }) => sum + bits, 0) === below,
    );
  }
  const range = pageTableDump(layout)
    .flatMap(({ ranges }) => ranges)
    .find(({ start, end }) => start <= address && address < end)!;
  return levels.findIndex(({ name }) => name === range.level);
}

/** Present, accessed, dirty, global; and what the mapping says. */
function entryOf(
  mapping: NonNullable<ReturnType<typeof kernelMappingOf>>,
  address: bigint,
  { withoutGlobalPages }: Layout,
): bigint {
  const { start, pfn, pageFrames, writable, executable, uncached } = mapping;
  const page = (address - start) / BigInt(pageFrames * 4096);
  const frame = pfn === undefined ? 0n : (BigInt(pfn) + page * BigInt(pageFrames)) << 12n;
  const flags =
    (withoutGlobalPages ? 0x61n : 0x161n) |
    (writable ? 2n : 0n) |
    (uncached ? 0x18n : 0n) |
    (pageFrames > 1 ? 0x80n : 0n);
  return frame | flags | (executable ? 0n : 1n << 63n);
}
