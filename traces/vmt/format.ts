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
 * This file has the types, the limits, and the checks that a decoded record has the shape it should have.
 */
import { allKinds, KIND_CODES, kindOf } from '../../core/event/vocabulary.ts';
import { Fault } from '../base/errors.ts';
import type { ValueLimits } from './measure.ts';
import { STEP_COLUMNS } from './steps.ts';

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

export interface TraceTotals {
  readonly events: number;
  /** Number of events by the name of their kind; kinds that do not occur are left out. */
  readonly kinds: Readonly<Record<string, number>>;
  readonly references: ReferenceCounts;
}

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

/** Looks at the format and version only: everything else may differ in a later version. */
export function versionOf(record: unknown): number {
  const { format, version } = mapOf(record, 'a trace header');
  if (format !== FORMAT) throw new Fault(`format ${show(format)}`, `format '${FORMAT}'`);
  return natural(version, 'version');
}

export function parseHeader(record: unknown): TraceHeader {
  const header = mapOf(record, 'a trace header');
  checkFields(header, HEADER_FIELDS, 'a header');
  const { tool, toolVersion, seed, tickUnit } = header;
  if (seed !== null && !Number.isFinite(seed)) throw new Fault(`seed ${show(seed)}`, 'a number or nil');
  if (tickUnit !== 'ns') throw new Fault(`tick unit ${show(tickUnit)}`, "'ns'");
  return {
    format: FORMAT,
    version: versionOf(header),
    tool: text(tool, 'tool'),
    toolVersion: text(toolVersion, 'toolVersion'),
    seed: seed as number | null,
    parameters: mapOf(header.parameters, 'parameters'),
    tickUnit,
    kinds: parseKinds(header.kinds),
  };
}

/** Fields of the records; any other would mean something that this version cannot know. */
const HEADER_FIELDS = [
  ...['format', 'version', 'tool', 'toolVersion', 'seed', 'parameters', 'tickUnit', 'kinds'],
  'checksum',
];
const CHUNK_FIELDS = ['record', 'seq', 'firstEvent', 'count', 'steps', 'columns', 'checksum'];
const INDEX_FIELDS = ['record', 'complete', 'totals', 'notes', 'chunks', 'checksum'];

function checkFields(record: Record<string, unknown>, known: readonly string[], what: string): void {
  const unknown = Object.keys(record).find((field) => !known.includes(field));
  if (unknown !== undefined)
    throw new Fault(`${what} with a field ${show(unknown)}`, `none but ${known.join(', ')}`);
}

/** The trace's vocabulary; a code that this vmsplit knows must mean the same in both. */
function parseKinds(value: unknown): Record<string, KindEntry> {
  const kinds: Record<string, KindEntry> = {};
  for (const [code, entry] of Object.entries(mapOf(value, 'a table of event kinds'))) {
    const { name, fields } = mapOf(entry, `event kind ${code}`);
    if (!/^\d{1,3}$/.test(code) || Number(code) >= KIND_CODES)
      throw new Fault(`a kind with code ${show(code)}`, `codes from 0 to ${KIND_CODES - 1}`);
    const known = kindOf(Number(code))?.name;
    if (known !== undefined && name !== known) {
      throw new Fault(`kind ${code} called ${show(name)}`, `kind ${code} to be ${known}`);
    }
    kinds[code] = { name: text(name, 'name of a kind'), fields: parseFields(fields, show(name)) };
  }
  return kinds;
}

const FIELD_COLUMNS: readonly string[] = ['object', 'a', 'b', 'c'];

function parseFields(value: unknown, kind: string): Record<string, string> {
  const fields = Object.entries(mapOf(value, 'fields of a kind'));
  const columns = fields.map(([, column]) => text(column, 'column of a field'));
  const wrong = columns.find((column, i) => !FIELD_COLUMNS.includes(column) || columns.indexOf(column) < i);
  if (wrong !== undefined)
    throw new Fault(
      `a field of ${kind} in column ${show(wrong)}`,
      'one of object, a, b and c for each field',
    );
  return Object.fromEntries(fields.map(([field], i) => [field, columns[i]!]));
}

export function isIndex(record: unknown): boolean {
  return typeof record === 'object' && record !== null && 'record' in record && record.record === 'index';
}

