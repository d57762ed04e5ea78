/** A number for each page frame, 0 to begin with. Takes 4 bytes a frame of the memory that a trace speaks of. */
const CHUNK_FRAMES = 512;
export class FrameTable {
    chunks = new Map();
    chunk = new Uint32Array(CHUNK_FRAMES);
    number = 0;
    constructor() {
        this.chunks.set(0, this.chunk);
    }
    get(pfn) {
        return this.chunkOf(pfn)[pfn % CHUNK_FRAMES];
    }
    /** Sets the numbers of `count` frames. */
    fill(pfn, count, value) {
        for (let at = pfn, end = pfn + count; at < end;) {
            const start = at % CHUNK_FRAMES;
            const stop = Math.min(CHUNK_FRAMES, start + end - at);
            this.chunkOf(at).fill(value, start, stop);
            at += stop - start;
        }
    }
    chunkOf(pfn) {
        const number = Math.floor(pfn / CHUNK_FRAMES);
        if (number === this.number)
            return this.chunk;
        let chunk = this.chunks.get(number);
        if (chunk === undefined) {
            chunk = new Uint32Array(CHUNK_FRAMES);
            this.chunks.set(number, chunk);
        }
        this.number = number;
        this.chunk = chunk;
        return chunk;
    }
}
//# sourceMappingURL=frame-table.js.map