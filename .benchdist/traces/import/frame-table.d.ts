export declare class FrameTable {
    private readonly chunks;
    private chunk;
    private number;
    constructor();
    get(pfn: number): number;
    /** Sets the numbers of `count` frames. */
    fill(pfn: number, count: number, value: number): void;
    private chunkOf;
}
