/**
 * The lines below `Mem-Info:`, gathered one by one: totals, zones with marks and reserves, free blocks, amounts of RAM.
 *
 * Sources: show_free_areas() of mm/page_alloc.c (2.6.0 to 6.3) and mm/show_mem.c (since 6.4), show_mem() of arch/i386 and
 * arch/arm (to 2.6.29) and lib/show_mem.c (since). Zones are told of with `Node N` where the kernel has nodes; their
 * reserve was `protections[]` until 2.6.11; migrate types stand behind counts of blocks since 3.10.
 */
import { type FailureReport, type ReportedZone, ZONE_NAMES } from './record.ts';

const ZONE = new RegExp(String.raw`(?:Node (\d{1,4}),? )?(${ZONE_NAMES}) free:\d`);
const NODE = /^\s?Node (\d{1,4}) active_anon:/;
/** `min:36kB`, `reserved_highatomic:0KB`, `isolated(anon):0kB`, `shmem_thp: 0kB`. */
const SIZE = /([a-z_]{1,40}(?:\([a-z]{1,8}\))?): ?(\d{1,20})[kK]B/g;
const UNRECLAIMABLE = /all_unreclaimable\? (yes|no)/;
const RESERVE = /^\s?(?:lowmem_reserve|protections)\[\]:((?: \d{1,20}){1,8})/;
const BLOCKS = new RegExp(
  String.raw`(?:Node (\d{1,4}),? )?(${ZONE_NAMES}): (empty|\d{1,9}\*\d{1,7}kB.{0,500})`,
);
const BLOCK = /(\d{1,9})\*(\d{1,7})kB(?: \(([A-Z]{0,8})\))?/g;
/** `active_anon:658515 inactive_anon:54399`, `Active:91264 inactive:90907 dirty:0`. */
const TOTALS =
  /^\s{0,2}(?:active|inactive|unevictable|free|slab|mapped|shmem|dirty|unstable|kernel_misc|sec_pagetables)[a-z_]{0,20}:\d{1,15}(?: |$)/i;
const TOTAL = /([a-z_]{1,40}):(\d{1,15})(?= |$)/gi;

/** Amounts: the property, the form of the line. */
const AMOUNTS = [
  ['ramPages', /(\d{1,12}) pages (?:of )?RAM/],
  ['highPages', /(\d{1,12}) pages (?:of )?High[Mm]em/i],
  ['reservedPages', /(\d{1,12}) (?:reserved pages|pages reserved)/],
  ['cmaPages', /(\d{1,12}) pages cma reserved/],
] as const;
const SWAP = [
  ['free', /Free swap *[=:] *(\d{1,15})kB/],
  ['total', /Total swap *= *(\d{1,15})kB/],
] as const;

type Amounts = { -readonly [K in (typeof AMOUNTS)[number][0]]?: number };
type Draft<T> = { -readonly [K in keyof T]: T[K] };

/** What the lines so far come to. */
export class MemInfo {
  private readonly zones: Draft<ReportedZone>[] = [];
  private readonly totals: Record<string, number> = {};
  private readonly nodes: Record<string, number> = {};
  private readonly amounts: Amounts = {};
  private readonly swap: { free?: number; total?: number } = {};
  private readonly blockLines: {
    readonly node: number;
    readonly zone: string;
    readonly blocks: readonly (readonly [number, number, string])[];
  }[] = [];
  /** A line of sizes that goes on without a head, where a mailer broke it. */
  private open: Draft<ReportedZone> | undefined;

  /** Whether the line is one of a memory report. */
  take(text: string): boolean {
    return (
      this.takeZone(text) ||
      this.takeNode(text) ||
      this.takeReserve(text) ||
      this.takeBlocks(text) ||
      this.takeTotals(text) ||
      this.takeAmount(text) ||
      this.takeRest(text)
    );
  }

  private takeZone(text: string): boolean {
    const match = ZONE.exec(text);
    if (match === null) return false;
    this.open = newZone(Number(match[1] ?? 0), match[2]!);
    this.zones.push(this.open);
    addSizes(this.open, text.slice(match.index));
    return true;
  }

  private takeNode(text: string): boolean {
    if (!NODE.test(text)) return false;
    this.open = undefined;
    for (const [, name, kib] of text.matchAll(SIZE))
      this.nodes[name!] = (this.nodes[name!] ?? 0) + Number(kib);
    return true;
  }

  private takeReserve(text: string): boolean {
    const pages = RESERVE.exec(text)?.[1];
    const zone = this.zones.at(-1);
    if (pages === undefined) return false;
    if (zone !== undefined) zone.reserve = pages.trim().split(' ').map(Number);
    this.open = undefined;
    return true;
  }

