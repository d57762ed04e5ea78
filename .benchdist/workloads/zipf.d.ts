import type { Prng } from './prng.ts';
export declare class Zipf {
    readonly size: number;
    /** Out of 2^32: column i yields i below the threshold, else alias[i]. */
    private readonly threshold;
    private readonly alias;
    constructor(size: number, theta: number);
    /** A rank in [0, size); 0 is the most popular. */
    rank(random: Prng): number;
    /** A rank at a fixed place of its own in [0, size): popular items are not neighbours (YCSB's "scrambled"). */
    scattered(random: Prng): number;
    /** Vose: pour the excess of columns above average into those below until every column is exactly full. */
    private fillColumns;
}
