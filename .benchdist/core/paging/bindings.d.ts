import type { Draft } from '../state/draft.ts';
/** Which references a binding counts as. */
export declare const USER_VIRTUAL = 0;
export declare const KERNEL_LOGICAL = 1;
export declare const KERNEL_VIRTUAL = 2;
/** A direct-mapped cache of bindings, by object number. Scratch: `begin` forgets everything. */
export declare class Bindings {
    private readonly object;
    private readonly validIn;
    private era;
    /** Key of the page at bias 0. */
    readonly base: Float64Array<ArrayBuffer>;
    /** Byte offset of the object in its first page. */
    readonly start: Int32Array<ArrayBuffer>;
    /** Bytes that can be reached; below zero: not bound. */
    readonly limit: Float64Array<ArrayBuffer>;
    readonly bias: Int32Array<ArrayBuffer>;
    readonly shift: Uint8Array<ArrayBuffer>;
    /** Bit m: access mode m is allowed. */
    readonly allow: Uint16Array<ArrayBuffer>;
    readonly space: Uint8Array<ArrayBuffer>;
    begin(): void;
    /** The slot of an object, bound if need be. */
    slotOf(draft: Draft, cpu: number, object: number): number;
    private bind;
    /** What the first VMA of an object covers can be bound, and what a stack may grow to, if that is its beginning. */
    private bindUser;
    private bindKernel;
    /** Whether large pages map all of an area if they map its first page: there are none behind smaller ones. */
    private isUniform;
}
/** Whether a mapping's protection lets an operation through. On x86 whatever may be written or run may be read. */
export declare function allows(prot: number, operation: number, nx: boolean): boolean;
