/** Reads a trace from any event on. */
import { UsageError } from '../core/errors.js';
import { sliceBatch } from '../core/event/batch.js';
import { ChunkDecoder } from './chunk.js';
import { brokenOff, readHeader, readIndex, scan, } from './contents.js';
import { locateFaults } from './errors.js';
import { MAX_HEADER_BYTES, } from './format.js';
import { blocksOf } from './source.js';
import { recordsOf, walk } from './walk.js';
/** Opens a trace that can be read at any offset. */
export async function openTrace(source, options = {}) {
    const file = source.name;
    const start = await source.read(0, MAX_HEADER_BYTES);
    const { header, length } = readHeader(start, file);
    const index = options.scan ? undefined : await readIndex(source, length);
    if (index === undefined)
        return new SeekableTrace(source, header, await scan(source, length, options));
    const { chunks, totals, notes, complete } = index;
    return new SeekableTrace(source, header, {
        chunks,
        totals,
        notes,
        lost: complete ? undefined : brokenOff(source.byteLength, totals),
    });
}
class SeekableTrace {
    file;
    byteLength;
    header;
    events;
    chunks;
    totals;
    notes;
    complete;
    lost;
    source;
    decoder = new ChunkDecoder();
    constructor(source, header, { chunks, totals, notes, lost }) {
        this.source = source;
        this.file = source.name;
        this.byteLength = source.byteLength;
        this.header = header;
        this.chunks = chunks;
        this.totals = totals;
        this.notes = notes ?? {};
        this.events = chunks.offset.length === 0 ? 0 : chunks.firstEvent.at(-1) + chunks.count.at(-1);
        this.lost = lost;
        this.complete = lost === undefined;
    }
    async *batches(fromEvent = 0, { onProgress } = {}) {
        const { source, decoder, chunks, events, file, byteLength } = this;
        if (!Number.isInteger(fromEvent) || fromEvent < 0 || fromEvent > events) {
            throw new UsageError(`${file}: found event number ${fromEvent}, expected one from 0 to ${events}`);
        }
        if (fromEvent === events)
            return;
        const seq = chunkOf(chunks, fromEvent);
        const start = { offset: chunks.offset[seq], seq, firstEvent: chunks.firstEvent[seq] };
        const records = recordsOf(blocksOf(source, start.offset, byteLength), file, start.offset);
        for await (const { offset, record } of walk(records, file, start)) {
            if (record.record === 'index')
                continue;
            const batch = locateFaults(file, offset, () => decoder.decode(record));
            const skip = Math.max(0, fromEvent - record.firstEvent);
            yield skip === 0 ? batch : sliceBatch(batch, skip, batch.count);
            onProgress?.(offset, byteLength);
            if (this.lost !== undefined && record.firstEvent + record.count === events)
                return;
        }
    }
    close() {
        return this.source.close();
    }
}
/** The last chunk that begins at or before the event: binary search. */
function chunkOf({ firstEvent }, event) {
    let low = 0;
    let high = firstEvent.length;
    while (high - low > 1) {
        const middle = (low + high) >>> 1;
        if (firstEvent[middle] <= event)
            low = middle;
        else
            high = middle;
    }
    return low;
}
//# sourceMappingURL=reader.js.map