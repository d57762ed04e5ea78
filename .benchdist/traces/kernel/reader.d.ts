import { type Dialect } from './dialect.ts';
import { type KernelRecord } from './record.ts';
export interface KernelInput {
    /** Path, or `<stdin>`; only for messages. */
    readonly name: string;
    /** Text, or gzip of it. */
    readonly blocks: AsyncIterable<Uint8Array>;
    /** Found by the first lines when absent. */
    readonly dialect?: Dialect['name'] | undefined;
}
export interface KernelReadOptions {
    /** Called, and awaited, after each block of lines (1 MiB or less): the time for writes. */
    readonly onBlock?: () => Promise<void> | void;
}
export interface KernelReadResult {
    readonly dialect: Dialect['name'];
    readonly lines: number;
}
/**
 * Calls `visit` for each line, in order. The record is one object that is filled anew for each line: take out of it
 * what you keep, before `visit` returns.
 */
export declare function readKernelRecords({ name, blocks, dialect }: KernelInput, visit: (record: KernelRecord) => void, { onBlock }?: KernelReadOptions): Promise<KernelReadResult>;
/** Which dialect a text that begins like this is in. */
export declare function dialectOf(firstBytes: Uint8Array): Dialect | undefined;
