/** Under which machines a trace is shown when nobody says: its own, where it tells of one; else those of the question. */
import { UsageError } from '../../../core/base/errors.ts';
import { initialStateOf, type Trace } from '../../../traces/index.ts';
import { usualLane } from '../../advise/index.ts';
import { newLane } from '../../lane/lane.ts';
import { cpusOf, type LaneSpec, lanesOf, type Recorded } from '../../spec/index.ts';
import { CLASSIC_LANES, CLASSIC_MACHINE } from './classic.ts';
import { filesOf } from './page-files.ts';

export interface UsualLanes {
  readonly lanes: readonly LaneSpec[];
  /** Why they are not the recorded machine. */
  readonly warnings: readonly string[];
}

export async function usualLanes(trace: Pick<Trace, 'file' | 'header' | 'notes'>): Promise<UsualLanes> {
  const lanes = CLASSIC_LANES.map((lane) => ({ ...lane, ...CLASSIC_MACHINE }));
  const recorded = { name: trace.file, cpus: cpusOf(trace), snapshot: initialStateOf(trace.header) };
  if (recorded.snapshot === undefined) return { lanes, warnings: [] };
  const own = usualLane(recorded);
  const problem = await problemWith(own, recorded);
  if (problem === undefined) return { lanes: [own], warnings: [] };
  return { lanes, warnings: [`not begun with the memory of the snapshot: ${problem}`] };
}

/** The layout is a guess: the memory that was recorded may be that of another one. */
async function problemWith(lane: LaneSpec, recorded: Recorded): Promise<string | undefined> {
  try {
    const [prepared] = await lanesOf({ machine: {}, lanes: [lane] }, filesOf({ files: {} }), recorded);
    newLane(prepared!.layout, prepared!.options);
    return undefined;
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
}
