/** /proc/buddyinfo: free blocks by zone and order (frag_show_print of mm/vmstat.c). Pages on per-cpu lists are not in it. */
import { columns, numbersOf, type ProcPlace, ProcText } from './text.ts';

/** A line of /proc/buddyinfo. */
export interface BuddyinfoZone {
  readonly node: number;
  readonly zone: string;
  /** By order: free blocks of 2^order pages. */
  readonly freeBlocks: readonly number[];
}

const LINE = /^Node (\d+), zone +(\w+)((?: +\d+)+) *$/;

/** One entry a populated zone, in the order of the file. */
export function parseBuddyinfo(text: string, place?: ProcPlace): BuddyinfoZone[] {
  const lines = new ProcText(text, '/proc/buddyinfo', place);
  return lines.untilEnd(() => {
    const [, node, zone, counts] = lines.expect(
      LINE,
      "a line such as 'Node 0, zone   Normal      4      1 ...'",
    );
    return { node: Number(node), zone: zone!, freeBlocks: numbersOf(counts!) };
  });
}

/** Free pages that blocks by order come to. */
export function pagesOfBlocks(freeBlocks: readonly number[]): number {
  return freeBlocks.reduce((pages, count, order) => pages + count * 2 ** order, 0);
}

/** Text as the kernel prints it. */
export function formatBuddyinfo(zones: readonly BuddyinfoZone[]): string {
  return zones
    .map(({ node, zone, freeBlocks }) => `Node ${node}, zone ${zone.padStart(8)} ${columns(freeBlocks, 6)}\n`)
    .join('');
}
