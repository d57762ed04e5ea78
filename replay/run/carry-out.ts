/** A run specification carried out: its files opened, its machines booted, its events replayed. */
import type { Lost } from '../../traces/index.ts';
import { newLane } from '../lane/lane.ts';
import { lanesOf, type RunFiles, type RunSpec, sourceOf } from '../spec/index.ts';
import { type ReplayOptions, replay } from './pipeline.ts';
import type { ReplayResult } from './result.ts';

/** Plain data. Of two runs of the same specification only the wall times differ, wherever they ran. */
export interface RunResult extends ReplayResult {
  /** The events by name. */
  readonly trace: string;
  /** What the trace lacks; null: nothing. */
  readonly lost: Lost | null;
}

/** Fails as `sourceOf`, `lanesOf` and `replay` do. */
export async function carryOut(
  run: RunSpec,
  files: RunFiles,
  options: Pick<ReplayOptions, 'signal' | 'onProgress'> = {},
): Promise<RunResult> {
  const { batchSize, firstDifferences } = run;
  const events = await sourceOf(run, files, { reuseColumns: true });
  try {
    const lanes = (await lanesOf(run, files, events)).map(({ name, layout, options }) =>
      newLane(layout, { ...options, name }),
    );
    const result = await replay(events.batches, lanes, {
      ...options,
      ...(batchSize !== undefined && { batchSize }),
      ...(firstDifferences !== undefined && { firstDifferences }),
    });
    const lost = events.lost() ?? null;
    return { trace: events.name, ...result, complete: result.complete && lost === null, lost };
  } finally {
    await events.close();
  }
}
