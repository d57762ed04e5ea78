/**
 * A chunk: a batch as bytes. Think times are always a column of their own; the other columns are told in
 * steps (steps.ts) when events resemble each other, as accesses do, and column by column (column.ts) when
 * they do not, as a stream of allocations with ever new object ids.
 */
import { type Batch } from '../core/event/batch.ts';
import { type ChunkRecord } from './format.ts';
type ChunkBody = Pick<ChunkRecord, 'columns' | 'steps'>;
export declare class ChunkEncoder {
    private readonly stepEncoder;
    encode(batch: Batch): ChunkBody;
}
/** Decodes chunks into batches. Faults are thrown as `Fault`. */
export declare class ChunkDecoder {
    private readonly stepDecoder;
    private readonly scratch;
    /** The last constant column of each name, which batches share: a batch is never written. */
    private readonly constantBytes;
    private readonly constantWords;
    decode({ count, steps, columns }: Pick<ChunkRecord, 'count' | 'steps' | 'columns'>): Batch;
    private decodeSteps;
    private decodeColumns;
    private words;
    private bytes;
    private filledBytes;
}
export {};
