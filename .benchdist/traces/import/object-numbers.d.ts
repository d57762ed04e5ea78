/** Numbers for objects; those of objects that are gone are used again, so that tables of them stay small. */
export declare class ObjectNumbers {
    private readonly free;
    private last;
    take(): number;
    release(object: number): void;
}
