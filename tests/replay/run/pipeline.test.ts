/** The pipeline gives what a plain loop over the fold gives, however the events come and are cut. */
import { of, tap, timer } from 'rxjs';
import { describe, expect, test, vi } from 'vitest';
import { bootMachine } from '../../../core/boot/boot.ts';
import { type Batch, BatchBuilder, batchOf, eventsOf } from '../../../core/event/batch.ts';
import { GFP_KERNEL } from '../../../core/event/gfp.ts';
import { fold } from '../../../core/fold/fold.ts';
import { stateDigest } from '../../../core/machine/digest.ts';
import type { Machine } from '../../../core/machine/machine.ts';
import { OutcomeDigest } from '../../../core/outcome/outcome-digest.ts';
import { stepLane } from '../../../replay/lane/lane.ts';
import { replay, replayLanes, type Sink } from '../../../replay/run/pipeline.ts';
import type { ReplayResult } from '../../../replay/run/result.ts';
import { recut } from '../../../replay/source/source.ts';
import { workload } from '../../../workloads/index.ts';
import { atDepth } from '../../support/depth.ts';
import { batchesOf, event, lane, randomEvents, timeless, traceOf } from '../support.ts';

const EVENTS = randomEvents(7, 1500);
const LAYOUTS = ['3g1g', 'linux-2g2g', 'x86_64'] as const;
const lanes = () => LAYOUTS.map((name) => lane(name));
const together = await replay(batchesOf(EVENTS, 500), lanes());

function plainLoop(name: string, batches: Iterable<Batch>): { machine: Machine; digest: string } {
  let machine = bootMachine(lane(name).layout);
  let digest = new OutcomeDigest();
  for (const batch of batches) {
    const folded = fold(machine, batch);
    digest = digest.with(folded.outcomes);
    machine = folded.machine;
  }
  return { machine, digest: digest.toString() };
}

