/** A kernel's own trace against the simulated allocator: what was predicted of it, and how much of that came true. */
import {
  type KernelInput,
  type KernelReadOptions,
  type KernelRecordKind,
  readKernelRecords,
} from '../../../traces/index.ts';
import type { Phase } from '../model/accounting.ts';
import type { Moment } from '../model/moment.ts';
import { Observer } from '../observe/observer.ts';
import { type Disagreement, PFN_RULES, type RuleName, type RuleScore } from '../score/rules.ts';

/** When a verification agrees, and how much it tells. */
export interface VerifyOptions extends KernelReadOptions {
  /**
   * Percent of the predictions of each rule that must be right; default 95. How many may be wrong is rounded up, unless
   * there are less than 5.
   */
  readonly atLeastPercent?: number;
  /** How many disagreements of each rule to explain; default 3. */
  readonly first?: number;
}

/** Plain data. */
export interface KernelVerification {
  readonly trace: string;
  readonly dialect: string;
  /** Lines by kind; those that are no page events are passed over. */
  readonly lines: Readonly<Record<string, number>>;
  /** Moments of the snapshot that the trace has markers of, in their order; and those that it has none of. */
  readonly moments: readonly string[];
  readonly momentsWithoutMarkers: readonly string[];
  readonly rules: Partial<Readonly<Record<RuleName, RuleScore>>>;
  /** Moment by moment: changes of free pages, pages on per-cpu lists. */
  readonly phases: readonly Phase[];
  /** Pages that left per-cpu lists with no event that says so. */
  readonly untracedPages: number;
  readonly atLeastPercent: number;
  /**
   * Kinds of events that every trace of a whole machine has, and this one has not: it was recorded of some tasks or some
   * events only, so that the lists are not what they seem.
   */
  readonly missing: readonly string[];
  /** Rules that are below that. */
  readonly failed: readonly RuleName[];
  /** The first of each rule. */
  readonly disagreements: readonly Disagreement[];
  /** Some PFNs were predicted, and no rule failed. */
  readonly agrees: boolean;
}

/** Reads the whole trace. Without moments the zones are taken to be those of x86-64. Throws ImportError with the line. */
export async function verifyKernelTrace(
  input: KernelInput,
  moments: readonly Moment[],
  { atLeastPercent = 95, first = 3, onBlock }: VerifyOptions = {},
): Promise<KernelVerification> {
  const observer = new Observer(moments, first);
  const { dialect } = await readKernelRecords(
    input,
    (record) => observer.observe(record),
    onBlock && { onBlock },
  );
  observer.finish();
  const rules = observer.scores.result();
  const missing = missingKinds(observer.lines);
  const failed = failedRules(rules, atLeastPercent);
  return {
    trace: input.name,
    dialect,
    lines: observer.lines,
    moments: observer.read,
    momentsWithoutMarkers: moments
      .map(({ label }) => label)
      .filter((label) => !observer.read.includes(label)),
    rules,
    phases: observer.phases,
    untracedPages: observer.untracedPages,
    atLeastPercent,
    missing,
    failed,
    disagreements: observer.scores.disagreements,
    agrees: failed.length === 0 && PFN_RULES.some((rule) => (rules[rule]?.made ?? 0) > 0),
  };
}

/** Whoever exits frees pages in batches. */
const EVERYWHERE: readonly KernelRecordKind[] = ['mm_page_alloc', 'mm_page_free', 'mm_page_free_batched'];
/** So many pages are freed, and none in a batch, on no machine. */
const ENOUGH_EVENTS = 100;

function missingKinds(lines: Observer['lines']): KernelRecordKind[] {
  const most = Math.max(...EVERYWHERE.map((kind) => lines[kind] ?? 0));
  return most < ENOUGH_EVENTS ? [] : EVERYWHERE.filter((kind) => lines[kind] === undefined);
}

/** Of fewer predictions than these, none may be wrong unless the percentage says so. */
const FEW = 5;

function failedRules(rules: KernelVerification['rules'], atLeastPercent: number): RuleName[] {
  const names = Object.keys(rules) as RuleName[];
  return names.filter((name) => {
    const { made, right } = rules[name]!;
    const mayBeWrong = (made * (100 - atLeastPercent)) / 100;
    return made - right > (made < FEW ? Math.floor(mayBeWrong) : Math.ceil(mayBeWrong));
  });
}
