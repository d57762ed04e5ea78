/**
 * One row, measured by tinybench. Beside the wall time it takes the CPU time of each call: on a machine with other
 * work to do, that one says more. CPU time is that of the whole process, so it includes the garbage collector's and
 * the compiler's threads, and may exceed the wall time.
 */
import { Bench, type FnOptions } from 'tinybench';
import { assert } from '../../core/base/errors.ts';
import type { Prepared } from '../suites/suite.ts';

interface Measurement {
  readonly eventsPerSecond: number;
  /** Mean of the samples. */
  readonly nsPerEvent: number;
  readonly cpuNsPerEvent: number;
  /** Relative margin of error of the mean at 95 % confidence, in percent. */
  readonly rme: number;
  /** Calls that were measured. */
  readonly samples: number;
  /** Where the row is about a format. */
  readonly bytesPerEvent?: number;
  readonly megabytesPerSecond?: number;
}

export interface Result extends Measurement {
  readonly suite: string;
  readonly name: string;
  /** What an event is in this suite. */
  readonly unit: string;
}

/**
 * How often at least: a call may take longer than the whole time asked for, and a spread takes some of them. One turn of
 * many (limit/rounds.ts) is as long as asked for, and warm from those before.
 */
const EXTENTS = {
  'with a spread': (timeMs: number) => ({ iterations: 5, warmupTime: timeMs, warmupIterations: 2 }),
  'one turn': () => ({ iterations: 1, warmup: false }),
} as const;

export async function measure(
  prepared: Prepared,
  timeMs: number,
  extent: keyof typeof EXTENTS = 'with a spread',
): Promise<Measurement> {
  const { events, bytes, isAsync = false } = prepared;
  const bench = new Bench({ time: timeMs, throws: true, ...EXTENTS[extent](timeMs) });
  const meter = new CpuMeter();
  bench.add('row', prepared.run, { async: isAsync, ...meter.hooks(prepared.beforeEach) });
  const [task] = await bench.run();
  const { result } = task!;
  assert(result.state === 'completed', `a benchmark is ${result.state}`);
  const { mean, rme, samplesCount: samples } = result.latency;
  const eventsPerSecond = (1000 * events) / mean;
  return {
    eventsPerSecond,
    nsPerEvent: (mean * 1e6) / events,
    cpuNsPerEvent: (meter.spentUs * 1000) / (samples * events),
    rme,
    samples,
    ...(bytes !== undefined && {
      bytesPerEvent: bytes / events,
      megabytesPerSecond: ((bytes / events) * eventsPerSecond) / 1e6,
    }),
  };
}

/** CPU time of the measured calls; those of the warm-up do not count. */
class CpuMeter {
  spentUs = 0;
  private start = process.cpuUsage();

  hooks(prepare?: () => void): Pick<FnOptions, 'beforeEach' | 'afterEach'> {
    return {
      beforeEach: () => {
        prepare?.();
        this.start = process.cpuUsage();
      },
      afterEach: (mode) => {
        const { user, system } = process.cpuUsage(this.start);
        if (mode === 'run') this.spentUs += user + system;
      },
    };
  }
}
