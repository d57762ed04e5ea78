/** Which slot of the kmap window each kmap() takes, shortly before the search wraps and unused slots are flushed. */
import { GIB } from '../../../core/base/units.ts';
import { GFP_HIGHUSER } from '../../../core/event/gfp.ts';
import { KMAP } from '../../../core/kmap/kmap.ts';
import { KMAP_VAR } from '../../../core/kmap/state.ts';
import type { Layout } from '../../../core/layout/layout.ts';
import { toHex } from '../../../core/layout/regions.ts';
import type { Machine } from '../../../core/machine/machine.ts';
import type { Prng } from '../../../workloads/engine/prng.ts';
import type { Fact } from '../../../workloads/examples/example.ts';
import { pageAlloc } from '../../../workloads/examples/facts.ts';
import { drawUntil } from '../machine/draw.ts';
import { addressOf, Play, type Played } from '../machine/play.ts';
import { choicePart, hexPart, numberPart, table, text } from '../question/parts.ts';
import type { QuestionKind } from './kind.ts';

/** Objects: the pages that the question names, and above them those that have passed through the window. */
const NAMES = ['A', 'B', 'C', 'D', 'E'];
const PASSED = 100;
const PASSED_ORDER = 9;

type Call = { readonly kind: 'kmap' | 'kunmap'; readonly page: number };
type Made = Call & Played;

export const kmap: QuestionKind = {
  name: 'kmap',
  title: 'Slots of the kmap window',
  source: 'Gorman ch. 9, High Memory Management; LDD3 ch. 15',
  usual: [
    { layout: 'linux-3g1g', ramBytes: 2n * GIB },
    { layout: 'linux-3g1g-pae', ramBytes: 4n * GIB },
    { layout: '3g1g', ramBytes: 2n * GIB },
  ],
  unfit: ({ pkmap, zones }) =>
    pkmap === undefined || !zones.some(({ name, presentPages }) => name === 'HighMem' && presentPages > 0)
      ? 'it has no high memory, and so no use for kmap()'
      : undefined,
  ask(ground, random) {
    const { layout } = ground;
    const play = new Play(ground);
    const inUse = passThrough(play, layout.pkmap!.slots, random);
    const last = play.machine.vars[KMAP_VAR.lastKmap]!;
    play.given(...NAMES.map((_, page) => pageAlloc(page, 0, GFP_HIGHUSER)));
    const calls = callsThatWrap(play, random);
    const mapped = calls.flatMap((call, i) => (call.kind === 'kmap' ? [{ ...call, number: i + 1 }] : []));
    const flush = calls.findIndex(flushes) + 1;
    const numbers = [...calls.map((_, i) => String(i + 1)), 'none'];
    const first = mapped[0]!;
    return {
      given: [
        text(windowText(layout, last, inUse)),
        table(
          ['call', 'what is called'],
          calls.map(({ kind, page }, i) => [String(i + 1), `${kind}(${NAMES[page]})`]),
        ),
      ],
      parts: [
        ...mapped.map(({ number, page, ...made }) =>
          numberPart(
            `slot-${number}`,
            `the slot that call ${number}, kmap(${NAMES[page]}), gives`,
            slotOf(made),
            slotWhy({ page, ...made }),
          ),
        ),
        hexPart(
          'address',
          `the address that call ${first.number} returns`,
          addressOf(first).address,
          'the window plus a page for each slot',
        ),
        choicePart(
          'flush',
          'the call in which the kernel flushes slots and TLB',
          numbers,
          flush === 0 ? 'none' : String(flush),
          'the search began anew at slot 0',
        ),
      ],
      hint: 'the search goes on behind the slot that was given last, and takes the first one that is not mapped',
      steps: calls.map((call, i) => `${i + 1}: ${stepOf(call)}`),
    };
  },
};

/** Maps pages until few slots are left before the end, unmaps all but some, and says in which slots those are. */
function passThrough(play: Play, slots: number, random: Prng): number[] {
  const passed = slots - random.range(3, 4);
  const size = 2 ** PASSED_ORDER;
  for (let i = 0; i < passed / size; i++) play.given(pageAlloc(PASSED + i, PASSED_ORDER, GFP_HIGHUSER));
  const call = (kind: Call['kind'], i: number): Fact => ({
    kind,
    object: PASSED + Math.floor(i / size),
    page: i % size,
  });
  const all = Array.from({ length: passed }, (_, i) => i);
  play.given(...all.map((i) => call('kmap', i)));
  const kept = all.slice(0, 5).filter(() => random.chance(2, 5));
  play.given(...all.filter((i) => !kept.includes(i)).map((i) => call('kunmap', i)));
  return kept.map((i) => i + 1);
}

const NR_CALLS = 7;

/** A sequence in which the search wraps, and a page gets the slot that it had. */
function callsThatWrap(play: Play, random: Prng): Made[] {
  const start = play.machine;
  const draw = (): Made[] => {
    play.machine = start;
    return someCalls(play, random);
  };
  return drawUntil(draw, (calls) => calls.some(flushes) && calls.some(isAgain));
}

function someCalls(play: Play, random: Prng): Made[] {
  const users = NAMES.map(() => 0);
  return Array.from({ length: NR_CALLS }, () => {
    const page = random.below(NAMES.length);
    const kind = users[page]! > 0 && random.chance(2, 3) ? 'kunmap' : 'kmap';
    users[page]! += kind === 'kmap' ? 1 : -1;
    return { kind, page, ...play.do({ kind, object: page, page: 0 }) };
  });
}

/** The slot that a kmap() gave. */
function slotOf(made: Played): number {
  const { pkmap, pageShift } = made.before.platform.layout;
  return Number((addressOf(made).address - pkmap!.base) >> BigInt(pageShift));
}

/** The page had that slot before. */
function isAgain(made: Made): boolean {
  return made.kind === 'kmap' && made.before.kmapSlots.get(slotOf(made), KMAP.count) > 0;
}

/** Slots that were mapped, and used by nobody, are not mapped any more. */
function flushes(made: Made): boolean {
  const isNew = made.kind === 'kmap' && !isAgain(made);
  return isNew && unusedSlots(made.before) > 0 && unusedSlots(made.folded.machine) === 0;
}

function unusedSlots({ kmapSlots, platform }: Machine): number {
  let unused = 0;
  for (let slot = 0; slot < platform.layout.pkmap!.slots; slot++)
    if (kmapSlots.get(slot, KMAP.count) === 1) unused++;
  return unused;
}

function windowText(layout: Layout, last: number, inUse: readonly number[]): string {
  const { base, slots } = layout.pkmap!;
  const used =
    inUse.length === 0
      ? 'none of them is'
      : `of them ${inUse.join(', ')} ${inUse.length === 1 ? 'is' : 'are'}`;
  return (
    `The window has ${slots} slots, 0 to ${slots - 1}, from ${toHex(layout, base)} on. Slots 1 to ${last} were given one ` +
    `after the other; ${used} still in use, the others were given back with kunmap(), and are mapped still. Pages A to E ` +
    'are of high memory and have no slot yet.'
  );
}

function slotWhy(made: Made): string {
  if (isAgain(made)) return 'the page has that slot still';
  return flushes(made)
    ? 'the search wrapped: unused slots were flushed, and the first free one is taken'
    : 'the next one that is free';
}

function stepOf(made: Made): string {
  const name = `${made.kind}(${NAMES[made.page]})`;
  if (made.kind === 'kunmap') return `${name}: the slot stays mapped; a user less`;
  return `${name}: slot ${slotOf(made)}, ${slotWhy(made)}`;
}
