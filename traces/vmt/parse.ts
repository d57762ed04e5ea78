/** Whether what was decoded has the shape of a record (format.ts): Faults tell what was found and what was expected. */
import { KIND_CODES, kindOf } from '../../core/event/vocabulary.ts';
import { Fault } from '../base/errors.ts';
import {
  type ChunkRecord,
  type ChunkTable,
  FORMAT,
  type IndexRecord,
  type KindEntry,
  MAX_CHUNK_EVENTS,
  PLAIN_COLUMNS,
  type TraceHeader,
  type TraceTotals,
} from './format.ts';
import { STEP_COLUMNS } from './steps.ts';

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

/** Columns of a chunk that is coded in steps. */
const ALL_STEP_COLUMNS = ['thinkNs', ...STEP_COLUMNS];
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
