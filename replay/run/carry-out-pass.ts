/** Runs that differ in their TLBs alone, carried out in one replay (core/access/family). */
import { type Kin, TlbFamily } from '../../core/access/family/family.ts';
import type { Outcomes } from '../../core/outcome/outcome.ts';
import { type MmuGeometry, mmuGeometry } from '../../core/paging/geometry.ts';
import { ReferenceLog } from '../../core/tlb/reference-log.ts';
import { type Lane, newLane, stepLane } from '../lane/lane.ts';
import { breathing, type Clock } from '../source/source.ts';
import { lanesOf, type PreparedLane, type RunFiles, type RunSpec, sourceOf } from '../spec/index.ts';
import { carryOut, type RunResult } from './carry-out.ts';
import type { ReplayOptions } from './pipeline.ts';
import { layoutResult } from './result.ts';

type PassOptions = Pick<ReplayOptions, 'signal' | 'onProgress' | 'clock'>;

/**
 * The results of the runs, each as `carryOut` has it, wall times apart: they are a share of the pass. Undefined: with its
 * TLBs the machine takes another course than with those of the first run, and it has to be carried out by itself.
 * @param runs of one machine each, equal but for the settings of their MMUs, those of COMMON_OPTIONS among them equal too
 * Fails as `carryOut` does.
 */
export async function carryOutPass(
  runs: readonly RunSpec[],
  files: RunFiles,
  options: PassOptions = {},
): Promise<(RunResult | undefined)[]> {
  const [first, ...others] = runs;
  if (others.length === 0) return [await carryOut(first!, files, options)];
  const events = await sourceOf(first!, files, { reuseColumns: true });
  try {
    const prepared: PreparedLane[] = [];
    for (const run of runs) prepared.push(...(await lanesOf(run, files, events)));
    const passed = await pass(prepared, breathing(events.batches, wallClock(options)), options);
    const lost = events.lost() ?? null;
    const { lanes, elapsedMs, complete } = passed;
    return lanes.map((lane) => {
      if (lane === undefined) return undefined;
      const share = elapsedMs / runs.length;
      return {
        trace: events.name,
        events: lane.events,
        complete: complete && lost === null,
        elapsedMs: share,
        layouts: [layoutResult(lane, share === 0 ? 0 : Math.round((1000 * lane.events) / share))],
        lost,
      };
    });
  } finally {
    await events.close();
  }
}

function wallClock({ signal }: PassOptions): Clock | undefined {
  return signal && (() => performance.now());
}

interface Passed {
  /** Each as if it had been replayed. */
  readonly lanes: readonly (Lane | undefined)[];
  readonly elapsedMs: number;
  readonly complete: boolean;
}

async function pass(
  prepared: readonly PreparedLane[],
  batches: ReturnType<typeof breathing>,
  { signal, onProgress, clock = () => performance.now() }: PassOptions,
): Promise<Passed> {
  const startMs = clock();
  const [{ name, layout, options }] = prepared as [PreparedLane];
  let lane = newLane(layout, { ...options, name });
  const makes = prepared.map((one): MmuGeometry => mmuGeometry(one.layout, one.options.mmu ?? {}));
  const family = TlbFamily.mayDiffer(lane.machine) ? undefined : new TlbFamily(lane.machine, makes);
  const log = new ReferenceLog();
  let spare: Outcomes | undefined;
  let complete = true;
  for await (const batch of batches) {
    log.clear();
    const step = stepLane(lane, batch, { spare, log });
    family?.add(log, step.outcomes, lane.events);
    lane = step.lane;
    spare = step.outcomes;
    onProgress?.({ events: lane.events, elapsedMs: clock() - startMs });
    complete = signal?.aborted !== true;
    if (!complete) break;
  }
  const kin = prepared.map((_, i) => family?.kin(i, lane.machine, lane.digest));
  const lanes = prepared.map((one, i) => (i === 0 ? lane : kindred(lane, one.name, kin[i])));
  return { lanes, elapsedMs: clock() - startMs, complete };
}

function kindred(lane: Lane, name: string, kin: Kin | undefined): Lane | undefined {
  return kin && { ...lane, ...kin, name };
}
