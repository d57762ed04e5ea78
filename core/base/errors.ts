/** A mistake in what a person or program asked for: the message says what was found, expected and how to mend it. */
export class UsageError extends Error {
  override readonly name: string = 'UsageError';
}

/** A broken invariant of vmsplit itself; never the user's fault. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) fail(message);
}

/** The same where a message with values in it would take longer to write than what is asserted. */
export function fail(message: string): never {
  throw new Error(`internal error: ${message}`);
}
