/** bytes[0, end) are whole lines; the last one lacks its newline only in the last span, and then `cut` is set. */
export interface LineSpan {
    readonly bytes: Uint8Array;
    readonly end: number;
    readonly cut: boolean;
}
export declare function lineSpans(blocks: AsyncIterable<Uint8Array>, file: string): AsyncGenerator<LineSpan>;
