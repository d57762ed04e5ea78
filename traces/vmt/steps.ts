/**
 * The step coding of a chunk: one byte for most events.
 *
 * Programs repeat themselves: an instruction fetch follows the one before by a few bytes, a loop reads every
 * eighth byte of an array. So a chunk's events are told by three small dictionaries:
 *
 *   lane    (object, c)             accesses of one object in one mode; each lane remembers its last `a`
 *   shape   (lane, kind, cpu, b)    everything of an event but its `a` and its think time
 *   step    (shape, delta)          a whole event, given its lane's last `a`; only those that recur
 *
 * An event is a token: below the number of shapes it names a shape, and its delta (zigzag varint) comes next
 * in `deltas`; from there on it names a step. Tokens take one byte, or two (little-endian) when there are more
 * than 256 shapes. Think times are not part of it: they are a column of their own.
 *
 * Measured on valgrind lackey traces of true, ls, sqlite3 and a matrix product: 1.2 to 1.6 bytes an event,
 * where 80 to 92 % of the events need no delta of their own.
 */

/** How many entries the dictionaries have. */
export interface StepSizes {
  readonly lanes: number;
  readonly shapes: number;
  readonly steps: number;
}

export const STEP_COLUMNS = [
  'laneObject',
  'laneC',
  'shapeLane',
  'shapeKind',
  'shapeCpu',
  'shapeB',
  'stepShape',
  'stepDelta',
  'tokens',
  'deltas',
] as const;
export type StepColumns = Readonly<Record<(typeof STEP_COLUMNS)[number], Uint8Array>>;

export interface EncodedSteps {
  readonly sizes: StepSizes;
  readonly columns: StepColumns;
}

/** Tokens of one byte serve up to this many shapes. */
export const SHORT_TOKENS = 0x100;
export const LONG_TOKENS = 0x1_0000;
