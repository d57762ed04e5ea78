/** What is predicted of a kernel's allocator, rule by rule, and how often that came true. */

import type { Here } from './here.ts';

/** By name: what the kernel is expected to do. */
export const RULES = {
  'pcp-lifo': 'an allocation takes the page that was freed last to its per-cpu list',
  'refill-when': 'a per-cpu list is refilled when it is empty, not before',
  'refill-size': 'a refill takes batch << k pages: k grows by one each time, and halves at every free',
  'refill-first': 'the first page of a refill is the one that is given',
  'refill-order': 'the others are given in the order in which they came',
  'drain-tail': 'pages go back from the tail of a per-cpu list, one list after the other',
  'drain-size': 'as many pages go back as were freed in a row, a batch at least; the last block whole',
  buddy:
    'the buddy allocator gives the first block of the smallest order, the low part of it when it is larger',
  'smallest-order': 'a block of unknown place that is broken up is of the smallest order that there is',
  steal: 'a type without blocks takes the largest of another one',
  direct: 'what the buddy allocator gave last is what an allocation without per-cpu list gets',
  zone: 'pages come from the highest zone that the gfp mask allows, while it is above its low mark',
  accounting: 'free pages of a zone: less what the buddy allocator gave, more what came back',
  buddyinfo: 'free blocks of a zone and migrate type, by order',
  'pcp-count': 'pages on the lists of a cpu',
  'pcp-high': 'the high mark of the lists of a cpu',
} as const;

export type RuleName = keyof typeof RULES;
/** Those that predict a PFN. */
export const PFN_RULES: readonly RuleName[] = [
  'pcp-lifo',
  'refill-first',
  'refill-order',
  'drain-tail',
  'buddy',
  'direct',
];
const RULE_NAMES = Object.keys(RULES) as RuleName[];

interface Reasons {
  readonly expected: string;
  /** Why that was expected. */
  readonly because: string;
  readonly found: string;
  /** What was known of that, if anything. */
  readonly known: string;
}

/** A prediction that did not come true. */
export interface Disagreement extends Reasons {
  readonly rule: RuleName;
  /** Of the trace. */
  readonly line: number;
  /** What happened there. */
  readonly event: string;
}

export interface RuleScore {
  readonly made: number;
  readonly right: number;
  /** By reason. */
  readonly unpredictable: Readonly<Record<string, number>>;
}

export class Scores {
  /** The first ones of each rule. */
  readonly disagreements: Disagreement[] = [];
  private readonly rules = new Map<RuleName, { made: number; right: number; reasons: Map<string, number> }>();
  private readonly most: number;

  /** `most`: how many disagreements of each rule are kept. */
  constructor(most: number) {
    this.most = most;
    for (const rule of RULE_NAMES) this.rules.set(rule, { made: 0, right: 0, reasons: new Map() });
  }

  /** A prediction, and whether it came true. `reasons` is asked when it did not. */
  check(rule: RuleName, agrees: boolean, { line, event }: Here, reasons: () => Reasons): void {
    const score = this.rules.get(rule)!;
    score.made++;
    if (agrees) score.right++;
    else if (score.made - score.right <= this.most)
      this.disagreements.push({ rule, line, event, ...reasons() });
  }

  unpredictable(rule: RuleName, reason: string): void {
    const { reasons } = this.rules.get(rule)!;
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }

  /** Only rules that had anything to say. */
  result(): Partial<Record<RuleName, RuleScore>> {
    const entries = [...this.rules]
      .filter(([, { made, reasons }]) => made > 0 || reasons.size > 0)
      .map(([rule, { made, right, reasons }]) => [
        rule,
        { made, right, unpredictable: Object.fromEntries(reasons) },
      ]);
    return Object.fromEntries(entries) as Partial<Record<RuleName, RuleScore>>;
  }
}
