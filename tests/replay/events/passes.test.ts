/** Passes: when each event began and which process its cpu ran, against a machine asked before every single event. */
import { beforeAll, describe, expect, it } from 'vitest';
import { type Batch, batchOf, eventsOf } from '../../../core/event/batch.ts';
import { fold } from '../../../core/fold/fold.ts';
import { CPU } from '../../../core/state/cpus.ts';
import { bareFrom, NO_PROCESS, type Pass, passesOf } from '../../../replay/events/passes.ts';
import { workload } from '../../../workloads/index.ts';
import { batchesOf, lane } from '../support.ts';

async function collect(passes: AsyncIterable<Pass>): Promise<Pass[]> {
  const all: Pass[] = [];
  for await (const pass of passes) all.push(pass);
  return all;
}

const columnOf = (passes: readonly Pass[], column: 'startNs' | 'processes'): number[] =>
  passes.flatMap((pass) => [...pass[column]!]);

/** Slow and obvious: one event at a time. */
function asked(batches: readonly Batch[]): { startNs: number; process: number }[] {
  let { machine } = lane('linux-3g1g');
  const found: { startNs: number; process: number }[] = [];
  for (const event of batches.flatMap((batch) => [...eventsOf(batch)])) {
    const pid = machine.cpus.get(event.cpu, CPU.pid);
    found.push({
      startNs: machine.cpus.get(event.cpu, CPU.clockNs) + event.thinkNs,
      process: machine.records.processes[pid] === undefined ? NO_PROCESS : pid,
    });
    machine = fold(machine, batchOf([event])).machine;
  }
  return found;
}

describe('passes', () => {
  const batches = [...workload('prefork').generate(1, {}, 2500, 700)];
  let expected: ReturnType<typeof asked>;
  beforeAll(() => {
    expected = asked(batches);
  });

  it('with a lane have simulated time and the process on the cpu', async () => {
    const passes = await collect(passesOf(batches, lane('linux-3g1g')));
    expect(columnOf(passes, 'startNs')).toEqual(expected.map(({ startNs }) => startNs));
    expect(columnOf(passes, 'processes')).toEqual(expected.map(({ process }) => process));
    expect(passes.map(({ firstEvent }) => firstEvent)).toEqual([0, 700, 1400, 2100]);
  });

  it('without one have the sums of the times between events, however they are cut', async () => {
    const events = batches.flatMap((batch) => [...eventsOf(batch)]);
    const clocks = new Map<number, number>();
    const sums = events.map(({ cpu, thinkNs }) => {
      clocks.set(cpu, (clocks.get(cpu) ?? 0) + thinkNs);
      return clocks.get(cpu);
    });
    for (const size of [1, 64, 4096]) {
      const passes = await collect(passesOf(batchesOf(events, size)));
      expect(columnOf(passes, 'startNs')).toEqual(sums);
      expect(columnOf(passes, 'processes')).toEqual(expected.map(({ process }) => process));
    }
  });

  it('from the middle on know neither', async () => {
    const [pass] = await collect(bareFrom([batches[1]!], 700));
    expect(pass).toEqual({
      batch: batches[1],
      firstEvent: 700,
      startNs: undefined,
      processes: undefined,
      step: undefined,
    });
  });
});