describe('replay', () => {
  test.each(LAYOUTS)('%s: the same as a plain loop', async (name) => {
    const batches = batchesOf(EVENTS, 500);
    const { result, lanes } = await replayLanes(batches, [lane(name)]);
    const plain = plainLoop(name, batches);
    expect(result.layouts[0]!.digest).toBe(plain.digest);
    expect(stateDigest(lanes[0]!.machine)).toBe(stateDigest(plain.machine));
  });

  test('lanes in lock step are as lanes alone', async () => {
    const alone = await Promise.all(LAYOUTS.map((name) => replay(batchesOf(EVENTS, 500), [lane(name)])));
    expect(timeless({ ...together, differences: undefined! })).toMatchObject({
      layouts: alone.map((result) => (timeless(result) as { layouts: unknown[] }).layouts[0]),
    });
  });

  const sizes = atDepth({ quick: [7, 65_536], full: [1, 7, 4096, 65_536] });
  test.each(sizes)('batches of %i events change nothing', async (batchSize) => {
    const cut = await replay(batchesOf(EVENTS, 500), lanes(), { batchSize });
    expect(timeless(cut)).toEqual(timeless(together));
  });

  test('cutting anew copies each event once, however small the batches that come are', async () => {
    const push = vi.spyOn(BatchBuilder.prototype, 'push');
    const cut: Batch[] = [];
    const source = batchesOf(EVENTS, 10);
    push.mockClear();
    for await (const batch of recut(source, 1000)) cut.push(batch);
    expect(push).toHaveBeenCalledTimes(EVENTS.length);
    push.mockRestore();
    expect(cut.map(({ count }) => count)).toEqual([1000, 500]);
    expect(cut.flatMap((batch) => [...eventsOf(batch)])).toEqual(EVENTS);
  });

  test('a recorded trace gives what the live workload gave', async () => {
    const live = workload('prefork').generate(3, {}, 5000, 512);
    let recorded: ReplayResult | undefined;
    const trace = await traceOf(async (writer) => {
      const recorder: Sink = ({ batch }) => writer.write(batch);
      recorded = await replay(live, lanes(), { sinks: [recorder] });
    });
    expect(trace.events).toBe(5000);
    const replayed = await replay(trace.batches(), lanes());
    expect(timeless(replayed)).toEqual(timeless(recorded!));
  });

  test('every cpu that an event can name has a clock', async () => {
    const last = { ...event('kmalloc', { object: 1, size: 64, gfp: GFP_KERNEL }), cpu: 255 };
    const { layouts } = await replay([batchOf([last])], [lane('x86_64')]);
    expect(layouts[0]!.cpuNs).toHaveLength(256);
    expect(layouts[0]!.simulatedNs).toBeGreaterThan(0);
  });

  test('an empty source is an empty replay', async () => {
    const { events, complete, layouts } = await replay([], [lane('3g1g')]);
    expect({ events, complete }).toEqual({ events: 0, complete: true });
    expect(layouts[0]).toMatchObject({ events: 0, failures: 0, simulatedNs: 0, allocations: {} });
  });

  test('a lane may be given by what it is made from', async () => {
    const { layout } = lane('3g1g');
    const named = await replay(batchesOf(EVENTS, 500), [{ layout, name: 'mine' }]);
    expect(named.layouts[0]).toMatchObject({ name: 'mine', digest: together.layouts[0]!.digest });
  });

  test('goes on where another has ended, and leaves the lanes that it was given', async () => {
    const batches = batchesOf(EVENTS, 500);
    const start = lanes();
    const half = await replayLanes(batches.slice(0, 1), start);
    const rest = await replayLanes(batches.slice(1), half.lanes);
    const { differences: _, ...whole } = together;
    expect(timeless(rest.result)).toMatchObject(timeless(whole) as object);
    expect([start, half.lanes].map(([first]) => first!.events)).toEqual([0, 500]);
  });

  test('the speed of a lane is that of this replay', async () => {
    let now = 0;
    const options = { clock: () => (now += 100) };
    const batches = batchesOf(EVENTS, 500);
    const { lanes: half } = await replayLanes(batches.slice(0, 1), [lane('3g1g')]);
    const { layouts } = await replay(batches.slice(1), half, options);
    expect(layouts[0]).toMatchObject({ events: 1500, eventsPerSecond: 5000 });
  });

  test('wall times come from the clock that was given', async () => {
    let now = 0;
    const clock = () => (now += 500);
    const { elapsedMs, layouts } = await replay(batchesOf(EVENTS, 1500), [lane('3g1g')], { clock });
    // Once at the start, twice around the only step, once at the end.
    expect(elapsedMs).toBe(1500);
    expect(layouts[0]!.eventsPerSecond).toBe(3000);
  });
});

describe('pace', () => {
  test('the source is not asked for more before the slowest sink is through', async () => {
    const log: string[] = [];
    function* source() {
      for (const [i, batch] of batchesOf(EVENTS.slice(0, 30), 10).entries()) {
        log.push(`read ${i}`);
        yield batch;
      }
    }
    const slow: Sink = async ({ firstEvent }) => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      log.push(`through ${firstEvent}`);
    };
    await replay(source(), [lane('3g1g')], { sinks: [slow] });
    expect(log).toEqual(['read 0', 'through 0', 'read 1', 'through 10', 'read 2', 'through 20']);
  });

  test('the slowest of several sinks holds the source, whatever they return', async () => {
    const log: string[] = [];
    function* source() {
      for (const [i, batch] of batchesOf(EVENTS.slice(0, 20), 10).entries()) {
        log.push(`read ${i}`);
        yield batch;
      }
    }
    const sinks: Sink[] = [
      ({ firstEvent }) => timer(4).pipe(tap(() => log.push(`observable of ${firstEvent}`))),
      ({ firstEvent }) => of('more', 'than', 'one').pipe(tap((word) => log.push(`${word} of ${firstEvent}`))),
      ({ firstEvent }) => log.push(`number of ${firstEvent}`),
      async ({ firstEvent }) => log.push(`promise of ${firstEvent}`),
    ];
    await replay(source(), [lane('3g1g')], { sinks });
    const ofBatch = (at: number) =>
      ['more', 'than', 'one', 'number', 'promise', 'observable'].map((w) => `${w} of ${at}`);
    expect(log).toEqual(['read 0', ...ofBatch(0), 'read 1', ...ofBatch(10)]);
  });

  test('progress after every batch', async () => {
    const seen: number[] = [];
    await replay(batchesOf(EVENTS, 500), [lane('3g1g')], {
      onProgress: ({ events }) => seen.push(events),
    });
    expect(seen).toEqual([500, 1000, 1500]);
  });
});

