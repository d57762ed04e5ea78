/**
 * A chunk: a batch as bytes. Think times are always a column of their own; the other columns are told in
 * steps (steps.ts) when events resemble each other, as accesses do, and column by column (column.ts) when
 * they do not, as a stream of allocations with ever new object ids.
 */
import { newBatch } from '../core/event/batch.js';
import { constantOf, decodeColumn, encodeColumn } from './column.js';
import { Fault } from './errors.js';
import { MAX_CHUNK_EVENTS } from './format.js';
import { StepDecoder } from './step-decoder.js';
import { StepEncoder } from './step-encoder.js';
import { STEP_COLUMNS } from './steps.js';
const BYTE_COLUMNS = ['kind', 'cpu'];
const WORD_COLUMNS = ['thinkNs', 'object', 'a', 'b', 'c'];
export class ChunkEncoder {
    stepEncoder = new StepEncoder();
    encode(batch) {
        const { count } = batch;
        const inSteps = this.stepEncoder.encode(batch);
        if (inSteps !== undefined) {
            const columns = { thinkNs: encodeColumn(batch.thinkNs, count), ...inSteps.columns };
            return { steps: inSteps.sizes, columns };
        }
        const names = [...BYTE_COLUMNS, ...WORD_COLUMNS];
        return { columns: Object.fromEntries(names.map((name) => [name, encodeColumn(batch[name], count)])) };
    }
}
/** Decodes chunks into batches. Faults are thrown as `Fault`. */
export class ChunkDecoder {
    stepDecoder = new StepDecoder();
    scratch = new Uint32Array(MAX_CHUNK_EVENTS);
    /** The last constant column of each name, which batches share: a batch is never written. */
    constantBytes = new Map();
    constantWords = new Map();
    decode({ count, steps, columns }) {
        return steps === undefined ? this.decodeColumns(columns, count) : this.decodeSteps(steps, columns, count);
    }
    decodeSteps(sizes, columns, count) {
        for (const name of STEP_COLUMNS)
            columnOf(columns, name);
        const decoded = this.stepDecoder.decode({ sizes, columns: columns }, count);
        const { kind, cpu } = decoded;
        return newBatch(count, {
            ...decoded,
            kind: typeof kind === 'number' ? this.filledBytes('kind', kind, count) : kind,
            cpu: typeof cpu === 'number' ? this.filledBytes('cpu', cpu, count) : cpu,
            thinkNs: this.words('thinkNs', columns, count),
        });
    }
    decodeColumns(columns, count) {
        return newBatch(count, {
            kind: this.bytes('kind', columns, count),
            cpu: this.bytes('cpu', columns, count),
            thinkNs: this.words('thinkNs', columns, count),
            object: this.words('object', columns, count),
            a: this.words('a', columns, count),
            b: this.words('b', columns, count),
            c: this.words('c', columns, count),
        });
    }
    words(name, columns, count) {
        const bytes = columnOf(columns, name);
        const constant = constantOf(bytes);
        if (constant !== undefined)
            return filled(this.constantWords, Uint32Array, name, constant, count);
        const out = new Uint32Array(count);
        decodeColumn(bytes, count, out);
        return out;
    }
    bytes(name, columns, count) {
        const { scratch } = this;
        decodeColumn(columnOf(columns, name), count, scratch);
        const out = new Uint8Array(count);
        for (let i = 0; i < count; i++) {
            if (scratch[i] > 0xff)
                throw new Fault(`${name} ${scratch[i]}`, 'one below 256');
            out[i] = scratch[i];
        }
        return out;
    }
    filledBytes(name, value, count) {
        return filled(this.constantBytes, Uint8Array, name, value, count);
    }
}
function filled(cache, make, name, value, count) {
    const cached = cache.get(name);
    if (cached !== undefined && cached.length >= count && cached[0] === value)
        return cached;
    const column = new make(count);
    column.fill(value);
    cache.set(name, column);
    return column;
}
function columnOf(columns, name) {
    const bytes = columns[name];
    if (bytes === undefined)
        throw new Fault(`a chunk without column ${name}`, 'all its columns');
    return bytes;
}
//# sourceMappingURL=chunk.js.map