export function parseChunk(record: unknown): ChunkRecord {
  const chunk = mapOf(record, 'a chunk');
  if (chunk.record !== 'chunk') throw new Fault(`a record ${show(chunk.record)}`, 'a chunk or the index');
  const count = natural(chunk.count, 'count');
  if (count < 1 || count > MAX_CHUNK_EVENTS) {
    throw new Fault(`a chunk of ${count} events`, `1 to ${MAX_CHUNK_EVENTS}`);
  }
  checkFields(chunk, CHUNK_FIELDS, 'a chunk');
  const columns = mapOf(chunk.columns, 'columns');
  checkFields(columns, chunk.steps === undefined ? PLAIN_COLUMNS : ALL_STEP_COLUMNS, 'columns');
  for (const [name, bytes] of Object.entries(columns)) {
    if (!(bytes instanceof Uint8Array)) throw new Fault(`column ${show(name)} without bytes`, 'a binary');
  }
  const seq = natural(chunk.seq, 'seq');
  const firstEvent = natural(chunk.firstEvent, 'firstEvent');
  const parsed = {
    record: 'chunk' as const,
    seq,
    firstEvent,
    count,
    columns: columns as ChunkRecord['columns'],
  };
  return chunk.steps === undefined ? parsed : { ...parsed, steps: parseSteps(chunk.steps) };
}

/** Columns of a chunk that is coded column by column, and of one in steps. */
export const PLAIN_COLUMNS = ['kind', 'cpu', 'thinkNs', 'object', 'a', 'b', 'c'] as const;
const ALL_STEP_COLUMNS = ['thinkNs', ...STEP_COLUMNS];

function parseSteps(value: unknown): NonNullable<ChunkRecord['steps']> {
  const sizes = mapOf(value, 'steps');
  checkFields(sizes, ['lanes', 'shapes', 'steps'], 'sizes of dictionaries');
  const { lanes, shapes, steps } = sizes;
  return {
    lanes: natural(lanes, 'lanes'),
    shapes: natural(shapes, 'shapes'),
    steps: natural(steps, 'steps'),
  };
}

export function parseIndex(record: unknown): IndexRecord {
  const index = mapOf(record, 'an index');
  checkFields(index, INDEX_FIELDS, 'an index');
  const table = mapOf(index.chunks, 'table of chunks');
  checkFields(table, ['offset', 'firstEvent', 'count'], 'a table of chunks');
  const { offset, firstEvent, count } = table;
  const chunks = {
    offset: naturals(offset, 'offset'),
    firstEvent: naturals(firstEvent, 'firstEvent'),
    count: naturals(count, 'count'),
  };
  const totals = parseTotals(index.totals);
  checkChunkTable(chunks, totals.events);
  const { complete } = index;
  if (typeof complete !== 'boolean') throw new Fault(`complete ${show(complete)}`, 'true or false');
  const known = { record: 'index' as const, complete, totals, chunks };
  return index.notes === undefined ? known : { ...known, notes: mapOf(index.notes, 'notes') };
}

function parseTotals(value: unknown): TraceTotals {
  const totals = mapOf(value, 'totals');
  const references = mapOf(totals.references, 'references');
  const kinds = Object.entries(mapOf(totals.kinds, 'counts of kinds'));
  return {
    events: natural(totals.events, 'events'),
    kinds: Object.fromEntries(kinds.map(([name, count]) => [name, natural(count, name)])),
    references: {
      read: natural(references.read, 'read'),
      write: natural(references.write, 'write'),
      modify: natural(references.modify, 'modify'),
      execute: natural(references.execute, 'execute'),
    },
  };
}

/** Chunks follow each other without gaps, in the file and in the count of events. */
function checkChunkTable({ offset, firstEvent, count }: ChunkTable, events: number): void {
  if (firstEvent.length !== offset.length || count.length !== offset.length) {
    throw new Fault('a table of chunks with columns of unequal length', 'equal length');
  }
  let next = 0;
  for (let i = 0; i < offset.length; i++) {
    const ascending = i === 0 || offset[i]! > offset[i - 1]!;
    if (!ascending || firstEvent[i] !== next || count[i]! < 1 || count[i]! > MAX_CHUNK_EVENTS) {
      throw new Fault(`a table of chunks that is wrong at chunk ${i}`, 'chunks in order');
    }
    next += count[i]!;
  }
  if (next !== events) throw new Fault(`${next} events in chunks`, `${events}, the total`);
}

/** Throws a Fault unless it is a map. */
export function mapOf(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Uint8Array) {
    throw new Fault(show(value), `${what} as a map`);
  }
  return value as Record<string, unknown>;
}

function natural(value: unknown, what: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new Fault(`${what} ${show(value)}`, 'a whole number, 0 or more');
}

function naturals(value: unknown, what: string): number[] {
  if (!Array.isArray(value)) throw new Fault(`${what} ${show(value)}`, 'a list of numbers');
  for (const item of value) natural(item, what);
  return value;
}

function text(value: unknown, what: string): string {
  if (typeof value === 'string') return value;
  throw new Fault(`${what} ${show(value)}`, 'text');
}

/** A value from a file in an error message: short, and without control characters. */
function show(value: unknown): string {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'a map';
  return JSON.stringify(String(value).slice(0, 40));
}
