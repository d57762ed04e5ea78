/**
 * Numbers for things that come and go: 1, 2, 3, ... Those of the dead are given out again first, so that numbers
 * stay small: the machine's tables are indexed by them.
 */
export declare class IdPool {
    private readonly free;
    private highest;
    take(): number;
    give(id: number): void;
}
