/** Where the events of a running workload are cut into batches, and counted. */
import { type Batch, BatchBuilder } from '../../core/event/batch.ts';

export class EventSink {
  count = 0;
  /** Full batches that nobody has taken yet. */
  readonly ready: Batch[] = [];
  private readonly builder: BatchBuilder;
  private readonly limit: number;

  /** What is pushed beyond `limit` events is dropped. */
  constructor(batchSize: number, limit: number) {
    this.builder = new BatchBuilder(batchSize);
    this.limit = limit;
  }

  push(kind: number, cpu: number, thinkNs: number, object: number, a: number, b: number, c: number): void {
    if (this.count >= this.limit) return;
    this.count++;
    this.builder.push(kind, cpu, thinkNs, object, a, b, c);
    if (this.builder.full) this.ready.push(this.builder.take());
  }

  /** Makes a batch of what is left. */
  flush(): void {
    if (this.builder.length > 0) this.ready.push(this.builder.take());
  }
}
