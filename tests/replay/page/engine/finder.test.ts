/** Searches of the page, against looking at every event of every lane. */
import { beforeAll, describe, expect, it, test } from 'vitest';
import { batchOf, buildLayout, fold, GFP_KERNEL, type Machine } from '../../../../core/index.ts';
import { blockOf, FRAME, USE_FREE, USE_PCP } from '../../../../core/phys/frames.ts';
import {
  describeEvent,
  eventsOf,
  newLane,
  nodeFiles,
  rebatch,
  stepLane,
  workload,
} from '../../../../replay/index.ts';
import type { Sought } from '../../../../replay/page/engine/finder.ts';
import { linkedOf } from '../../../../replay/page/models/linked.ts';
import { lanesOf, parseRunSpec, sourceOf } from '../../../../replay/spec/index.ts';
import { TIMELINE_FIGURES } from '../../../../replay/timeline/figures.ts';
import { MemorySink, TraceWriter } from '../../../../traces/index.ts';
import { atDepth } from '../../../support/depth.ts';
import { driversRun, type OpenPage, openPage } from './opened.ts';

const EVENTS = 6_000;
/** A window so small that requests fail early. */
const RUN = driversRun(EVENTS, 'linux-3g1g', 'linux-2g2g');

let page: OpenPage;
/** By lane: the machine that each event meets, and the last one. */
let machines: Machine[][];
let failed: boolean[][];

beforeAll(async () => {
  page = await openPage(RUN);
  await page.passed();
  const spec = parseRunSpec(RUN.spec, 'run');
  const prepared = await lanesOf(spec, nodeFiles, await sourceOf(spec, nodeFiles));
  const walks = prepared.map(({ layout, options }) => {
    let lane = newLane(layout, options);
    const met = [lane.machine];
    const hasFailed: boolean[] = [];
    for (const batch of rebatch(workload('drivers').generate(1, {}, EVENTS), 1)) {
      const step = stepLane(lane, batch);
      lane = step.lane;
      met.push(lane.machine);
      hasFailed.push(step.outcomes.status[0] !== 0);
    }
    return { met, hasFailed };
  });
  machines = walks.map(({ met }) => met);
  failed = walks.map(({ hasFailed }) => hasFailed);
});

const find = (sought: Sought, from: number, direction: 1 | -1) =>
  page.session.find({ sought, from, direction });

/** The event that fits next to `from`, by asking each. */
function nearest(from: number, direction: 1 | -1, fits: (event: number) => boolean): number | undefined {
  for (let event = from + direction; event >= 0 && event < EVENTS; event += direction)
    if (fits(event)) return event;
  return undefined;
}

const FROM = atDepth({ quick: [4_095], full: [0, 1, 4_095, 5_000, EVENTS - 1, EVENTS] });

describe.each([1, -1] as const)('in direction %i', (direction) => {
  it.each(FROM)('failures, from %i', async (from) => {
    const expected = nearest(from, direction, (event) => failed.some((lane) => lane[event]));
    expect((await find({ what: 'failure' }, from, direction)).event).toBe(expected);
    const second = nearest(from, direction, (event) => failed[1]![event]!);
    expect((await find({ what: 'failure', lane: 1 }, from, direction)).event).toBe(second);
  });

  it.each(FROM)('events of an object, and by their text, from %i', async (from) => {
    const events = [...workload('drivers').generate(1, {}, EVENTS)].flatMap((batch) => [...eventsOf(batch)]);
    const names = (event: number) => 'object' in events[event]! && events[event]!.object === 12;
    const text = (event: number) => describeEvent(events[event]!).includes('vmalloc');
    for (const [filter, fits] of [
      [{ selection: { objects: [12] } }, names],
      [{ text: 'VMALLOC' }, text],
    ] as const) {
      const onwards = async (at: number) => (await find({ what: 'events', filter }, at, direction)).event;
      const found = nearest(from, direction, fits);
      expect(await onwards(from)).toBe(found);
      // What fits is not found again from where it is.
      if (found !== undefined) expect(await onwards(found)).toBe(nearest(found, direction, fits));
    }
  });

  it.each(FROM)('changes of a frame, from %i', async (from) => {
    for (const pfn of busyFrames())
      expect((await find({ what: 'frame', lane: 0, pfn }, from, direction)).event).toBe(
        nearest(
          from,
          direction,
          (event) => stateOf(machines[0]![event]!, pfn) !== stateOf(machines[0]![event + 1]!, pfn),
        ),
      );
  });
});

