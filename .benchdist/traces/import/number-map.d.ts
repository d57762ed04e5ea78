export declare class NumberMap {
    /** 0 in `values` marks a free slot. */
    private keys;
    private values;
    private count;
    /** 0 when there is no such key. */
    get(key: number): number;
    /** @param value 1 to 2^32 - 1 */
    set(key: number, value: number): void;
    delete(key: number): void;
    /** Where the key is, or would be put. */
    private slotOf;
    private grow;
}
