/** What is predicted of a kernel's allocator, rule by rule, and how often that came true. */
import type { Here } from './here.ts';
/** By name: what the kernel is expected to do. */
export declare const RULES: {
    readonly 'pcp-lifo': 'an allocation takes the page that was freed last to its per-cpu list';
    readonly 'refill-when': 'a per-cpu list is refilled when it is empty, not before';
    readonly 'refill-size': 'a refill takes batch << k pages: k grows by one each time, and halves at every free';
    readonly 'refill-first': 'the first page of a refill is the one that is given';
    readonly 'refill-order': 'the others are given in the order in which they came';
    readonly 'drain-tail': 'pages go back from the tail of a per-cpu list, one list after the other';
    readonly 'drain-size': 'as many pages go back as were freed in a row, a batch at least';
    readonly buddy: 'the buddy allocator gives the first block of the smallest order, the low part of it when it is larger';
    readonly 'smallest-order': 'a block of unknown place that is broken up is of the smallest order that there is';
    readonly steal: 'a type without blocks takes the largest of another one';
    readonly direct: 'what the buddy allocator gave last is what an allocation without per-cpu list gets';
    readonly zone: 'pages come from the highest zone that the gfp mask allows, while it is above its low mark';
    readonly accounting: 'free pages of a zone: less what the buddy allocator gave, more what came back';
    readonly buddyinfo: 'free blocks of a zone and migrate type, by order';
    readonly 'pcp-count': 'pages on the lists of a cpu';
    readonly 'pcp-high': 'the high mark of the lists of a cpu';
};
export type RuleName = keyof typeof RULES;
/** Those that predict a PFN. */
export declare const PFN_RULES: readonly RuleName[];
export declare const RULE_NAMES: RuleName[];
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
export declare class Scores {
    /** The first ones of each rule. */
    readonly disagreements: Disagreement[];
    private readonly rules;
    private readonly most;
    /** `most`: how many disagreements of each rule are kept. */
    constructor(most: number);
    /** A prediction, and whether it came true. `reasons` is asked when it did not. */
    check(rule: RuleName, agrees: boolean, { line, event }: Here, reasons: () => Reasons): void;
    unpredictable(rule: RuleName, reason: string): void;
    /** Only rules that had anything to say. */
    result(): Partial<Record<RuleName, RuleScore>>;
}
export {};
