/** The engine of the page says what the library says of the same moment, however one comes there. */
import { beforeAll, describe, expect, it } from 'vitest';
import {
  eventsOf,
  Keyframes,
  latestNs,
  layoutResult,
  MemorySink,
  memorySource,
  newLane,
  nodeFiles,
  replay,
  STATUSES,
  seek,
  seekable,
  stepLane,
  TraceWriter,
  workload,
} from '../../../../replay/index.ts';
import type { Moment, PassState } from '../../../../replay/page/engine/protocol.ts';
import type { Figures } from '../../../../replay/page/models/figures.ts';
import type { NextEvent } from '../../../../replay/page/models/next-event.ts';
import {
  lanesOf,
  openedTrace,
  type PreparedLane,
  parseRunSpec,
  sourceOf,
} from '../../../../replay/spec/index.ts';
import { driversRun, type OpenPage, openPage } from './opened.ts';

/** More than two batches. */
const EVENTS = 40_000;
/** With a window so small that a module soon does not find room: the first event that differs. */
const LANES = [{ layout: 'linux-3g1g', vmalloc: '16M' }, 'linux-2g2g'];
const FIRST = 3216;
const batches = () => workload('drivers').generate(1, {}, EVENTS);
const RUN = driversRun(EVENTS, ...LANES);
const lanes = () => prepared.map(({ name, layout, options }) => newLane(layout, { ...options, name }));

let prepared: PreparedLane[];
let page: OpenPage;
let end: PassState;
beforeAll(async () => {
  const spec = parseRunSpec(RUN.spec, 'run');
  prepared = await lanesOf(spec, nodeFiles, await sourceOf(spec, nodeFiles));
  page = await openPage(RUN);
  end = await page.passed();
});

const WANTED = {
  next: { model: 'nextEvent', params: undefined },
  figures: { model: 'figures', params: undefined },
} as const;

function answers({ answers: { next, figures } }: Moment) {
  return {
    next: (next as { result: NextEvent | null }).result,
    figures: (figures as { result: Figures }).result,
  };
}

describe('the first pass', () => {
  it('finds what a replay of the same lanes finds', async () => {
    const { differences } = await replay(batches(), lanes());
    expect(end.differences).toEqual(differences);
    expect(end.events).toBe(EVENTS);
    expect(end.verdict).toMatchObject({ kind: 'differ', event: differences!.first[0]!.event });
    expect(end.verdict.commands[0]).toBe(
      `vmsplit diff workload:drivers --events ${EVENTS} --layouts linux-3g1g:vmalloc=16M,linux-2g2g --ram 1G`,
    );
  });

  it('samples every lane from the boot to the end, with all failures and differences before', () => {
    const { events, failures, differences, timesNs, values } = end.timeline;
    expect([events[0], events.at(-1)]).toEqual([0, EVENTS]);
    expect(differences.at(-1)).toBe(end.differences!.total);
    expect(failures.at(-1)).toBeGreaterThan(0);
    expect(values).toHaveLength(LANES.length);
    expect(timesNs.every((times) => times.every((ns, i) => i === 0 || ns >= times[i - 1]!))).toBe(true);
  });

  it('goes on from where it was stopped, to the same end', async () => {
    const stopped = await openPage(RUN);
    stopped.session.resumePass();
    await new Promise((resolve) => setTimeout(resolve, 20));
    stopped.session.stopPass();
    const { verdict, differences } = await stopped.passed();
    expect({ verdict, differences }).toEqual({ verdict: end.verdict, differences: end.differences });
    expect(stopped.told.failures).toEqual([]);
  });
});

describe('a moment', () => {
  // Both ways, near and far, at a boundary of batches, the first and the last.
  const JOURNEY = [0, 20_000, 19_999, 20_001, 16_384, EVENTS - 1, 3, EVENTS, FIRST];

  it('is that of a seek, whatever the way there', async () => {
    const [lane] = lanes();
    for (const event of JOURNEY) {
      const moment = await page.moment({ event, wanted: WANTED });
      const machine = await seek(seekable(batches()), new Keyframes(lane!.machine), event);
      expect(moment).toMatchObject({ event, asked: event });
      expect(moment.timesNs[0]).toBe(latestNs(machine));
      expect(answers(moment).figures.lanes[0]!.counters.events).toBe(event);
    }
  });

  it('has the figures that a replay of the events before it reports', async () => {
    const moment = await page.moment({ event: FIRST, wanted: WANTED });
    const { layouts } = await replay(workload('drivers').generate(1, {}, FIRST), lanes());
    const told = answers(moment).figures.lanes;
    expect(told).toEqual(layouts.map((layout) => ({ ...layout, eventsPerSecond: 0 })));
  });

  it('tells what the next event comes to in each lane, and nothing at the end', async () => {
    const { event } = end.differences!.first[0]!;
    const { next } = answers(await page.moment({ event, wanted: WANTED }));
    expect(next!.lanes.map(({ outcome }) => outcome.status)).toEqual(['vmalloc-space', 'ok']);
    expect(next!.lanes.map(({ story }) => story)).toEqual(Object.values(end.differences!.first[0]!.stories));
    expect(next!.lanes[1]!.changes.join('\n')).toContain('frames');
    const last = await page.moment({ event: EVENTS, wanted: WANTED });
    expect(answers(last).next).toBeNull();
  });

  it('may be a near one while somebody drags, and says which', async () => {
    const moment = await page.moment({ event: 30_001, wanted: {}, rough: true });
    expect(moment.asked).toBe(30_001);
    expect(moment.event).toBeLessThanOrEqual(30_001);
  });

  it('that is overtaken is not told', async () => {
    const before = page.told.moments.length;
    page.session.go({ event: 39_000, wanted: {} });
    const moment = await page.moment({ event: 20_000, wanted: {} });
    expect(moment.event).toBe(20_000);
    await page.moment({ event: 5, wanted: {} });
    expect(page.told.moments.slice(before).map(({ asked }) => asked)).toEqual([20_000, 5]);
  });

  it('that cannot be had in one view is had in the others', async () => {
    const { answers: got } = await page.moment({
      event: 5,
      wanted: { ...WANTED, bad: { model: 'unknown' as 'figures', params: undefined } },
    });
    expect(got.bad).toHaveProperty('error');
    expect(got.figures).toHaveProperty('result');
  });
});

