/** The laws over streams that are mostly DMA: what is mapped stays whole, and goes without a trace. */
import { describe, expect, test } from 'vitest';
import { batchOfRows, cleanUp, forStreams, randomEvents } from '../../generators/random-events.ts';
import { DMA_KINDS } from '../../models/naive-dma.ts';
import { atDepth } from '../../support/depth.ts';
import { buddyinfo, drained, expectLaws, replay } from '../../support/laws.ts';
import { SMALL_MACHINES, starve } from '../../support/rows.ts';

const MACHINES = SMALL_MACHINES.flatMap(({ name, boot }) => [
  { name, machine: boot() },
  { name: `${name}, all but 100 pages taken`, machine: starve(boot(), 100) },
]);

describe.each(MACHINES)('devices and their memory on $name', ({ machine }) => {
  const streams = randomEvents(800, DMA_KINDS);

  test('the same events give the same bits in any batches, by machines that are whole and stay as they were', () => {
    forStreams(
      streams,
      atDepth({ quick: 1, full: 4 }),
      (rows) => void expectLaws(() => machine, [batchOfRows(rows)], 25),
    );
  });

  test('with everything unmapped the machine is what it was', () => {
    forStreams(streams, atDepth({ quick: 2, full: 8 }), (rows) => {
      const end = replay(machine, [batchOfRows(rows), batchOfRows(cleanUp(rows))], 4096).machine;
      expect(buddyinfo(drained(end))).toEqual(buddyinfo(drained(machine)));
      expect(end.iovaHoles.count).toBe(0);
      const { slots } = machine.platform.bouncePool!;
      const inUse = Array.from({ length: slots }, (_, slot) => end.bounceSlots.get(slot, 0)).filter(Boolean);
      expect(inUse).toEqual([]);
    });
  });
});
