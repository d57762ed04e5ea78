/** Batches of a trace from any event on; those read last are at hand, since a person stays around a moment. */
import { type Batch, sliceBatch } from '../../../core/event/batch.ts';
import type { SeekableSource } from '../../source/source.ts';

interface Read {
  readonly firstEvent: number;
  readonly batch: Batch;
}

const MOST = 4;

export class ReadBatches implements SeekableSource {
  private readonly source: SeekableSource;
  private readonly read: Read[] = [];

  constructor(source: SeekableSource) {
    this.source = source;
  }

  async *batches(fromEvent: number): AsyncGenerator<Batch> {
    let event = fromEvent;
    for (let known = this.at(event); known !== undefined; known = this.at(event)) {
      yield sliceBatch(known.batch, event - known.firstEvent, known.batch.count);
      event = known.firstEvent + known.batch.count;
    }
    for await (const batch of this.source.batches(event)) {
      this.keep({ firstEvent: event, batch });
      event += batch.count;
      yield batch;
    }
  }

  private at(event: number): Read | undefined {
    return this.read.find(({ firstEvent, batch }) => firstEvent <= event && event < firstEvent + batch.count);
  }

  private keep(read: Read): void {
    this.read.push(read);
    if (this.read.length > MOST) this.read.shift();
  }
}
