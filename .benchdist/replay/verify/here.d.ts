/** What an event is about, for the reports of disagreements. */
export interface Here {
    readonly line: number;
    readonly event: string;
    readonly cpu: number;
    readonly timeNs: number;
}
export declare function hex(pfn: number): string;
