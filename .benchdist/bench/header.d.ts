export interface Header {
    readonly vmsplit: string;
    readonly node: string;
    readonly cpu: string;
    readonly cores: number;
    readonly seed: number;
    /** For each row. */
    readonly timeMs: number;
    /** The reference trace. */
    readonly trace: string;
}
export declare function headerOf(seed: number, timeMs: number, trace: string): Header;
