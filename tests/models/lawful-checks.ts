/** How checkers of event streams say what is wrong. */
export function expect(holds: boolean, message: string): asserts holds {
  if (!holds) throw new Error(message);
}

/** [offset, offset + length) is something, and lies below `limit`. */
export function within(offset: number, length: number, limit: number): void {
  expect(length > 0 && offset + length <= limit, `outside of [0, ${limit})`);
}
