import { ChunkDecoder } from './chunk.js';
import { brokenOff, lossFrom, readHeader } from './contents.js';
import { locateFaults } from './errors.js';
import { firstChunkAt, recordsOf, walk } from './walk.js';
export async function openTraceStream(blocks, file) {
    const records = recordsOf(blocks, file, 0);
    const first = await records.next();
    const { header, length } = readHeader(first.done ? new Uint8Array(0) : first.value.bytes, file);
    return new StreamedTrace(file, header, length, records);
}
class StreamedTrace {
    file;
    header;
    totals;
    notes = {};
    complete = false;
    lost;
    headerBytes;
    records;
    constructor(file, header, headerBytes, records) {
        this.file = file;
        this.header = header;
        this.headerBytes = headerBytes;
        this.records = records;
    }
    async *batches({ onProgress } = {}) {
        const { file, records, headerBytes } = this;
        const decoder = new ChunkDecoder();
        let events = 0;
        try {
            for await (const { offset, record } of walk(records, file, firstChunkAt(headerBytes))) {
                if (record.record === 'index') {
                    this.totals = record.totals;
                    this.notes = record.notes ?? {};
                    this.complete = record.complete;
                    if (!record.complete)
                        this.lost = brokenOff(offset, record.totals);
                    continue;
                }
                yield locateFaults(file, offset, () => decoder.decode(record));
                events += record.count;
                onProgress?.(offset, undefined);
            }
        }
        catch (error) {
            this.lost = lossFrom(error, events);
        }
    }
}
//# sourceMappingURL=stream-reader.js.map