/** A mistake in what a person or program asked for: the message says what was found, expected and how to mend it. */
export declare class UsageError extends Error {
    readonly name: string;
}
/** A broken invariant of vmsplit itself; never the user's fault. */
export declare function assert(condition: boolean, message: string): asserts condition;
