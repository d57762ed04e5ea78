/**
 * The `.vmt` container, of which FORMAT.md is the specification. A plain MessagePack stream of maps, so that any MessagePack library reads it:
 *
 *   header    { format: 'vmsplit-trace', version, tool, toolVersion, seed, parameters, tickUnit, kinds, checksum }
 *   chunk *   { record: 'chunk', seq, firstEvent, count, steps?, columns, checksum }
 *   index     { record: 'index', complete, totals, notes?, chunks: { offset, firstEvent, count }, checksum }
 *   trailer   [ bytes of the index record, 'vmsplit-end' ], always TRAILER_BYTES long
 *
 * `checksum` is the last field of each map: the CRC-32 (as in zlib) of all the record's bytes before it, in
 * MessagePack's four-byte form. The trailer leads from the end of the file to the index, and the index to any
 * chunk. While a trace is being recorded it has neither; a reader then walks the chunks from the beginning.
 *
 * This file has the types and the limits; that a decoded record has the shape it should have parse.ts checks.
 */
import { allKinds } from '../../core/event/vocabulary.ts';
import type { ValueLimits } from './measure.ts';

export const FORMAT = 'vmsplit-trace';
export const VERSION = 1;

/** Limits of what a reader accepts, and so of what a writer writes: they bound every allocation. */
export const MAX_CHUNK_EVENTS = 0x1_0000;
export const MAX_HEADER_BYTES = 0x1_0000;
/** Above the greatest chunk: seven columns of 65,536 events, at most 5 bytes each in the worst encoding. */
export const MAX_CHUNK_BYTES = 0x40_0000;
/** About ten million chunks. */
export const MAX_INDEX_BYTES = 0x1000_0000;

/** Below the smallest chunk: the names of its fields and of seven columns alone take more. */
const MIN_CHUNK_BYTES = 64;
/** What a record may hold beside an index's three numbers for each chunk: a header's parameters, a recorder's notes. */
const OTHER_VALUES = 0x10_0000;
const MAX_CONTAINERS = 0x2_0000;

/** What a record may hold that follows so many chunks. */
export function limitsAfter(chunks: number): ValueLimits {
  return { values: 3 * chunks + OTHER_VALUES, containers: MAX_CONTAINERS };
}

/** The greatest number of chunks in so many bytes. */
export function mostChunksIn(bytes: number): number {
  return Math.ceil(bytes / MIN_CHUNK_BYTES);
}

/** A kind of event as the trace's own vocabulary has it: field name to column. */
export interface KindEntry {
  readonly name: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** The first record of a trace: what it is and how it came to be. */
export interface TraceHeader {
  readonly format: typeof FORMAT;
  readonly version: number;
  readonly tool: string;
  readonly toolVersion: string;
  /** Null when no random number went into the trace. */
  readonly seed: number | null;
  /** How the trace was made: workload and options, or importer and file. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly tickUnit: 'ns';
  /** By code, so that an old trace stays readable when the vocabulary has grown. */
  readonly kinds: Readonly<Record<string, KindEntry>>;
}

export interface ChunkRecord {
  readonly record: 'chunk';
  /** 0, 1, 2, ... */
  readonly seq: number;
  /** Index in the trace of the chunk's first event. */
  readonly firstEvent: number;
  readonly count: number;
  /** The dictionaries' sizes, when the chunk is coded in steps (steps.ts). */
  readonly steps?: { readonly lanes: number; readonly shapes: number; readonly steps: number };
  readonly columns: Readonly<Record<string, Uint8Array>>;
}

/** Access events by operation; those that continue another (CONTINUED) are not counted again. */
export interface ReferenceCounts {
  readonly read: number;
  readonly write: number;
  readonly modify: number;
  readonly execute: number;
}

/** How many events a trace has. */
export interface TraceTotals {
  readonly events: number;
  /** Number of events by the name of their kind; kinds that do not occur are left out. */
  readonly kinds: Readonly<Record<string, number>>;
  readonly references: ReferenceCounts;
}

/** Columns of a chunk that is coded column by column. */
export const PLAIN_COLUMNS = ['kind', 'cpu', 'thinkNs', 'object', 'a', 'b', 'c'] as const;

/** Where the chunks are; three columns of equal length. */
export interface ChunkTable {
  readonly offset: readonly number[];
  readonly firstEvent: readonly number[];
  readonly count: readonly number[];
}

export interface IndexRecord {
  readonly record: 'index';
  /** False when the recording was broken off. */
  readonly complete: boolean;
  readonly totals: TraceTotals;
  /** What the recorder knew only at the end, such as names of things that events call by number. */
  readonly notes?: Notes;
  readonly chunks: ChunkTable;
}

export type Notes = Readonly<Record<string, unknown>>;

/** This vmsplit's vocabulary, as a header carries it. */
export function currentKinds(): Record<string, KindEntry> {
  const entries = allKinds().map(({ name, row, fields }) => {
    const columns = Object.fromEntries(fields.map((field) => [field.name, field.column]));
    return [row.code, { name, fields: columns }] as const;
  });
  return Object.fromEntries(entries);
}