  private takeBlocks(text: string): boolean {
    const match = BLOCKS.exec(text);
    if (match === null) return false;
    this.open = undefined;
    this.blockLines.push({ node: Number(match[1] ?? 0), zone: match[2]!, blocks: blocksIn(match[3]!) });
    return true;
  }

  private takeTotals(text: string): boolean {
    if (!TOTALS.test(text) || text.includes('kB')) return false;
    for (const [, name, pages] of text.matchAll(TOTAL)) this.totals[name!.toLowerCase()] = Number(pages);
    return true;
  }

  private takeAmount(text: string): boolean {
    const amount = AMOUNTS.find(([, form]) => form.test(text));
    if (amount !== undefined) this.amounts[amount[0]] = Number(amount[1].exec(text)![1]);
    const swap = SWAP.find(([, form]) => form.test(text));
    if (swap !== undefined) this.swap[swap[0]] = Number(swap[1].exec(text)![1]);
    return amount !== undefined || swap !== undefined;
  }

  private takeRest(text: string): boolean {
    const last = this.blockLines.at(-1);
    if (last !== undefined && /^\s?\d{1,9}\*\d{1,7}kB/.test(text)) {
      this.blockLines[this.blockLines.length - 1] = { ...last, blocks: [...last.blocks, ...blocksIn(text)] };
      return true;
    }
    if (this.open === undefined || !/^\s?[a-z_()]{2,40}:\d{1,15}kB/.test(text)) return false;
    addSizes(this.open, text);
    return true;
  }

  get isEmpty(): boolean {
    return this.zones.length === 0 && Object.keys(this.totals).length === 0;
  }

  result(): Pick<FailureReport, 'zones' | 'emptyZones' | 'totals' | 'nodes' | 'pageKb' | 'swapKb'> & Amounts {
    const pageKb = this.blockLines.flatMap(({ blocks }) => blocks)[0]?.[1] ?? 4;
    const isEmpty = ({ sizes }: ReportedZone): boolean => (sizes.present ?? sizes.managed ?? 1) === 0;
    const emptyZones = this.zones.filter(isEmpty).map(({ zone }) => zone);
    const zones = this.zones
      .filter((zone) => !isEmpty(zone))
      .map((zone) => ({ ...zone, ...this.freeBlocks(zone, pageKb) }));
    return {
      zones,
      emptyZones,
      totals: this.totals,
      nodes: this.nodes,
      pageKb,
      ...this.amounts,
      ...(this.swap.total === undefined && this.swap.free === undefined ? {} : { swapKb: this.swap }),
    };
  }

  private freeBlocks({ node, zone, sizes, freeCma }: ReportedZone, pageKb: number): Partial<ReportedZone> {
    const line = this.blockLines.find((one) => one.node === node && one.zone === zone);
    if (line === undefined) return {};
    const blocks = line.blocks.map(([count, kib, types]) => ({
      order: Math.log2(kib / pageKb),
      count,
      types,
    }));
    return { blocks, freeCma: sizes.free_cma === undefined ? kibOfCma(line.blocks) : freeCma };
  }
}

/** At the least, where the line of the zone does not tell: blocks of orders in which there are only its own. */
function kibOfCma(blocks: readonly (readonly [number, number, string])[]): number {
  return blocks.reduce((sum, [count, kib, types]) => (types === 'C' ? sum + count * kib : sum), 0);
}

function newZone(node: number, zone: string): Draft<ReportedZone> {
  const none = {
    free: 0,
    min: 0,
    low: 0,
    high: 0,
    boost: 0,
    freeCma: 0,
    highAtomic: 0,
    present: 0,
    managed: 0,
  };
  return { node, zone, ...none, sizes: {}, reserve: [] };
}

function addSizes(zone: Draft<ReportedZone>, text: string): void {
  const sizes: Record<string, number> = { ...zone.sizes };
  for (const [, name, kib] of text.matchAll(SIZE)) sizes[name!] = Number(kib);
  const { free = 0, min = 0, low = 0, high = 0, boost = 0, present = 0, managed = present } = sizes;
  Object.assign(zone, { sizes, free, min, low, high, boost, present, managed });
  zone.freeCma = sizes.free_cma ?? 0;
  // What of the reserve is free counts, where it is told (since 6.13); all of it before.
  zone.highAtomic = sizes.free_highatomic ?? sizes.reserved_highatomic ?? 0;
  const word = UNRECLAIMABLE.exec(text)?.[1];
  if (word !== undefined) zone.allUnreclaimable = word === 'yes';
}

function blocksIn(text: string): [number, number, string][] {
  return [...text.matchAll(BLOCK)].map(([, count, kib, types]) => [Number(count), Number(kib), types ?? '']);
}
