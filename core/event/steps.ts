/**
 * Steps: a batch told by what repeats in it. Programs do the same again and again, so an event is a token, and a small
 * table says what the token stands for: its kind, its cpu, its `b`, and its lane, which is an (object, c) and remembers
 * the last `a` of its events. `a` is told by what it adds to that: a number of the table, or for the first `shapes` tokens
 * the next one of `deltas`.
 *
 * A batch that has them is decoded as far as somebody asks for its columns; accesses are folded without (access/step-run.ts).
 */
export interface Steps {
  /** By event; below the length of the table. */
  readonly tokens: Uint16Array;
  /** Tokens below it take what they add from `deltas`, in order: as many as there are such tokens. */
  readonly shapes: number;
  /** At least one longer than the number of deltas. */
  readonly deltas: Int32Array;
  readonly lanes: Lanes;
  readonly table: TokenTable;
  /** What all events have in common; undefined: they do not. */
  readonly kind: number | undefined;
  readonly cpu: number | undefined;
  readonly thinkNs: number | undefined;
}

/** What accesses of one object in one mode have in common. Columns are at least `count` long. */
export interface Lanes {
  readonly count: number;
  readonly object: Uint32Array;
  readonly c: Uint32Array;
}

/** By token. Columns are at least `count` long. */
export interface TokenTable {
  readonly count: number;
  readonly lane: Uint16Array;
  readonly kind: Uint8Array;
  readonly cpu: Uint8Array;
  readonly b: Uint32Array;
  /** What it adds to the last `a` of its lane, modulo 2^32; 0 of those below `shapes`. */
  readonly delta: Int32Array;
}
