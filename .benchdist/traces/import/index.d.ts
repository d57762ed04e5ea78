import type { BatchSink } from '../writer.ts';
import type { Importer, ImportOptions, ImportResult } from './importer.ts';
export declare const IMPORTERS: readonly Importer[];
export interface ImportRequest {
    /** Path, or `<stdin>`. */
    readonly name: string;
    readonly byteLength?: number | undefined;
    /** Text, or gzip of it. */
    readonly blocks: AsyncIterable<Uint8Array>;
    /** Name of an importer; found by the first bytes when absent. */
    readonly from?: string | undefined;
}
/** Imports all of the input. When it throws, what went to the output is of no use. */
export declare function importTrace(request: ImportRequest, output: BatchSink, { onProgress }?: ImportOptions): Promise<ImportResult>;
