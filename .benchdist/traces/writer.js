/**
 * Writes a trace to a sink, chunk by chunk. What it keeps in memory is one chunk, and three numbers for each
 * chunk written, which become the index.
 */
import { assert, UsageError } from '../core/errors.js';
import { BatchBuilder, DEFAULT_BATCH_SIZE, sliceBatch } from '../core/event/batch.js';
import { ChunkEncoder } from './chunk.js';
import { currentKinds, FORMAT, MAX_CHUNK_EVENTS, MAX_HEADER_BYTES, VERSION, } from './format.js';
import { packRecord, packTrailer } from './record.js';
import { TotalsCounter } from './totals.js';
export class TraceWriter {
    sink;
    encoder = new ChunkEncoder();
    counter = new TotalsCounter();
    gathered;
    kinds = currentKinds();
    chunks = { offset: [], firstEvent: [], count: [] };
    notes = {};
    bytes = 0;
    events = 0;
    finished = false;
    constructor(sink, chunkEvents) {
        this.sink = sink;
        this.gathered = new BatchBuilder(chunkEvents);
    }
    /** Writes the header at once, so that a sink that cannot be written is known before any work is done. */
    static async create(sink, origin, { chunkEvents = DEFAULT_BATCH_SIZE } = {}) {
        assert(chunkEvents >= 1 && chunkEvents <= MAX_CHUNK_EVENTS, `chunks of ${chunkEvents} events`);
        const writer = new TraceWriter(sink, chunkEvents);
        const { tool, toolVersion, seed, parameters } = origin;
        const header = {
            format: FORMAT,
            version: VERSION,
            tool,
            toolVersion,
            seed,
            parameters,
            tickUnit: 'ns',
            kinds: writer.kinds,
        };
        const packed = packRecord(header);
        if (packed.length > MAX_HEADER_BYTES) {
            throw new UsageError(`found ${packed.length} bytes of parameters, expected less than ${MAX_HEADER_BYTES}. Pass fewer or shorter ones`);
        }
        await writer.append(packed);
        return writer;
    }
    /** Events written so far, those not yet in a chunk included. */
    get eventCount() {
        return this.events + this.gathered.length;
    }
    /**
     * Adds events; await it before the next one. A batch of half a chunk or more becomes chunks of its own,
     * smaller ones are gathered.
     */
    async write(batch) {
        assert(!this.finished, 'a batch for a trace that is finished');
        if (2 * batch.count >= this.gathered.capacity) {
            await this.flush();
            await this.writeChunks(batch);
        }
        else {
            await this.gather(batch);
        }
    }
    /** What the trace should say of itself beside its events, when it is finished. */
    note(notes) {
        this.notes = { ...this.notes, ...notes };
    }
    /** Writes what is left, and the index. A recording that was broken off is readable but says so. */
    async finish({ complete = true } = {}) {
        assert(!this.finished, 'a trace finished twice');
        await this.flush();
        this.finished = true;
        const index = {
            record: 'index',
            complete,
            totals: this.counter.totals(this.kinds),
            ...(Object.keys(this.notes).length > 0 && { notes: this.notes }),
            chunks: this.chunks,
        };
        const packed = packRecord(index);
        await this.append(packed);
        await this.append(packTrailer(packed.length));
        await this.sink.close();
    }
    /** The trace is not wanted, because what should go into it is bad. */
    async discard() {
        this.finished = true;
        await this.sink.discard();
    }
    async gather(batch) {
        const { gathered } = this;
        const { count, kind, cpu, thinkNs, object, a, b, c } = batch;
        for (let i = 0; i < count; i++) {
            gathered.push(kind[i], cpu[i], thinkNs[i], object[i], a[i], b[i], c[i]);
            if (gathered.full)
                await this.flush();
        }
    }
    async flush() {
        if (this.gathered.length > 0)
            await this.writeChunks(this.gathered.take());
    }
    async writeChunks(batch) {
        const { capacity } = this.gathered;
        for (let start = 0; start < batch.count; start += capacity) {
            await this.writeChunk(sliceBatch(batch, start, Math.min(start + capacity, batch.count)));
        }
    }
    async writeChunk(batch) {
        const { chunks, events, bytes } = this;
        const { count } = batch;
        const head = { record: 'chunk', seq: chunks.offset.length, firstEvent: events, count };
        const chunk = { ...head, ...this.encoder.encode(batch) };
        chunks.offset.push(bytes);
        chunks.firstEvent.push(events);
        chunks.count.push(count);
        this.counter.add(batch);
        this.events += count;
        await this.append(packRecord(chunk));
    }
    async append(bytes) {
        this.bytes += bytes.length;
        await this.sink.write(bytes);
    }
}
//# sourceMappingURL=writer.js.map