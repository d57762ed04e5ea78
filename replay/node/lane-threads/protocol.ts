/**
 * What goes between the thread that compares and those that fold lanes. Events are folded in rounds, of as many batches as
 * come to enough events; all threads cut them alike, for they read the same events. A thread is at most two rounds ahead
 * of who compares, and keeps the machines before each batch of those, to tell what an event met.
 *
 *     thread ── opened, round, round, ... the last round ──> comparer
 *     thread <── seen n, ... finish after n ────────────────
 *     thread ── finished ──────────────────────────────────>
 *
 * Answers to `batch` and `tell` come by a port of their own: the comparer waits for them, and does nothing else meanwhile.
 */
import type { MessagePort } from 'node:worker_threads';
import type { Batch } from '../../../core/event/batch.ts';
import type { Told } from '../../diff/difference.ts';
import type { RunResult } from '../../run/carry-out.ts';
import type { LayoutResult } from '../../run/result.ts';
import type { RunSpec } from '../../spec/index.ts';
import type { PassedError } from '../passed-error.ts';

/** Rounds have at least so many events, unless they are the last. */
export const EVENTS_PER_ROUND = 131_072;
export const MOST_ROUNDS_AHEAD = 2;

export interface LanesTask {
  readonly run: RunSpec;
  /** Which of its lanes are folded here. */
  readonly lanes: readonly number[];
  readonly port: MessagePort;
  readonly answers: MessagePort;
  /** Cell 0 is counted up with each answer. */
  readonly answered: Int32Array;
}

/** What one lane made of a batch. */
export interface MadeColumns {
  readonly status: Uint8Array;
  readonly flags: Uint8Array;
}

export interface Piece {
  /** Number of its first event, and how many there are. */
  readonly first: number;
  readonly count: number;
  /** By lane of the thread. */
  readonly made: readonly MadeColumns[];
  /** If it was asked for. */
  readonly batch: Batch | undefined;
}

export type ToComparer =
  /** `lanes`: names of those that the thread folds. */
  | {
      readonly kind: 'opened';
      readonly name: string;
      readonly total: number | undefined;
      readonly lanes: readonly string[];
    }
  | { readonly kind: 'round'; readonly pieces: readonly Piece[]; readonly isLast: boolean }
  | { readonly kind: 'finished'; readonly layouts: readonly LayoutResult[]; readonly lost: RunResult['lost'] }
  | { readonly kind: 'failed'; readonly error: PassedError };

export type ToThread =
  /** The round is compared, nobody asks for it any more; from then on pieces come with their batches, or not. */
  | { readonly kind: 'seen'; readonly round: number; readonly withBatches: boolean }
  /** Tells how the lanes stood after this round; -1: at the beginning. */
  | { readonly kind: 'finish'; readonly after: number }
  | Question;

/** The thread answers each, with an error if need be. */
export type Question =
  | { readonly kind: 'batch'; readonly round: number; readonly piece: number }
  | {
      readonly kind: 'tell';
      readonly round: number;
      readonly piece: number;
      readonly lane: number;
      readonly at: number;
    };

export type Answer = { readonly batch: Batch } | { readonly told: Told } | { readonly error: PassedError };
