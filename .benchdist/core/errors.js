/** A mistake in what a person or program asked for: the message says what was found, expected and how to mend it. */
export class UsageError extends Error {
    name = 'UsageError';
}
/** A broken invariant of vmsplit itself; never the user's fault. */
export function assert(condition, message) {
    if (!condition)
        throw new Error(`internal error: ${message}`);
}
//# sourceMappingURL=errors.js.map