import type { Result } from './measure.ts';
type Earlier = Pick<Result, 'suite' | 'name' | 'eventsPerSecond' | 'cpuNsPerEvent'>;
/** Ratios new/old of speed: above 1 is faster than before. */
export interface Comparison extends Result {
    readonly ratio?: number;
    /** The same by CPU time. */
    readonly cpuRatio?: number;
}
export declare function readEarlier(path: string): Promise<readonly Earlier[]>;
/** Rows that the earlier run lacks have no ratio. */
export declare function compared(results: readonly Result[], earlier: readonly Earlier[]): Comparison[];
export {};
