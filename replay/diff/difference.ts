/** One event that came out differently: in what, how to tell its sort, and the story of each lane. */
import { type Batch, eventAt, sliceBatch } from '../../core/event/batch.ts';
import type { KindName, MemoryEvent } from '../../core/event/kinds.ts';
import { fold } from '../../core/fold/fold.ts';
import { ADDRESS_SHIFT, FAULT_MASK, type Outcomes, TLB_MASK } from '../../core/outcome/outcome.ts';
import type { Step } from '../lane/lane.ts';
import { Rewind } from '../seek/rewind.ts';
import { describeEvent } from '../text/event-text.ts';
import { describeOutcome, type LaneOutcome } from '../text/outcome-text.ts';

/** In what an event may differ between lanes. */
export const CATEGORIES = ['status', 'addressType', 'fault'] as const;
/** One of CATEGORIES. */
export type Category = (typeof CATEGORIES)[number];

/** A sort of difference: same kind of event, same statuses, address types and faults in the lanes. */
export interface Difference {
  /** Number of the first such event. */
  readonly event: number;
  readonly kind: KindName;
  /** The event, in a line, and its fields. */
  readonly request: string;
  readonly fields: MemoryEvent;
  readonly category: Category;
  /** How many events differ in this way. */
  readonly count: number;
  /** How many of these failed where they were recorded. */
  readonly recordedAsFailed: number;
  /** By name of the lane. */
  readonly outcomes: Readonly<Record<string, LaneOutcome>>;
  /** What happened and why, by name of the lane, and all of it in a sentence. */
  readonly stories: Readonly<Record<string, string>>;
  readonly why: string;
}

/** What became of an event in one lane, and the story of it. */
export interface Told {
  readonly outcome: LaneOutcome;
  readonly story: string;
}

/** What one lane made of a batch, wherever its machine is. */
export interface Made {
  readonly outcomes: Pick<Outcomes, 'status' | 'flags'>;
  /** Of an event by its index; it must not go back. */
  tell(at: number): Told;
}

/** A batch and what every lane made of it. */
export interface Scene {
  readonly batch: Batch;
  /** Number of its first event. */
  readonly firstEvent: number;
  /** By lane. */
  readonly names: readonly string[];
  readonly made: readonly Made[];
  /** Of `made`. */
  readonly outcomes: readonly Made['outcomes'][];
}

/** What a step of this thread made of its batch. */
export function madeBy(step: Step): Made {
  let rewind: Rewind | undefined;
  return {
    outcomes: step.outcomes,
    tell(at) {
      rewind ??= new Rewind(step.before, step.batch);
      const before = rewind.to(at);
      const alone = sliceBatch(step.batch, at, at + 1);
      return describeOutcome(before, fold(before, alone), eventAt(alone, 0)!);
    },
  };
}

/** In what the outcomes of one event differ, the weightiest first; undefined when they agree. */
export function categoryOf(outcomes: readonly Made['outcomes'][], at: number): Category | undefined {
  const first = outcomes[0]!;
  let flagBits = 0;
  for (const { status, flags } of outcomes) {
    if (status[at] !== first.status[at]) return 'status';
    flagBits |= flags[at]! ^ first.flags[at]!;
  }
  if (flagBits >>> ADDRESS_SHIFT !== 0) return 'addressType';
  return (flagBits & FAULT_MASK) !== 0 ? 'fault' : undefined;
}

/** Equal for differences of one sort. */
export function sortOf({ batch, outcomes }: Scene, at: number): string {
  let sort = String.fromCharCode(batch.kind[at]!);
  for (const { status, flags } of outcomes) sort += String.fromCharCode(status[at]!, flags[at]! & ~TLB_MASK);
  return sort;
}

/** Each lane looks at what the event met; `at` must not go back. */
export function explainDifference(scene: Scene, at: number, category: Category): Difference {
  const { batch, firstEvent, made, names } = scene;
  const fields = eventAt(batch, at)!;
  const request = describeEvent(fields);
  const outcomes: Record<string, LaneOutcome> = {};
  const stories: Record<string, string> = {};
  made.forEach((one, lane) => {
    const { outcome, story } = one.tell(at);
    outcomes[names[lane]!] = outcome;
    stories[names[lane]!] = story;
  });
  const why = `${request}: ${names.map((name) => `${name}: ${stories[name]}`).join('; ')}`;
  const { kind } = fields;
  const event = firstEvent + at;
  return {
    event,
    kind,
    request,
    fields,
    category,
    count: 1,
    recordedAsFailed: 0,
    outcomes,
    stories,
    why,
  };
}
