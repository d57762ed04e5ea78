/**
 * How deep the tests go: `npm test` takes a few minutes and shows each behaviour once, `npm run test:full` leaves out and
 * thins nothing, and `npm run test:long` tries as much more as nobody waits for, of the files that import this one.
 */
const DEPTH = process.env.VMSPLIT_TESTS ?? 'quick';

/** What `npm test` leaves out: `test.runIf(FULL)`. */
export const FULL = DEPTH !== 'quick';
export const LONG = DEPTH === 'long';

/** As much as the depth asks for, of runs, cases or rows. */
export function atDepth<T>(depths: { quick: T; full: T; long?: T }): T {
  if (!FULL) return depths.quick;
  return LONG ? (depths.long ?? depths.full) : depths.full;
}
