/**
 * /proc/pagetypeinfo: free blocks by zone, migrate type and order, and pageblocks by type (pagetypeinfo_show of
 * mm/vmstat.c). The counts of mixed blocks that CONFIG_PAGE_OWNER adds have the form of the block counts.
 */
import { columns, numbersOf, type ProcPlace, ProcText } from './text.ts';

/** A line of free blocks. */
export interface PagetypeFree {
  readonly node: number;
  readonly zone: string;
  /** Unmovable, Movable, Reclaimable, HighAtomic, CMA, Isolate. */
  readonly migrateType: string;
  /** By order: free blocks of 2^order pages. */
  readonly freeBlocks: readonly number[];
  /** Orders at which the kernel stopped counting (`>100000`): there are more than `freeBlocks` says. */
  readonly uncounted: readonly number[];
}

/** A line of numbers of pageblocks. */
export interface PagetypeBlocks {
  readonly node: number;
  readonly zone: string;
  /** By migrate type: pageblocks. */
  readonly blocks: Readonly<Record<string, number>>;
}

/** The whole file. */
export interface Pagetypeinfo {
  readonly pageblockOrder: number;
  readonly pagesPerBlock: number;
  readonly free: readonly PagetypeFree[];
  readonly blocks: readonly PagetypeBlocks[];
  /** Pageblocks that hold pages of other types too; empty unless the kernel tracks page owners. */
  readonly mixedBlocks: readonly PagetypeBlocks[];
}

const FREE_LINE = /^Node +(\d+), zone +(\w+), type +(\w+)((?: +>?\d+)+) *$/;
const BLOCKS_LINE = /^Node (\d+), zone +(\w+)((?: +\d+)+) *$/;

/** Reads one node's or several nodes' worth; rows of all nodes follow one another. */
export function parsePagetypeinfo(text: string, place?: ProcPlace): Pagetypeinfo {
  const lines = new ProcText(text, '/proc/pagetypeinfo', place);
  const nodes = lines.untilEnd(() => readNode(lines));
  return {
    pageblockOrder: nodes[0]!.pageblockOrder,
    pagesPerBlock: nodes[0]!.pagesPerBlock,
    free: nodes.flatMap((node) => node.free),
    blocks: nodes.flatMap((node) => node.blocks),
    mixedBlocks: nodes.flatMap((node) => node.mixedBlocks),
  };
}

function readNode(lines: ProcText): Pagetypeinfo {
  const [, order] = lines.expect(/^Page block order: (\d+)$/, "'Page block order: 9'");
  const [, pages] = lines.expect(/^Pages per block: +(\d+)$/, "'Pages per block:  512'");
  lines.expect(/^$/, 'an empty line');
  lines.expect(
    /^Free pages count per migrate type at order(?: +\d+)+ *$/,
    "'Free pages count per migrate type at order       0      1 ...'",
  );
  const free = lines.each(FREE_LINE, freeRow);
  if (free.length === 0) lines.fail("'Node    0, zone   Normal, type    Unmovable      0 ...'");
  lines.expect(/^$/, 'an empty line, or another line of free pages');
  const blocks = readBlocks(lines, /^Number of blocks type((?: +\w+)+) *$/);
  if (blocks === undefined) return lines.fail("'Number of blocks type     Unmovable      Movable ...'");
  const mixedBlocks = lines.accept(/^$/) && readBlocks(lines, /^Number of mixed blocks((?: +\w+)+) *$/);
  return {
    pageblockOrder: Number(order),
    pagesPerBlock: Number(pages),
    free,
    blocks,
    mixedBlocks: mixedBlocks ?? [],
  };
}

function freeRow([, node, zone, migrateType, counts]: RegExpExecArray): PagetypeFree {
  const cells = counts!.trim().split(/ +/);
  return {
    node: Number(node),
    zone: zone!,
    migrateType: migrateType!,
    freeBlocks: cells.map((cell) => Number(cell.replace('>', ''))),
    uncounted: cells.flatMap((cell, order) => (cell.startsWith('>') ? [order] : [])),
  };
}

/** A header with the migrate types, then a line a zone; undefined when there is no such header. */
function readBlocks(lines: ProcText, header: RegExp): PagetypeBlocks[] | undefined {
  const types = lines.accept(header)?.[1]?.trim().split(/ +/);
  if (types === undefined) return undefined;
  return lines.each(BLOCKS_LINE, ([, node, zone, cells]) => {
    const counts = numbersOf(cells!);
    if (counts.length !== types.length) lines.reject(`${types.length} counts: ${types.join(', ')}`);
    const blocks = Object.fromEntries(types.map((type, i) => [type, counts[i]!]));
    return { node: Number(node), zone: zone!, blocks };
  });
}

/** For a kernel with one node. */
export function formatPagetypeinfo({
  pageblockOrder,
  pagesPerBlock,
  free,
  blocks,
  mixedBlocks,
}: Pagetypeinfo): string {
  const orders = free[0]!.freeBlocks.map((_, order) => order);
  const header = `Page block order: ${pageblockOrder}\nPages per block:  ${pagesPerBlock}\n\n`;
  const orderLine = `${'Free pages count per migrate type at order'.padEnd(43)} ${columns(orders, 6)}\n`;
  const mixed = mixedBlocks.length === 0 ? '' : formatBlocks('Number of mixed blocks', mixedBlocks);
  return (
    header + orderLine + free.map(formatFree).join('') + formatBlocks('Number of blocks type', blocks) + mixed
  );
}

function formatFree({ node, zone, migrateType, freeBlocks, uncounted }: PagetypeFree): string {
  const place = `Node ${columns([node], 4).trimEnd()}, zone ${zone.padStart(8)}, type ${migrateType.padStart(12)} `;
  const cell = (count: number, order: number): string =>
    `${uncounted.includes(order) ? '>' : ''}${columns([count], 6)}`;
  return `${place}${freeBlocks.map(cell).join('')}\n`;
}

function formatBlocks(title: string, rows: readonly PagetypeBlocks[]): string {
  const types = Object.keys(rows[0]!.blocks);
  const lines = rows.map(
    ({ node, zone, blocks }) =>
      `Node ${node}, zone ${zone.padStart(8)} ${columns(Object.values(blocks), 12)}\n`,
  );
  return `\n${title.padEnd(23)}${columns(types, 12)}\n${lines.join('')}`;
}
