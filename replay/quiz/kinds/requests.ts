/**
 * Which requests fail, and for want of what: a machine described by its figures, as /proc tells them, and a few requests
 * one after the other. Memory, low memory, addresses, slots and whole blocks run out each in its own way.
 */
import { GIB, MIB } from '../../../core/base/units.ts';
import { GFP_HIGHUSER, GFP_KERNEL } from '../../../core/event/gfp.ts';
import type { Machine } from '../../../core/machine/machine.ts';
import type { StatusName } from '../../../core/outcome/outcome.ts';
import { freePagesOf } from '../../../core/phys/free-lists.ts';
import { zoneOfPfn } from '../../../core/phys/page-alloc.ts';
import { GFP_ZONE_MASK, markFor, type Zone } from '../../../core/phys/zones.ts';
import { OBJECT } from '../../../core/state/objects.ts';
import type { Prng } from '../../../workloads/engine/prng.ts';
import type { Fact } from '../../../workloads/examples/example.ts';
import { kernelWrite, kmalloc, pageAlloc } from '../../../workloads/examples/facts.ts';
import { kmapOf, pageBytesOf, vmallocOf } from '../../figures/figures.ts';
import { describeEvent } from '../../text/event-text.ts';
import { formatBytes, formatCount, hexOf } from '../../text/units.ts';
import { freeBlocks } from '../../views/free-counts.ts';
import { drawUntil } from '../machine/draw.ts';
import type { Ground } from '../machine/machines.ts';
import { type Play, type Played, statusOf, told } from '../machine/play.ts';
import { shortMachine } from '../machine/shortage.ts';
import { choicePart, table, text } from '../question/parts.ts';
import type { Given } from '../question/question.ts';
import type { QuestionKind } from './kind.ts';

/** What may become of a request, in the words of the choices. */
const BECOMES: Partial<Record<StatusName, string>> = {
  ok: 'done',
  'out-of-memory': 'out of memory',
  'out-of-lowmem': 'low memory used up',
  fragmented: 'memory in pieces',
  'vmalloc-space': 'no hole of addresses',
  'kmap-slots': 'kmap slots used up',
  'too-large': 'too large at once',
  'high-page': 'no kernel address',
};
const CHOICES = Object.values(BECOMES);
/** A page that may be high memory, of before. */
const PAGE = 1;
const FIRST_ASKED = 2;
const NR_REQUESTS = 5;

export const requests: QuestionKind = {
  name: 'requests',
  title: 'Which requests fail, and why?',
  source: 'LDD3 ch. 8 and 15; Gorman ch. 6, 7 and 9',
  usual: [
    ...[
      { layout: 'linux-3g1g', ramBytes: 2n * GIB },
      { layout: 'linux-3g1g', ramBytes: 1536n * MIB },
    ],
    ...[{ layout: 'linux-2g2g' }, { layout: 'linux-3g1g', ramBytes: 512n * MIB }, { layout: 'linux-x86_64' }],
  ],
  unfit: ({ zones, pageShift }) =>
    Math.max(...zones.map(({ presentPages }) => presentPages)) * 2 ** pageShift < 64 * 2 ** 20
      ? 'it has less than 64 MiB in any zone: nothing would be left over'
      : undefined,
  ask(ground, random) {
    const { before, made } = drawUntil(requestsOn(ground, random), isWorthAsking);
    return {
      given: [
        text(
          `A kernel that does not reclaim and has no per-cpu lists, after long use; pages have ${formatBytes(pageBytesOf(before))}. Pages on free lists, and how many a request must leave there:`,
        ),
        marksTable(before),
        text('Free blocks by order:'),
        blocksTable(before),
        text(`${windowsText(before)} What becomes of these requests, one after the other?`),
      ],
      parts: made.map((played, i) => {
        const status = statusOf(played);
        return choicePart(
          `becomes-${i + 1}`,
          describeEvent(played.event),
          CHOICES,
          BECOMES[status]!,
          storyOf(played),
        );
      }),
      hint: 'a zone serves a request if more is free there than must be left, and a block is large enough; vmalloc takes addresses first, then single pages',
      steps: made.map(
        (played) => `${describeEvent(played.event)}: ${BECOMES[statusOf(played)]}: ${storyOf(played)}`,
      ),
    };
  },
};

interface Made {
  readonly page: Played;
  readonly before: Machine;
  readonly made: readonly Played[];
}

/** Machines take longer to boot than requests to make. */
const TRIES_A_MACHINE = 16;

function requestsOn(ground: Ground, random: Prng): () => Made {
  let machine: { readonly play: Play; readonly page: Played; readonly before: Machine };
  let tries = 0;
  return () => {
    if (tries++ % TRIES_A_MACHINE === 0) {
      const play = shortMachine(ground, random);
      machine = { play, page: play.do(pageAlloc(PAGE, 0, GFP_HIGHUSER)), before: play.machine };
    }
    const { play, page, before } = machine;
    play.machine = before;
    return { page, before, made: someRequests(play, random) };
  };
}