test('all that fit a filter, from an event on, as many as are wanted', async () => {
  const events = [...workload('drivers').generate(1, {}, EVENTS)].flatMap((batch) => [...eventsOf(batch)]);
  const fits = (event: number) =>
    events[event]!.kind === 'vmalloc' && describeEvent(events[event]!).includes('MiB');
  const all = events.map((_, event) => event).filter((event) => event >= 100 && fits(event));
  const filter = { selection: { kinds: ['vmalloc'] }, text: 'mib' } as const;
  const most = all.length - 1;
  expect(all.length).toBeGreaterThan(2);
  expect(await page.session.matches({ filter, from: 100, most: 1e6 })).toEqual(all);
  expect(await page.session.matches({ filter, from: 100, most })).toEqual(all.slice(0, most));
  const anyFailed = events.map((_, event) => event).filter((event) => failed.some((lane) => lane[event]));
  expect(await page.session.matches({ filter: { outcome: 'failure' }, from: 0, most: 1e6 })).toEqual(
    anyFailed,
  );
});

/** Some that are taken and given back. */
function busyFrames(): number[] {
  const [first, last] = [machines[0]![0]!, machines[0]![EVENTS]!];
  const { spannedPages, startPfn } = first.platform.zones[1]!;
  const changed: number[] = [];
  for (let pfn = startPfn; pfn < startPfn + spannedPages && changed.length < 3; pfn += 5)
    if (stateOf(first, pfn) !== stateOf(last, pfn)) changed.push(pfn);
  expect(changed).toHaveLength(3);
  return changed;
}

function stateOf({ frames }: Machine, pfn: number): string {
  const block = blockOf(frames, pfn);
  const use = frames.get(block, FRAME.use);
  return use === USE_FREE || use === USE_PCP
    ? 'free'
    : `${use} ${frames.get(block, FRAME.owner)} ${frames.get(block, FRAME.order)} ${frames.get(block, FRAME.refs)}`;
}

test.each(TIMELINE_FIGURES.map(({ name }) => name))('where lanes part in %s', async (figure) => {
  const { of } = TIMELINE_FIGURES.find(({ name }) => name === figure)!;
  const apart = machines[0]!.findIndex((machine, event) => of(machine) !== of(machines[1]![event]!));
  const { event } = await find({ what: 'parting', figure, lanes: [0, 1] }, 0, 1);
  if (apart <= 0) expect(event).toBe(apart < 0 ? undefined : 0);
  else {
    // An event that parts them: the first, unless they met again before the next sample.
    const differs = (at: number) => of(machines[0]![at]!) !== of(machines[1]![at]!);
    expect([differs(event!), differs(event! + 1)]).toEqual([false, true]);
    expect(event).toBeGreaterThanOrEqual(apart - 1);
  }
});

it('a search ends when another one begins', async () => {
  const first = find({ what: 'events', filter: { text: 'nothing of the kind' } }, 0, 1);
  const second = find({ what: 'failure' }, 0, 1);
  await expect(first).rejects.toThrow();
  await second;
});

test('a frame far inside a block is watched by the head of the block', async () => {
  const ORDER = 10;
  const step = { cpu: 0, thinkNs: 0 } as const;
  const alloc = (object: number) =>
    ({ ...step, kind: 'page_alloc', object, order: ORDER, gfp: GFP_KERNEL }) as const;
  const events = [alloc(1), alloc(2), { ...step, kind: 'page_free', object: 1 }] as const;
  const sink = new MemorySink();
  const origin = { tool: 'test', toolVersion: '', seed: 1, parameters: {} };
  const writer = await TraceWriter.create(sink, origin);
  await writer.write(batchOf(events));
  await writer.finish();
  const spec = {
    version: 1,
    events: { trace: 'a.vmt' },
    machine: { ram: '512M' },
    lanes: [{ layout: '3g1g' }],
  };
  const small = await openPage({ spec: JSON.stringify(spec), files: {}, trace: { bytes: sink.bytes() } });
  await small.passed();
  const { machine } = newLane(buildLayout('3g1g', { ramBytes: 2n ** 29n }));
  const full = fold(machine, batchOf(events.slice(0, 2))).machine;
  const places = [1, 2].map((object) => linkedOf(full, { kind: 'object', object }).frames[0]!);
  const watched = (pfn: number, from: number, direction: 1 | -1) =>
    small.session.find({ sought: { what: 'frame', lane: 0, pfn }, from, direction });
  const [first, second] = places.map(({ start }) => start + 2 ** ORDER - 1);
  expect(await watched(first!, -1, 1)).toEqual({ event: 0 });
  expect(await watched(first!, 0, 1)).toEqual({ event: 2 });
  expect(await watched(second!, 3, -1)).toEqual({ event: 1 });
});
