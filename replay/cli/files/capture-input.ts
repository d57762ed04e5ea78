/** What `vmsplit capture` saved, or somebody gathered: a tar or a folder with a trace and the /proc files beside it. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { UsageError } from '../../../core/index.ts';
import {
  type AreaCallers,
  areaCallers,
  type Blocks,
  type InitialState,
  initialStateFrom,
  isTarHead,
  latin1,
  type ProcSection,
  parseVmallocinfo,
  peek,
  SNAPSHOT_FILES,
  TAR_HEAD_BYTES,
  type TarEntry,
  tarEntries,
} from '../../../traces/index.ts';
import { recognise } from '../../advise/index.ts';
import { unpackedText } from '../../spec/index.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { InputDigest } from './default-output.ts';
import { openBytes, STDIN } from './trace-input.ts';

export interface Capture {
  readonly trace: TarEntry;
  /** The kernel as it was before; undefined where the files do not tell. */
  readonly initialState: InitialState | undefined;
  /** Who has areas of the vmalloc window after. */
  readonly callers: AreaCallers;
  /** What the files say against the trace. */
  readonly warnings: readonly string[];
  /** Of the archive; of the trace where that is a file in a folder. */
  readonly digest: InputDigest;
}

/** A folder with more, or a file that is larger, is not what somebody gathered. */
const MOST_FILES = 1000;
const MOST_BYTES = 0x2000_0000;
/** Between two blocks there is progress. */
const BLOCK_BYTES = 0x10_0000;
const EXPECTED = 'a capture: a trace of a kernel, and files of /proc';

/** What is to be imported: a trace, or one of a capture. */
export interface ImportSource {
  /** For messages. */
  readonly name: string;
  readonly byteLength: number | undefined;
  readonly blocks: Blocks;
  readonly capture?: Capture;
}

/** A file or standard input, which may be a tar, or a folder. */
export async function openImport(terminal: Terminal, path: string): Promise<ImportSource> {
  const isFolder = path !== STDIN && (await stat(path).catch(() => undefined))?.isDirectory() === true;
  if (isFolder) return traceOf(path, await captureIn(path, await filesIn(path)));
  const input = await openBytes(path, 'a trace to import', terminal);
  const { first, blocks } = await peek(input.blocks, TAR_HEAD_BYTES);
  if (!(await isTarHead(first))) return { ...input, blocks };
  const bytes = await collected(input.name, blocks);
  return traceOf(input.name, {
    ...(await captureIn(input.name, (await tarEntries(bytes)) ?? [])),
    digest: digestOf(bytes),
  });
}

async function collected(name: string, blocks: Blocks): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const block of blocks) {
    parts.push(block);
    bytes += block.length;
    if (bytes > MOST_BYTES) throw tooLarge(name, `more than ${MOST_BYTES} bytes`);
  }
  return Buffer.concat(parts);
}

function traceOf(path: string, capture: Capture): ImportSource {
  const { name, content } = capture.trace;
  const blocks = (async function* () {
    for (let at = 0; at < content.length; at += BLOCK_BYTES) yield content.subarray(at, at + BLOCK_BYTES);
  })();
  return { name: `${path}: ${name}`, byteLength: content.length, blocks, capture };
}

async function captureIn(path: string, entries: readonly TarEntry[]): Promise<Capture> {
  const trace = await traceAmong(path, entries);
  const after = await textOf(entries, 'vmallocinfo', 'after');
  return {
    trace,
    initialState: await stateBefore(path, entries),
    callers: areaCallers(after === undefined ? [] : parseVmallocinfo(after.text, after.place)),
    warnings: droppedIn(entries),
    digest: digestOf(trace.content),
  };
}

function digestOf(bytes: Uint8Array): InputDigest {
  return { bytes: bytes.length, crc32: crc32(bytes) };
}

const TRACE_NAME = /^trace(?:\.txt)?(?:\.gz)?$/;

/** The one by its name, else the only one by its content. */
async function traceAmong(path: string, entries: readonly TarEntry[]): Promise<TarEntry> {
  const named = entries.filter(({ name }) => TRACE_NAME.test(basename(name)));
  const found = named.length > 0 ? named : await tracesAmong(entries);
  if (found.length === 1) return found[0]!;
  if (found.length === 0)
    throw new UsageError(
      `${path}: found no trace in ${entries.length} files, expected one; \`vmsplit advise ${path}\` tells what the others show`,
    );
  throw new UsageError(
    `${path}: found ${found.length} traces, expected one: import ${found.map(({ name }) => name).join(' or ')} itself, ` +
      'with --snapshot for the files beside it',
  );
}

/** Counted by the ring buffers of the cpus, once they are full: the trace itself does not say. */
function droppedIn(entries: readonly TarEntry[]): string[] {
  const stats = entries.find(({ name }) => basename(name) === 'buffers.txt');
  const counts = (stats && latin1(stats.content))?.matchAll(/^dropped events: (\d{1,15})$/gm) ?? [];
  const dropped = [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
  if (dropped === 0) return [];
  return [
    `${dropped} events were dropped when the buffer of a cpu was full: from then on events are missing; ` +
      'capture again with more (-b KIB)',
  ];
}

async function tracesAmong(entries: readonly TarEntry[]): Promise<TarEntry[]> {
  const traces: TarEntry[] = [];
  for (const entry of entries) {
    const text = await unpackedText(entry.content, entry.name, EXPECTED);
    if (recognise(text, entry.name).traces !== undefined) traces.push(entry);
  }
  return traces;
}

async function stateBefore(path: string, entries: readonly TarEntry[]): Promise<InitialState | undefined> {
  const found = await Promise.all(SNAPSHOT_FILES.map((name) => textOf(entries, name, 'before', '')));
  const reports = found.filter((report) => report !== undefined);
  const has = (name: string): boolean => reports.some((report) => report.name === name);
  return has('zoneinfo') && has('buddyinfo') ? initialStateFrom(reports, path) : undefined;
}

/** A file of /proc: `before/NAME` or `NAME.before`, for the first of the moments there is one of; '' is `NAME` alone. */
async function textOf(
  entries: readonly TarEntry[],
  name: string,
  ...moments: readonly string[]
): Promise<ProcSection | undefined> {
  for (const moment of moments) {
    const entry = entries.find((candidate) => isOf(candidate.name, name, moment));
    if (entry === undefined) continue;
    const text = await unpackedText(entry.content, entry.name, EXPECTED);
    return { label: undefined, name, text, place: { file: entry.name, firstLine: 1 } };
  }
  return undefined;
}

function isOf(path: string, name: string, moment: string): boolean {
  const file = basename(path).replace(/\.gz$/, '');
  const folder = basename(dirname(path));
  if (moment === '') return file === name && folder !== 'after';
  return file === `${name}.${moment}` || (file === name && folder === moment);
}

async function filesIn(folder: string): Promise<TarEntry[]> {
  const names = await readdir(folder, { recursive: true });
  if (names.length > MOST_FILES) throw tooLarge(folder, `${names.length} files`);
  const entries: TarEntry[] = [];
  for (const name of names.sort()) {
    const status = await stat(join(folder, name));
    if (status.size > MOST_BYTES) throw tooLarge(join(folder, name), `${status.size} bytes`);
    if (status.isFile()) entries.push({ name, content: await readFile(join(folder, name)) });
  }
  return entries;
}

function tooLarge(path: string, found: string): UsageError {
  return new UsageError(`${path}: found ${found}, expected ${EXPECTED}`);
}