function someRequests(play: Play, random: Prng): Played[] {
  const { platform } = play.machine;
  return Array.from({ length: NR_REQUESTS }, (_, i) => play.do(requestOf(FIRST_ASKED + i, platform, random)));
}

const KIB = 2 ** 10;

/** Sizes far enough apart that the figures decide, not what lies on the list of a cpu. */
function requestOf(object: number, { zones }: Machine['platform'], random: Prng): Fact {
  const order = random.pick([0, 0, 2, 4, 6, 8, 10]);
  const hasHigh = zones.some(({ name, managedPages }) => name === 'HighMem' && managedPages > 0);
  return random.pick<Fact>([
    pageAlloc(object, order, GFP_KERNEL),
    kmalloc(object, random.pick([100, 16 * KIB, 256 * KIB, 2048 * KIB, 8192 * KIB])),
    { kind: 'vmalloc', object, size: random.pick([64 * KIB, 1024 * KIB, 8192 * KIB, 65_536 * KIB]) },
    ...(hasHigh
      ? [
          pageAlloc(object, order, GFP_HIGHUSER),
          { kind: 'kmap', object: PAGE, page: 0 } as const,
          kernelWrite(PAGE),
        ]
      : []),
  ]);
}

/**
 * Something is done, something fails, with high memory in two ways, no request comes twice. A vmalloc() for which pages are wanting is not
 * asked for: whether it needs page tables, and what it takes apart before it fails, is told by no figure.
 */
function isWorthAsking({ page, before, made }: Made): boolean {
  const statuses = made.map(statusOf);
  const fails = statuses.filter((status) => status !== 'ok');
  const asked = made.map(({ event }) => describeEvent(event).replace(/object \d+/, ''));
  return (
    statuses.every((status) => BECOMES[status] !== undefined) &&
    statuses.includes('ok') &&
    statusOf(page) === 'ok' &&
    !made.some((played) => played.event.kind === 'vmalloc' && lacksPages(played)) &&
    fails.length >= 2 &&
    new Set(fails).size >= (before.platform.layout.highstartPfn === undefined ? 1 : 2) &&
    new Set(asked).size === asked.length
  );
}

function lacksPages(played: Played): boolean {
  return ['out-of-lowmem', 'out-of-memory'].includes(statusOf(played));
}

function storyOf(played: Played): string {
  return told(played).story;
}

function marksTable({ platform, freeLists }: Machine): Given {
  const { zones, highestZones } = platform;
  const hasHigh = zones.some(({ name }) => name === 'HighMem');
  const asked = [GFP_KERNEL, ...(hasHigh ? [GFP_HIGHUSER] : [])];
  const rows = zones.map((zone) => [
    zone.name,
    formatCount(freePagesOf({ freeLists }, zone.index)),
    ...asked.map((gfp) => keptText(zone, gfp, highestZones[gfp & GFP_ZONE_MASK]!)),
  ]);
  return table(
    ['zone', 'free pages', 'kept from GFP_KERNEL', ...(hasHigh ? ['kept from GFP_HIGHUSER'] : [])],
    rows,
  );
}

/** The min mark, and what is reserved for those who cannot go higher. */
function keptText(zone: Zone, gfp: number, asked: number): string {
  if (zone.index > asked) return 'not for it';
  return formatCount(markFor(zone, gfp, 'min', 0) + zone.lowmemReserve[asked]!);
}

function blocksTable(machine: Machine): Given {
  const { zones, maxOrder } = machine.platform;
  const orders = Array.from({ length: maxOrder }, (_, order) => String(order));
  return table(
    ['order', ...orders],
    zones.map((zone) => [zone.name, ...freeBlocks(machine, zone).map(String)]),
  );
}

function windowsText(machine: Machine): string {
  const { usedBytes, totalBytes, largestHoleBytes } = vmallocOf(machine);
  const { slots, used } = kmapOf(machine);
  const window = `vmalloc: ${formatBytes(usedBytes)} of ${formatBytes(totalBytes)} used, largest hole ${formatBytes(largestHoleBytes)}`;
  return slots === 0
    ? `${window}.`
    : `${window}; kmap: ${used} of ${slots} slots in use. ${pageText(machine)}`;
}

/** Where the page lies that was allocated before. */
function pageText({ objects, platform }: Machine): string {
  const pfn = objects.get(PAGE, OBJECT.pfn);
  const zone = zoneOfPfn(platform.zones, pfn);
  return `Object ${PAGE} is a page that was allocated before: frame ${hexOf(pfn)}, of ${zone.name}.`;
}
