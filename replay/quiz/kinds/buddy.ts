/**
 * Splits and merges of the buddy allocator: free lists are given, some requests and frees follow, and the question is which
 * blocks are given and what is free in the end. Only orders that no per-cpu list comes between are asked for.
 */
import { GFP_KERNEL } from '../../../core/event/gfp.ts';
import type { Machine } from '../../../core/machine/machine.ts';
import type { MachineOptions } from '../../../core/machine/options.ts';
import { MIGRATE_UNMOVABLE } from '../../../core/phys/migrate.ts';
import { PCP_MAX_ORDER } from '../../../core/phys/pcp-lists.ts';
import type { Zone } from '../../../core/phys/zones.ts';
import type { Prng } from '../../../workloads/engine/prng.ts';
import { pageAlloc } from '../../../workloads/examples/facts.ts';
import { drawUntil } from '../machine/draw.ts';
import { freeListsOf } from '../machine/free-lists.ts';
import type { Ground } from '../machine/machines.ts';
import { Play, statusOf } from '../machine/play.ts';
import { hexPart, numberPart, numbersPart, table, text } from '../question/parts.ts';
import type { Given, Part } from '../question/question.ts';
import type { QuestionKind } from './kind.ts';

const NAMES = ['a', 'b', 'c', 'd'];
const MOST_LISTS_ASKED = 3;

export const buddy: QuestionKind = {
  name: 'buddy',
  title: 'Splits and merges of the buddy allocator',
  source: 'Gorman ch. 6, Physical Page Allocation; OSTEP ch. 17, vm-freespace',
  usual: [
    ...[{ layout: 'ostep' }, { layout: 'ostep' }],
    ...[{ layout: 'linux-3g1g' }, { layout: 'linux-x86_64' }],
  ],
  unfit: () => undefined,
  ask(ground, random) {
    const { play, zone } = fragmented(ground, random);
    const begin = listsOf(play.machine, zone);
    const steps = stepsWorthAsking(play, zone, random);
    const end = listsOf(play.machine, zone);
    const changed = [...end.keys()].filter((order) => framesText(begin[order]!) !== framesText(end[order]!));
    return {
      given: [
        text(
          `Free blocks of zone ${zone.name}, each by the number of its first frame. The first of a list is taken first, ` +
            'and what is freed or left of a split becomes the first.',
        ),
        listsTable(begin, leastOrder(zone)),
        table(
          ['step', 'what is done'],
          steps.map(({ says }, i) => [String(i + 1), says]),
        ),
      ],
      parts: [
        ...steps.map((step, i) => partOf(step, i + 1)),
        ...changed.slice(0, MOST_LISTS_ASKED).map((order) => listPart(order, end[order]!)),
      ],
      hint: 'the buddy of a block of order k is the one whose number differs in bit k alone',
      steps: [
        ...steps.map((step, i) => `${i + 1}: ${whyOf(step)}`),
        ...changed.map((order) => `in the end, order ${order}: ${framesText(end[order]!)}`),
      ],
    };
  },
};

/** By order: the first frames of free blocks. */
type Lists = readonly (readonly number[])[];

/** A request or a free, with the free lists before and after. */
interface Step {
  readonly says: string;
  readonly isFree: boolean;
  readonly object: number;
  readonly pfn: number;
  readonly order: number;
  readonly before: Lists;
  readonly after: Lists;
}

/** A machine that has run for long: a few free blocks in the zone that the kernel's requests are served from. */
function fragmented(ground: Ground, random: Prng): { play: Play; zone: Zone } {
  const booted = new Play(ground).machine.platform;
  const zone = booted.zones.findLast(({ name, managedPages }) => name !== 'HighMem' && managedPages > 0)!;
  const counts = Array.from({ length: booted.maxOrder }, (_, order) =>
    blocksOf(order, zone, booted.maxOrder, random),
  );
  const { startPfn, spannedPages: spanned, managedPages: managed } = zone;
  const marks = { startPfn, spanned, managed, min: 0, low: 0, high: 0 };
  const memory: MachineOptions['memory'] = [{ zone: zone.name, freeBlocks: [counts], marks }];
  const play = new Play(ground, { memory });
  return { play, zone: play.machine.platform.zones[zone.index]! };
}

/** A large block for certain, smaller ones perhaps. */
function blocksOf(order: number, zone: Zone, maxOrder: number, random: Prng): number {
  if (order < leastOrder(zone)) return 0;
  return order === maxOrder - 1 ? 1 : random.below(order > maxOrder - 3 ? 2 : 3);
}

/** Smaller ones go through the lists of the cpu. */
function leastOrder({ pcpHigh }: Zone): number {
  return pcpHigh === 0 ? 0 : PCP_MAX_ORDER + 1;
}

function listsOf(machine: Machine, { index }: Zone): Lists {
  return freeListsOf(machine, index, MIGRATE_UNMOVABLE);
}

/** With a split and a merge; all works, and no block goes to the end of its list since it may merge soon. */
function stepsWorthAsking(play: Play, zone: Zone, random: Prng): Step[] {
  const start = play.machine;
  const draw = (): Step[] => {
    play.machine = start;
    return someSteps(play, zone, random);
  };
  return drawUntil(
    draw,
    (steps) =>
      steps.length === NR_STEPS &&
      steps.some((step) => !step.isFree && takenFrom(step).order > step.order) &&
      steps.some((step) => step.isFree && endOf(step).order > step.order) &&
      steps.every((step) => !step.isFree || step.after[endOf(step).order]![0] === endOf(step).pfn),
  );
}

