export interface KmappedPage {
    readonly object: number;
    readonly page: number;
}
export declare class Ledger {
    private readonly objects;
    /** By object: the kind of event that frees it; 0 = mapped by processes, or not alive. */
    private readonly freedBy;
    /** By object: processes that map it. */
    private readonly mappers;
    private readonly kmapped;
    /** A number for a kernel object that an event of kind `freedBy` will free. */
    addKernelObject(freedBy: number): number;
    removeKernelObject(object: number): void;
    /** A number for an object that one process maps. */
    addMapped(): number;
    /** A fork: one process more maps it. */
    share(object: number): void;
    unmap(object: number): void;
    addKmap(object: number, page: number): void;
    removeKmap(object: number, page: number): void;
    kmappedPages(): KmappedPage[];
    /** Live kernel objects with the kind of event that frees each; kmapped ones must be unmapped first. */
    kernelObjects(): Generator<{
        object: number;
        freedBy: number;
    }>;
}