describe('ends', () => {
  const stopAfter = (count: number, stop: AbortController): Sink => {
    return ({ firstEvent, batch }) => {
      if (firstEvent + batch.count === count) stop.abort();
    };
  };

  test('the signal ends it after the batch at hand, and closes the source', async () => {
    const stop = new AbortController();
    let closed = false;
    function* source() {
      try {
        yield* batchesOf(EVENTS, 100);
      } finally {
        closed = true;
      }
    }
    const sinks = [stopAfter(500, stop)];
    const result = await replay(source(), lanes(), { signal: stop.signal, sinks });
    expect(result).toMatchObject({ events: 500, complete: false });
    const short = await replay(batchesOf(EVENTS.slice(0, 500), 100), lanes());
    expect(timeless({ ...result, complete: true })).toEqual(timeless(short));
    await new Promise((resolve) => setImmediate(resolve));
    expect(closed).toBe(true);
  });

  test('the signal lets a slow sink finish', async () => {
    const stop = new AbortController();
    let written = 0;
    const slow: Sink = async ({ batch }) => {
      stop.abort();
      await new Promise((resolve) => setTimeout(resolve, 2));
      written += batch.count;
    };
    const options = { signal: stop.signal, sinks: [slow] };
    const result = await replay(batchesOf(EVENTS, 100), lanes(), options);
    // The first slice, which is short so that a signal is heard.
    expect([result.events, result.complete, written]).toEqual([64, false, 64]);
  });

  test('a signal given before the start lets nothing through', async () => {
    const signal = AbortSignal.abort();
    const result = await replay(batchesOf(EVENTS, 100), [lane('3g1g')], { signal });
    expect(result).toMatchObject({ events: 0, complete: false });
  });

  test('a signal after the last batch breaks nothing off', async () => {
    const stop = new AbortController();
    const result = await replay(batchesOf(EVENTS, 500), [lane('3g1g')], { signal: stop.signal });
    stop.abort();
    expect(result.complete).toBe(true);
  });

  test('what goes wrong in the source or in a sink is what replay throws', async () => {
    function* broken() {
      yield* batchesOf(EVENTS.slice(0, 10), 10);
      throw new Error('disk on fire');
    }
    await expect(replay(broken(), [lane('3g1g')])).rejects.toThrow('disk on fire');
    const full: Sink = () => Promise.reject(new Error('disk full'));
    await expect(replay(batchesOf(EVENTS, 10), [lane('3g1g')], { sinks: [full] })).rejects.toThrow(
      'disk full',
    );
    const thrower: Sink = () => {
      throw new Error('no disk');
    };
    await expect(replay(batchesOf(EVENTS, 10), [lane('3g1g')], { sinks: [thrower] })).rejects.toThrow(
      'no disk',
    );
  });

  test.each([
    ['no lanes', () => [], /no layout/],
    ['two of a name', () => [lane('3g1g'), lane('3g1g')], /same name.*3g1g, 3g1g/],
  ])('%s', async (_, make, message) => {
    await expect(replay([], make())).rejects.toThrow(message);
  });

  test('lanes that stand at different events cannot be compared', async () => {
    const ahead = stepLane(lane('3g1g'), batchesOf(EVENTS, 10)[0]!).lane;
    await expect(replay([], [ahead, lane('x86_64')])).rejects.toThrow(/different events/);
  });

  test.each([0, 1.5, Number.NaN])('a batch size of %d is refused', async (batchSize) => {
    await expect(replay(batchesOf(EVENTS, 10), [lane('3g1g')], { batchSize })).rejects.toThrow(/batch size/);
  });
});
