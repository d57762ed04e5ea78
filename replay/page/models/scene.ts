/** A moment as view models are given it: the machine of every lane, and the event that they meet next. */
import type { Batch } from '../../../core/event/batch.ts';
import type { ObjectNames } from '../../../traces/index.ts';
import type { Lane } from '../../lane/lane.ts';
import type { RunSpec } from '../../spec/index.ts';

/** What holds at every moment of a run. */
export interface Setting {
  readonly run: RunSpec;
  /** Who asked for which object, as far as the trace knows. */
  readonly names: ObjectNames;
}

export interface Scene extends Setting {
  /** Number of the event that the machines meet next. */
  readonly event: number;
  readonly lanes: readonly Lane[];
  /** That event alone; undefined at the end of the trace. */
  readonly next: Batch | undefined;
}
