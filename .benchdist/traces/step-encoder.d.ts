/** Encodes a batch in steps: finds the lanes, shapes and steps that recur, then a token for every event. */
import type { Batch } from '../core/event/batch.ts';
import { type EncodedSteps } from './steps.ts';
export declare class StepEncoder {
    private readonly lanes;
    private readonly shapes;
    private readonly steps;
    private readonly lastA;
    private readonly stepOf;
    private readonly uses;
    private readonly tokenOf;
    private readonly tokens;
    private readonly deltas;
    /** Undefined when the events have too little in common. */
    encode(batch: Batch): EncodedSteps | undefined;
    /** Finds the step of every event and counts its uses; false when there are too many shapes. */
    private internEvents;
    /** Gives the most used steps, at most `room`, tokens of their own; all others get their shape's. */
    private keepRecurringSteps;
    /** The least number of uses (at least MIN_STEP_USES) that no more than `room` steps reach. */
    private usesToBeAmong;
    /** Finds the token of every event; returns the deltas of those whose token is a shape. */
    private tokenise;
    private tokenBytes;
}
