/** A kind of value: how it is told from others. `sample` stands for a value that was faulty, until all are told. */
export interface FieldKind<T> {
    readonly expected: string;
    readonly sample: T;
    /** Undefined: not such a value. */
    read(value: unknown): T | undefined;
}
/** The faults of one file. */
export declare class FieldFaults {
    private readonly messages;
    private readonly paths;
    add(path: string, found: string, expected: string, remedy: string): void;
    /** What several fields have to be together; not judged where one of them is faulty by itself. */
    check(ok: boolean, paths: readonly string[], found: string, expected: string, remedy: string): void;
    /** Throws a UsageError that tells all of them. */
    throwIfAny(file: string): void;
}
/** One object of the file. */
export declare class Fields {
    readonly faults: FieldFaults;
    private readonly path;
    private readonly values;
    private readonly known;
    constructor(value: unknown, path: string, faults: FieldFaults);
    /** The path of a field in the file: `kernel.vmalloc.start`. */
    pathOf(name: string): string;
    has(name: string): boolean;
    /** The value of a field; without a default it has to be there. */
    get<T>(name: string, kind: FieldKind<T>, missing?: T): T;
    /** An object inside; a field that is missing is as one without fields. */
    in(name: string): Fields;
    /** A list of objects; when it is missing, empty or a fault. */
    list(name: string, missing?: 'is empty' | 'is a fault'): Fields[];
    /** Nothing but the fields that were asked for. */
    done(): void;
}
/** Bytes: an address or a size. */
export declare const BYTES: FieldKind<bigint>;
export declare const TEXT: FieldKind<string>;
export declare const FLAG: FieldKind<boolean>;
export declare function wholeNumber(min: number, max: number): FieldKind<number>;
export declare function oneOf<const T extends string | number>(choices: readonly T[]): FieldKind<T>;
