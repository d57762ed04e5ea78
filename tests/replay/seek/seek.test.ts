/** Law 5: the machine reached by a keyframe and a partial replay equals the one reached from the start. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { batchOf } from '../../../core/event/batch.ts';
import { fold } from '../../../core/fold/fold.ts';
import { stateDigest } from '../../../core/machine/digest.ts';
import { latestNs } from '../../../replay/figures/figures.ts';
import { replay } from '../../../replay/run/pipeline.ts';
import { Keyframes } from '../../../replay/seek/keyframes.ts';
import { seek, seekEnd, seekTime } from '../../../replay/seek/seek.ts';
import { seekable } from '../../../replay/source/source.ts';
import { batchesOf, lane, randomEvents, traceOf } from '../support.ts';

const EVENTS = randomEvents(5, 2000);
const BOOT = lane('3g1g').machine;

/** Once for each event: several tests go to the same ones. */
function fromTheStart(event: number): string {
  const known = digests.get(event);
  if (known !== undefined) return known;
  const digest = stateDigest(event === 0 ? BOOT : fold(BOOT, batchOf(EVENTS.slice(0, event))).machine);
  digests.set(event, digest);
  return digest;
}
const digests = new Map<number, string>();

/** Keyframes as a replay leaves them behind. */
async function keyframesOfReplay(batchSize: number): Promise<Keyframes> {
  const keyframes = new Keyframes(BOOT, { intervalEvents: 300, capacity: 5 });
  await replay(batchesOf(EVENTS, batchSize), [lane('3g1g')], {
    sinks: [({ firstEvent, batch, steps }) => keyframes.offer(firstEvent + batch.count, steps[0]!.after)],
  });
  return keyframes;
}

describe('seek', () => {
  test('to any event, with keyframes at other places than the batches begin', async () => {
    const keyframes = await keyframesOfReplay(70);
    expect(keyframes.count).toBeGreaterThan(2);
    const source = seekable(batchesOf(EVENTS, 256));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: EVENTS.length }), async (event) => {
        expect(stateDigest(await seek(source, keyframes, event))).toBe(fromTheStart(event));
      }),
      { numRuns: 12, seed: 1 },
    );
  });

  test.each([0, 1, 255, 256, 257, 1999, 2000])('to event %i from the boot alone', async (event) => {
    const source = seekable(batchesOf(EVENTS, 256));
    const machine = await seek(source, new Keyframes(BOOT), event);
    expect(stateDigest(machine)).toBe(fromTheStart(event));
  });

  test('in a trace', async () => {
    const trace = await traceOf(async (writer) => {
      for (const batch of batchesOf(EVENTS, 500)) await writer.write(batch);
    });
    const keyframes = await keyframesOfReplay(400);
    for (const event of [399, 400, 1234])
      expect(stateDigest(await seek(trace, keyframes, event))).toBe(fromTheStart(event));
  });

  test('leaves keyframes behind, so that the next one is short', async () => {
    const keyframes = new Keyframes(BOOT, { intervalEvents: 512 });
    await seek(seekable(batchesOf(EVENTS, 256)), keyframes, 1500);
    expect(keyframes.nearest(1500).event).toBe(1024);
  });

  test.each([-1, 0.5, Number.NaN])('event %d is refused', async (event) => {
    await expect(seek(seekable([]), new Keyframes(BOOT), event)).rejects.toThrow(/expected a whole number/);
  });

  test('beyond the end it says how many events there are', async () => {
    const beyond = seek(seekable(batchesOf(EVENTS, 256)), new Keyframes(BOOT), 2001);
    await expect(beyond).rejects.toThrow(
      'found event number 2001, expected 0 to 2000: the trace has 2000 events',
    );
  });
});

describe('seek by time', () => {
  const source = seekable(batchesOf(EVENTS, 256));

  test('finds the last moment that is not past it, from the boot or from a keyframe', async () => {
    const keyframes = await keyframesOfReplay(70);
    for (const event of [0, 1, 255, 256, 257, 700, 1999]) {
      const ns = latestNs(await seek(source, keyframes, event));
      for (const known of [keyframes, new Keyframes(BOOT)]) {
        const found = await seekTime(source, known, ns);
        expect([latestNs(found.machine), found.event >= event]).toEqual([ns, true]);
        expect(stateDigest(found.machine)).toBe(fromTheStart(found.event));
        expect(latestNs(await seek(source, keyframes, found.event + 1))).toBeGreaterThan(ns);
      }
    }
  });

  test('finds the end, and tells when that is if asked for more', async () => {
    const end = await seekEnd(source, new Keyframes(BOOT));
    expect([end.event, stateDigest(end.machine)]).toEqual([2000, fromTheStart(2000)]);
    const endNs = latestNs(end.machine);
    expect((await seekTime(source, new Keyframes(BOOT), endNs)).event).toBe(2000);
    await expect(seekTime(source, new Keyframes(BOOT), endNs + 1)).rejects.toThrow(
      `found time ${endNs + 1} ns, expected 0 to ${endNs} ns, when the trace ends`,
    );
  });
});
