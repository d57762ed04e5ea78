/** Where the events of a running workload are cut into batches, and counted. */
import { type Batch } from '../core/event/batch.ts';
export declare class EventSink {
    count: number;
    /** Full batches that nobody has taken yet. */
    readonly ready: Batch[];
    private readonly builder;
    private readonly limit;
    /** What is pushed beyond `limit` events is dropped. */
    constructor(batchSize: number, limit: number);
    push(kind: number, cpu: number, thinkNs: number, object: number, a: number, b: number, c: number): void;
    /** Makes a batch of what is left. */
    flush(): void;
}