const NR_STEPS = 5;

/** Fewer when one of them fails. */
function someSteps(play: Play, zone: Zone, random: Prng): Step[] {
  const steps: Step[] = [];
  while (steps.length < NR_STEPS) {
    const given = steps.filter(({ isFree }) => !isFree);
    const live = given.filter(({ object }) => !steps.some((step) => step.isFree && step.object === object));
    const frees = live.length > 0 && (given.length === NAMES.length || random.chance(2, 5));
    const step = frees
      ? freed(play, zone, random.pick(live))
      : allocated(play, zone, given.length, leastOrder(zone) + random.below(3));
    if (step === undefined) return steps;
    steps.push(step);
  }
  return steps;
}

function allocated(play: Play, zone: Zone, object: number, order: number): Step | undefined {
  const before = listsOf(play.machine, zone);
  const played = play.do(pageAlloc(object, order, GFP_KERNEL));
  if (statusOf(played) !== 'ok') return undefined;
  const says = `${NAMES[object]} = alloc_pages, order ${order}`;
  const pfn = played.folded.outcomes.pfnAt(0);
  return { says, isFree: false, object, pfn, order, before, after: listsOf(play.machine, zone) };
}

function freed(play: Play, zone: Zone, { object, pfn, order }: Step): Step {
  const before = listsOf(play.machine, zone);
  play.given({ kind: 'page_free', object });
  const says = `free ${NAMES[object]}`;
  return { says, isFree: true, object, pfn, order, before, after: listsOf(play.machine, zone) };
}

interface Block {
  readonly pfn: number;
  readonly order: number;
}

/** The block that was taken, and perhaps split. */
function takenFrom({ pfn, before }: Step): Block {
  return blockWith(before, pfn);
}

/** The block that the freed one is a part of, once it has merged. */
function endOf({ pfn, after }: Step): Block {
  return blockWith(after, pfn);
}

/** The free block that a frame lies in. */
function blockWith(lists: Lists, frame: number): Block {
  for (const [order, blocks] of lists.entries()) {
    const pfn = blocks.find((start) => start <= frame && frame < start + 2 ** order);
    if (pfn !== undefined) return { pfn, order };
  }
  throw new Error(`frame ${frame} is not free`);
}

function listsTable(lists: Lists, least: number): Given {
  const rows = lists.map((blocks, order) => [String(order), framesText(blocks)]);
  return table(['order', 'free blocks'], rows.slice(least));
}

function framesText(blocks: readonly number[]): string {
  return blocks.map(hex).join(' ') || 'none';
}

function hex(pfn: number): string {
  return `0x${pfn.toString(16)}`;
}

function partOf(step: Step, number: number): Part {
  const why = whyOf(step);
  return step.isFree
    ? numberPart(
        `order-${number}`,
        `the order of the free block that step ${number} ends in`,
        endOf(step).order,
        why,
      )
    : hexPart(`block-${number}`, `the first frame of the block that step ${number} gives`, step.pfn, why);
}

function listPart(order: number, blocks: readonly number[]): Part {
  const ask = `the free blocks of order ${order} in the end`;
  return numbersPart(`list-${order}`, ask, blocks, 'hex', `order ${order}: ${framesText(blocks)}`);
}

function whyOf(step: Step): string {
  return step.isFree ? freeStory(step) : allocStory(step);
}

/** `the smallest order with a block is 3: 0x20 is its first; split twice, which leaves 0x24 (order 2) ... free`. */
function allocStory(step: Step): string {
  const taken = takenFrom(step);
  const first = `the smallest order with a block is ${taken.order}: ${hex(taken.pfn)} is its first`;
  if (taken.order === step.order) return `${first}, and is given whole`;
  const orders = Array.from({ length: taken.order - step.order }, (_, i) => taken.order - 1 - i);
  const halves = orders.map((order) => `${hex(taken.pfn + 2 ** order)} (order ${order})`);
  return `${first}; it is split, which leaves ${halves.join(', ')} free`;
}

/** `0x22 merges with its buddy 0x20 (order 1); the buddy of 0x20, 0x24, is no free block of order 2`. */
function freeStory(step: Step): string {
  const end = endOf(step);
  const orders = Array.from({ length: end.order - step.order }, (_, i) => step.order + i);
  const merges = orders.map((order) => {
    const own = Math.floor(step.pfn / 2 ** order) * 2 ** order;
    return `${hex(own)} merges with its buddy ${hex(buddyOf(own, order))} (order ${order})`;
  });
  const isLargest = end.order === step.after.length - 1;
  const stops = `the buddy of ${hex(end.pfn)}, ${hex(buddyOf(end.pfn, end.order))}, is no free block of order ${end.order}`;
  return [...merges, isLargest ? 'no block is larger' : stops].join('; ');
}

function buddyOf(pfn: number, order: number): number {
  const size = 2 ** order;
  return (pfn / size) % 2 === 0 ? pfn + size : pfn - size;
}
