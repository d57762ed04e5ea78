/**
 * The events of a trace, batch by batch, with what the columns of a batch do not say: when each began, and which process
 * its cpu ran. With a lane also what became of them. Dumps, tables and timelines are made from this.
 */
import type { Batch } from '../../core/event/batch.ts';
import { EVENT_KINDS } from '../../core/event/kinds.ts';
import { eventTimes } from '../figures/event-times.ts';
import { type Lane, type LaneStep, stepLane } from '../lane/lane.ts';
import type { BatchSource } from '../source/source.ts';

/** Of a cpu that runs no process. */
export const NO_PROCESS = -1;

/** A batch, and by event of it what is known beside. */
export interface Pass {
  /** As it was recorded. */
  readonly batch: Batch;
  /** Number of the batch's first event. */
  readonly firstEvent: number;
  /**
   * When each event began, in nanoseconds on the clock of its cpu: simulated time with a lane, else the sum of the
   * times between events alone. Undefined when the events before were not read.
   */
  readonly startNs: Float64Array | undefined;
  /** Which process the cpu of each event ran just before it; NO_PROCESS: none. Undefined as above. */
  readonly processes: Float64Array | undefined;
  /** What the lane made of it. */
  readonly step: LaneStep | undefined;
}

const CPUS = 256;
const SWITCH = EVENT_KINDS.switch.code;
const EXIT = EVENT_KINDS.exit.code;

/** All passes from the first event on; with a lane, folded in it. The lane given stays as it is. */
export async function* passesOf(source: BatchSource, lane?: Lane): AsyncGenerator<Pass> {
  const running = new Float64Array(CPUS).fill(NO_PROCESS);
  const clocks = new Float64Array(CPUS);
  let firstEvent = 0;
  let last = lane;
  for await (const batch of source) {
    const step = last === undefined ? undefined : stepLane(last, batch);
    last = step?.lane;
    const startNs = step === undefined ? thinkTimes(clocks, batch) : eventTimes(step, step.batch).startNs;
    yield { batch, firstEvent, startNs, processes: processesOf(running, batch), step };
    firstEvent += batch.count;
  }
}

/** Passes from event number `from` on, when nothing is to be known of what was before. */
export async function* bareFrom(source: BatchSource, from: number): AsyncGenerator<Pass> {
  let firstEvent = from;
  for await (const batch of source) {
    yield { batch, firstEvent, startNs: undefined, processes: undefined, step: undefined };
    firstEvent += batch.count;
  }
}

/** Moves the clocks on by the times between events. */
function thinkTimes(clocks: Float64Array, { count, cpu, thinkNs }: Batch): Float64Array {
  const startNs = new Float64Array(count);
  for (let at = 0; at < count; at++) {
    const ns = clocks[cpu[at]!]! + thinkNs[at]!;
    clocks[cpu[at]!] = ns;
    startNs[at] = ns;
  }
  return startNs;
}

function processesOf(running: Float64Array, { count, cpu, kind, object }: Batch): Float64Array {
  const processes = new Float64Array(count);
  for (let at = 0; at < count; at++) {
    const on = cpu[at]!;
    processes[at] = running[on]!;
    if (kind[at] === SWITCH) running[on] = object[at]!;
    else if (kind[at] === EXIT) running[on] = NO_PROCESS;
  }
  return processes;
}