it('a recorded trace runs on as many cpus as it was made for', async () => {
  const sink = new MemorySink();
  const origin = { tool: 'test', toolVersion: '0', seed: 1, parameters: { options: { cpus: 4 } } };
  const writer = await TraceWriter.create(sink, origin);
  for (const batch of workload('netrx').generate(1, { cpus: 4 }, 5000)) await writer.write(batch);
  await writer.finish();
  const spec = { version: 1, events: { trace: 'a.vmt' }, lanes: [{ layout: 'linux-3g1g' }] };
  const recorded = await openPage({
    spec: JSON.stringify(spec),
    files: {},
    trace: { bytes: sink.bytes() },
  });
  const { timesNs } = await recorded.moment({ event: 5000, wanted: {} });
  const run = parseRunSpec(JSON.stringify(spec));
  const trace = () => openedTrace(memorySource(sink.bytes()));
  const events = await sourceOf(run, { trace });
  const [{ layout, options }] = (await lanesOf(run, nodeFiles, events)) as [PreparedLane];
  const { layouts } = await replay(events.batches, [newLane(layout, options)]);
  expect(timesNs).toEqual([layouts[0]!.simulatedNs]);
  expect(recorded.told.failures).toEqual([]);
});

describe('rows of events', () => {
  it('say what each lane made of them', async () => {
    const rows = await page.session.rows(Array.from({ length: 10 }, (_, i) => FIRST - 8 + i));
    const steps = lanes().map((start) => {
      let lane = start;
      const statuses: string[] = [];
      for (const batch of batches()) {
        const step = stepLane(lane, batch);
        lane = step.lane;
        statuses.push(...Array.from(step.outcomes.status, (code) => STATUSES[code]!.name));
      }
      return statuses;
    });
    const events = [...batches()].flatMap((batch) => [...eventsOf(batch)]);
    for (const { event, kind, cpu, outcomes } of rows) {
      expect({ kind, cpu }).toEqual({ kind: events[event]!.kind, cpu: events[event]!.cpu });
      expect(outcomes.map(({ status }) => status)).toEqual(steps.map((statuses) => statuses[event]));
    }
    expect(rows.map(({ event }) => event)).toEqual(Array.from({ length: 10 }, (_, i) => FIRST - 8 + i));
    expect(rows.filter(({ differs }) => differs).map(({ event }) => event)).toEqual([FIRST]);
  });

  it('that others are asked for in place of are not told', async () => {
    const early = page.session.rows([10, 11]);
    const late = page.session.rows([20]);
    await expect(early).rejects.toMatchObject({ name: 'Overtaken' });
    expect((await late).map(({ event }) => event)).toEqual([20]);
  });

  it('end with the trace', async () => {
    const last = [EVENTS - 2, EVENTS - 1, EVENTS, EVENTS + 1];
    expect((await page.session.rows(last)).map(({ event }) => event)).toEqual([EVENTS - 2, EVENTS - 1]);
    expect(await page.session.rows([])).toEqual([]);
  });
});

it('a run that cannot be is an error in words', async () => {
  const bad = {
    spec: JSON.stringify({ version: 1, events: { trace: 'a.vmt' }, machine: {}, lanes: [] }),
    files: {},
  };
  await expect(openPage(bad)).rejects.toThrow('lanes');
  await expect(openPage({ ...driversRun(1, 'linux-3g1g'), spec: 'no JSON' })).rejects.toThrow(
    'the run of this page',
  );
});

it('what a lane tells at the start is what it tells before any event', async () => {
  const moment = await page.moment({ event: 0, wanted: WANTED });
  expect(answers(moment).figures.lanes).toEqual(lanes().map((lane) => layoutResult(lane)));
});
