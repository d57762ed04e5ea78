/** A kernel's own trace against the simulated allocator: what was predicted of it, and how much of that came true. */
import { type KernelInput, type KernelReadOptions } from '../../traces/index.ts';
import type { Phase } from './accounting.ts';
import type { Moment } from './moment.ts';
import { type Disagreement, type RuleName, type RuleScore } from './rules.ts';
export interface VerifyOptions extends KernelReadOptions {
    /** Percent of the predictions of each rule that must be right; default 95. */
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
    /** Changes of free pages from moment to moment. */
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
/** Reads the whole trace. Without moments the zones are taken to be those of x86-64. */
export declare function verifyKernelTrace(input: KernelInput, moments: readonly Moment[], { atLeastPercent, first, onBlock }?: VerifyOptions): Promise<KernelVerification>;
