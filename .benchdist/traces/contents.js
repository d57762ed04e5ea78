/**
 * What there is in a trace: its header, and its chunks as the index tells them, or as a scan finds them when
 * the trace was cut or its index is damaged. A scan goes up to the last chunk that is whole, and says what is lost.
 */
import { Fault, locateFaults, NewerTraceError, TraceError } from './errors.js';
import { FORMAT, MAX_HEADER_BYTES, MAX_INDEX_BYTES, parseHeader, parseIndex, VERSION, versionOf, } from './format.js';
import { recordEnd, TRAILER_BYTES, unpackRecord, unpackTrailer, verifyChecksum } from './record.js';
import { blocksOf } from './source.js';
import { firstChunkAt, recordsOf, walk } from './walk.js';
/** The header's first field as MessagePack. */
const MAGIC = Buffer.concat([textBytes('format'), textBytes(FORMAT)]);
/** Before it stands the size of the header's map, in any of MessagePack's three forms. */
const MAP_SIZE_BYTES = [1, 3, 5];
function textBytes(text) {
    return Buffer.from([0xa0 + text.length, ...Buffer.from(text)]);
}
/** Whether a file that begins like this is a trace. */
export function looksLikeTrace(firstBytes) {
    return MAP_SIZE_BYTES.some((start) => MAGIC.equals(firstBytes.subarray(start, start + MAGIC.length)));
}
export function readHeader(bytes, file) {
    if (!looksLikeTrace(bytes)) {
        const found = bytes.length === 0 ? 'an empty file' : 'something else';
        const remedy = 'Traces of other tools are converted by `vmsplit import`';
        throw new TraceError({ file, offset: 0, found, expected: 'the header of a .vmt trace', remedy });
    }
    return locateFaults(file, 0, () => {
        const length = recordEnd(bytes, 0);
        if (length === undefined) {
            throw new Fault('the end of the file within the header', `a whole header in ${MAX_HEADER_BYTES} bytes`);
        }
        const packed = bytes.subarray(0, length);
        const record = unpackRecord(packed);
        refuseNewer(versionOf(record), file);
        verifyChecksum(packed);
        return { header: parseHeader(record), length };
    });
}
function refuseNewer(version, file) {
    if (version <= VERSION)
        return;
    throw new NewerTraceError({
        file,
        offset: 0,
        found: `a trace of format version ${version}`,
        expected: `version ${VERSION}`,
        remedy: 'It was written by a later vmsplit: use that one or a newer one',
    });
}
/** The index at the end of a file; undefined when there is none that is whole. */
export async function readIndex(source, headerBytes) {
    const trailer = await source.read(source.byteLength - TRAILER_BYTES, TRAILER_BYTES);
    const length = unpackTrailer(trailer);
    if (length === undefined || length > MAX_INDEX_BYTES)
        return undefined;
    const offset = source.byteLength - TRAILER_BYTES - length;
    if (offset < headerBytes)
        return undefined;
    const bytes = await source.read(offset, length);
    try {
        if (recordEnd(bytes, 0) !== length)
            return undefined;
        verifyChecksum(bytes);
        const index = parseIndex(unpackRecord(bytes));
        const { offset: offsets } = index.chunks;
        const inside = offsets.length === 0 || (offsets[0] === headerBytes && offsets.at(-1) < offset);
        return inside ? index : undefined;
    }
    catch (error) {
        if (error instanceof Fault)
            return undefined;
        throw error;
    }
}
/** Walks over all chunks, checking but not decoding them, up to the end or the first fault. */
export async function scan(source, headerBytes, { onProgress }) {
    const { name, byteLength } = source;
    const chunks = { offset: [], firstEvent: [], count: [] };
    let events = 0;
    let totals;
    let notes;
    let lost;
    try {
        const records = recordsOf(blocksOf(source, headerBytes, byteLength), name, headerBytes);
        for await (const { offset, record } of walk(records, name, firstChunkAt(headerBytes))) {
            onProgress?.(offset, byteLength);
            if (record.record === 'index') {
                ({ totals, notes } = record);
                if (!record.complete)
                    lost = brokenOff(offset, totals);
                continue;
            }
            chunks.offset.push(offset);
            chunks.firstEvent.push(record.firstEvent);
            chunks.count.push(record.count);
            events += record.count;
        }
    }
    catch (error) {
        lost = lossFrom(error, events);
    }
    return { chunks, totals, notes, lost };
}
/** A fault in the file becomes a loss; anything else is not ours. */
export function lossFrom(error, eventsKept) {
    if (!(error instanceof TraceError))
        throw error;
    const { offset, found, expected } = error;
    const message = `from byte ${offset} on: found ${found}, expected ${expected}; the ${eventsKept} events before it are whole`;
    return { offset, eventsKept, message };
}
export function brokenOff(offset, { events }) {
    const message = `the recording was broken off after ${events} events, all of them whole`;
    return { offset, eventsKept: events, message };
}
//# sourceMappingURL=contents.js.map