import type { Prepared } from './suites/suite.ts';
export interface Measurement {
    readonly eventsPerSecond: number;
    /** Mean of the samples. */
    readonly nsPerEvent: number;
    readonly cpuNsPerEvent: number;
    /** Relative margin of error of the mean at 95 % confidence, in percent. */
    readonly rme: number;
    /** Calls that were measured. */
    readonly samples: number;
    /** Where the row is about a format. */
    readonly bytesPerEvent?: number;
    readonly megabytesPerSecond?: number;
}
export interface Result extends Measurement {
    readonly suite: string;
    readonly name: string;
    /** What an event is in this suite. */
    readonly unit: string;
}
export declare function measure(prepared: Prepared, timeMs: number): Promise<Measurement>;
