import { type EncodedSteps } from './steps.ts';
/** The columns of a decoded chunk; a number stands for a column that is constant. */
export interface DecodedSteps {
    readonly kind: Uint8Array | number;
    readonly cpu: Uint8Array | number;
    readonly object: Uint32Array;
    readonly a: Uint32Array;
    readonly b: Uint32Array;
    readonly c: Uint32Array;
}
export declare class StepDecoder {
    private readonly tokens;
    private readonly deltas;
    private readonly lastA;
    private readonly laneObject;
    private readonly laneC;
    private readonly stepShape;
    private readonly stepDelta;
    private readonly table;
    decode({ sizes, columns }: EncodedSteps, count: number): DecodedSteps;
    private flattenShapes;
    private flattenSteps;
    private readTokens;
    /** Column `a`: each event adds its delta to the last value of its lane. */
    private sumDeltas;
    /** Returns the number of deltas used. Checks the tokens on the way, which costs less than a loop of its own. */
    private sumDeltasInto;
    /**
     * Columns object, b and c, four events at a time: with a body this short, the loop itself is half the cost.
     * The columns are up to three longer than the batch, which is allowed, so that no event is left over.
     */
    private gatherWords;
    private gatherBytes;
}
