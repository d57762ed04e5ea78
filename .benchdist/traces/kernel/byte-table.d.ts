export declare class ByteTable<V> {
    private readonly make;
    private slots;
    private count;
    /** @param make makes the value of a text that is seen for the first time; what it throws comes out of `get` */
    constructor(make: (text: string) => V);
    /** The value of bytes[start, end). */
    get(bytes: Uint8Array, start: number, end: number): V;
    private add;
    private grow;
    private put;
}
