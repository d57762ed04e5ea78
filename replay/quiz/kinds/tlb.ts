/** Hits and misses of a short stream of references in a small TLB, which the machine has instead of its own. */
import { READ, WRITE } from '../../../core/event/access-mode.ts';
import { PROT_READ, PROT_WRITE } from '../../../core/event/mmap-flags.ts';
import type { Layout } from '../../../core/layout/layout.ts';
import { pageAddress, toHex } from '../../../core/layout/regions.ts';
import type { Machine } from '../../../core/machine/machine.ts';
import { type CacheShape, type MmuOptions, NO_CACHE } from '../../../core/tlb/options.ts';
import type { Prng } from '../../../workloads/engine/prng.ts';
import { mmap, runs, spawn } from '../../../workloads/examples/facts.ts';
import { drawUntil } from '../machine/draw.ts';
import { addressOf, Play, type Played, told } from '../machine/play.ts';
import { accessTo } from '../machine/process.ts';
import { numberPart, numbersPart, sequencePart, table, text } from '../question/parts.ts';
import type { QuestionKind } from './kind.ts';

const SHAPES: readonly CacheShape[] = [
  { sets: 1, ways: 2 },
  { sets: 1, ways: 3 },
  { sets: 1, ways: 4 },
  { sets: 2, ways: 2 },
];
const POLICIES = ['lru', 'fifo'] as const;
type Policy = (typeof POLICIES)[number];

const MAKES_ROOM: Record<Policy, string> = {
  lru: 'the one used longest ago makes room (LRU)',
  fifo: 'the one that came first makes room (FIFO)',
};
const OBJECT = 1;
const PAGES = 7;

export const tlb: QuestionKind = {
  name: 'tlb',
  title: 'TLB hits of a short stream',
  source: 'OSTEP ch. 19, vm-tlbs',
  usual: [{ layout: 'ostep' }, { layout: 'linux-3g1g' }, { layout: 'linux-x86_64' }],
  unfit: () => undefined,
  ask({ layout, ...ground }, random) {
    const shape = random.pick(SHAPES);
    const policy = random.pick(POLICIES);
    const play = new Play({ ...ground, layout }, { mmu: smallMmu(shape, policy) });
    mapPages(play, layout);
    const start = play.machine;
    const draw = (): Played[] => {
      play.machine = start;
      return pagesOf(random, shape).map((page) => reference(play, layout, page, random));
    };
    const stream = drawUntil(draw, isWorthAsking);
    const verdicts = stream.map((played) => (isHit(played) ? 'hit' : 'miss'));
    const hits = verdicts.filter((verdict) => verdict === 'hit').length;
    const held = heldPages(play.machine);
    const steps = stream.map((played, i) => stepOf(layout, played, i + 1, policy));
    return {
      given: [
        text(`A TLB of ${shapeText(shape)}, empty at first; in a full set ${MAKES_ROOM[policy]}.`),
        table(
          ['reference', 'address'],
          stream.map((played, i) => [String(i + 1), addressText(layout, played)]),
        ),
      ],
      parts: [
        sequencePart(
          'stream',
          'each reference in its order',
          ['hit', 'miss'],
          verdicts,
          'the steps tell of each',
        ),
        numberPart('hits', 'hits in all', hits, `${hits} of ${stream.length} pages were in the TLB`),
        numbersPart(
          'held',
          'the pages in the TLB at the end, by number',
          held,
          'hex',
          'what came in and did not go',
        ),
      ],
      hint: `the page is the address without its last ${layout.pageShift} bits; references to one page need one entry`,
      steps,
    };
  },
};

/** One level, for base pages, of data and instructions; nothing shortens walks. */
function smallMmu(shape: CacheShape, replacement: Policy): Partial<MmuOptions> {
  return {
    ...{ l1d: shape, l1i: shape, unifiedL1: true, l2: NO_CACHE, replacement, pcid: false },
    ...{ pdeCache: NO_CACHE, pdpteCache: NO_CACHE, pml4eCache: NO_CACHE, pml5eCache: NO_CACHE },
  };
}

function shapeText({ sets, ways }: CacheShape): string {
  return sets === 1
    ? `${ways} entries`
    : `${sets * ways} entries in ${sets} sets of ${ways}; the last bit of the page's number chooses the set`;
}

/** All pages are there, so that no reference faults; another process comes between, and takes the TLB with it. */
function mapPages(play: Play, { pageShift }: Layout): void {
  const bytes = 2 ** pageShift;
  play.given(spawn(1), spawn(2), runs(1), mmap(OBJECT, PAGES * bytes, PROT_READ | PROT_WRITE));
  for (let page = 0; page < PAGES; page++)
    play.given(accessTo({ object: OBJECT, offset: page * bytes, mode: WRITE }));
  play.given(runs(2), runs(1));
}

/** Two pages more than there is room for, often one of those just before, seldom the same twice. */
function pagesOf(random: Prng, { sets, ways }: CacheShape): number[] {
  const length = random.range(9, 12);
  const working = Math.min(PAGES, sets * ways + 2);
  const pages: number[] = [];
  while (pages.length < length) {
    const recent = pages.slice(-4);
    const page = recent.length > 0 && random.chance(1, 2) ? random.pick(recent) : random.below(working);
    if (page !== pages.at(-1) || random.chance(1, 4)) pages.push(page);
  }
  return pages;
}

/** Some hit, some miss, and a page makes room. */
function isWorthAsking(stream: readonly Played[]): boolean {
  const hits = stream.filter(isHit).length;
  return hits >= 2 && hits <= stream.length - 4 && stream.some((played) => evicted(played) !== undefined);
}

function reference(play: Play, { pageShift }: Layout, page: number, random: Prng): Played {
  const offset = page * 2 ** pageShift + random.below(2 ** pageShift);
  return play.do(accessTo({ object: OBJECT, offset, mode: READ }));
}

function isHit(played: Played): boolean {
  return told(played).outcome.tlb === 'l1';
}

function addressText(layout: Layout, played: Played): string {
  return toHex(layout, addressOf(played).address);
}

/** Pages of the process that the TLB of cpu 0 holds, in ascending order. */
function heldPages({ platform, tlbs }: Machine): number[] {
  const entries = platform.mmu.tlb.describe(tlbs[0]!);
  return entries
    .filter(({ part, asid }) => part.holds === 'pages' && asid !== 0)
    .map(({ vpn }) => Number(pageAddress(platform.layout, vpn) >> BigInt(platform.layout.pageShift)))
    .sort((a, b) => a - b);
}

/** The page that made room for the one referred to. */
function evicted({ before, folded }: Played): number | undefined {
  const after = heldPages(folded.machine);
  return heldPages(before).find((page) => !after.includes(page));
}

/** `3: page 0x17f: miss; page 0x17d makes room, used longest ago`. */
function stepOf(layout: Layout, played: Played, number: number, policy: Policy): string {
  const page = addressOf(played).address >> BigInt(layout.pageShift);
  const gone = evicted(played);
  const room =
    gone === undefined ? 'an entry is free' : `page 0x${gone.toString(16)} makes room: ${MAKES_ROOM[policy]}`;
  return `${number}: page 0x${page.toString(16)}: ${isHit(played) ? 'hit' : `miss; ${room}`}`;
}
