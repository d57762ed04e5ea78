/**
 * When the events of a batch began and ended, by simulated time. Outcomes tell how long each took; when that was, the
 * clocks of the machine before and the times in between say: sums along the batch, one for each cpu.
 */
import { type Batch, sliceBatch } from '../../core/event/batch.ts';
import { fold } from '../../core/fold/fold.ts';
import type { Machine } from '../../core/machine/machine.ts';
import type { Outcomes } from '../../core/outcome/outcome.ts';
import { CPU } from '../../core/state/cpus.ts';

/** A batch that was folded. */
export interface Folding {
  readonly before: Machine;
  readonly after: Machine;
  readonly outcomes: Outcomes;
}

/** By event of the batch, in nanoseconds on the clock of its cpu. */
export interface EventTimes {
  /** When the cpu had done what it did since its previous event, and came to this one. */
  readonly startNs: Float64Array;
  readonly endNs: Float64Array;
}

/** The cpu of an event is a byte. */
const CPUS = 256;

/** Begins and ends of all events of a batch, given what a fold has made of it. */
export function eventTimes(folding: Folding, batch: Batch): EventTimes {
  const times = { startNs: new Float64Array(batch.count), endNs: new Float64Array(batch.count) };
  fillTimes(folding, batch, times);
  return times;
}

/**
 * An outcome holds 2^32 - 1 ns, that is 4.3 s. Clocks that come out otherwise than those of the machine tell that an
 * event took longer; then the batch is folded again, in halves, down to the event.
 */
function fillTimes(folding: Folding, batch: Batch, times: EventTimes): void {
  const { before, after } = folding;
  const clocks = Float64Array.from({ length: CPUS }, (_, cpu) => before.cpus.get(cpu, CPU.clockNs));
  sumUp(clocks, batch, folding.outcomes, times);
  if (clocks.every((ns, cpu) => ns === after.cpus.get(cpu, CPU.clockNs))) return;
  if (batch.count === 1) times.endNs[0] = after.cpus.get(batch.cpu[0]!, CPU.clockNs);
  else fillHalves(before, batch, times);
}

function fillHalves(before: Machine, batch: Batch, { startNs, endNs }: EventTimes): void {
  const half = batch.count >>> 1;
  let machine = before;
  for (const [from, to] of [
    [0, half],
    [half, batch.count],
  ] as const) {
    const part = sliceBatch(batch, from, to);
    const { machine: after, outcomes } = fold(machine, part);
    const times = { startNs: startNs.subarray(from, to), endNs: endNs.subarray(from, to) };
    fillTimes({ before: machine, after, outcomes }, part, times);
    machine = after;
  }
}

/** Moves the clocks on, event by event. */
function sumUp(
  clocks: Float64Array,
  { cpu, thinkNs, count }: Batch,
  { latencyNs }: Outcomes,
  { startNs, endNs }: EventTimes,
): void {
  for (let at = 0; at < count; at++) {
    const start = clocks[cpu[at]!]! + thinkNs[at]!;
    startNs[at] = start;
    endNs[at] = start + latencyNs[at]!;
    clocks[cpu[at]!] = endNs[at]!;
  }
}
