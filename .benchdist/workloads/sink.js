/** Where the events of a running workload are cut into batches, and counted. */
import { BatchBuilder } from '../core/event/batch.js';
export class EventSink {
    count = 0;
    /** Full batches that nobody has taken yet. */
    ready = [];
    builder;
    limit;
    /** What is pushed beyond `limit` events is dropped. */
    constructor(batchSize, limit) {
        this.builder = new BatchBuilder(batchSize);
        this.limit = limit;
    }
    push(kind, cpu, thinkNs, object, a, b, c) {
        if (this.count >= this.limit)
            return;
        this.count++;
        this.builder.push(kind, cpu, thinkNs, object, a, b, c);
        if (this.builder.full)
            this.ready.push(this.builder.take());
    }
    /** Makes a batch of what is left. */
    flush() {
        if (this.builder.length > 0)
            this.ready.push(this.builder.take());
    }
}
//# sourceMappingURL=sink.js.map