/** What `vmsplit capture` saved, or somebody gathered: a tar or a folder with a trace and the /proc files beside it. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { UsageError } from '../../../core/index.ts';
import {
  type AreaCallers,
  areaCallers,
  type InitialState,
  initialStateFrom,
  looksLikeTar,
  type ProcSection,
  parseVmallocinfo,
  SNAPSHOT_FILES,
  type TarEntry,
  tarEntries,
} from '../../../traces/index.ts';
import { recognise } from '../../advise/index.ts';
import { unpackedText } from '../../node/run-files.ts';
import type { InputDigest } from './default-output.ts';

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
const EXPECTED = 'a capture: a trace of a kernel, and files of /proc';

/** Undefined: it is neither a folder nor a tar. */
export async function openCapture(path: string): Promise<Capture | undefined> {
  const status = await stat(path).catch(() => undefined);
  if (status?.isDirectory()) return captureIn(path, await filesIn(path));
  if (!status?.isFile() || !(await looksLikeTar(path))) return undefined;
  if (status.size > MOST_BYTES) throw tooLarge(path, `${status.size} bytes`);
  const bytes = await readFile(path);
  const entries = tarEntries(bytes) ?? [];
  return { ...captureIn(path, entries), digest: digestOf(bytes) };
}

function captureIn(path: string, entries: readonly TarEntry[]): Capture {
  const trace = traceAmong(path, entries);
  const after = textOf(entries, 'vmallocinfo', 'after');
  return {
    trace,
    initialState: stateBefore(path, entries),
    callers: areaCallers(after === undefined ? [] : parseVmallocinfo(after.text, after.place)),
    warnings: droppedIn(entries),
    digest: digestOf(trace.content),
  };
}

function digestOf(bytes: Buffer): InputDigest {
  return { bytes: bytes.length, crc32: crc32(bytes) };
}

const TRACE_NAME = /^trace(?:\.txt)?(?:\.gz)?$/;

/** The one by its name, else the only one by its content. */
function traceAmong(path: string, entries: readonly TarEntry[]): TarEntry {
  const named = entries.filter(({ name }) => TRACE_NAME.test(basename(name)));
  const found = named.length > 0 ? named : entries.filter(isTrace);
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
  const counts = stats?.content.toString('latin1').matchAll(/^dropped events: (\d{1,15})$/gm) ?? [];
  const dropped = [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
  if (dropped === 0) return [];
  return [
    `${dropped} events were dropped when the buffer of a cpu was full: from then on events are missing; ` +
      'capture again with more (-b KIB)',
  ];
}

function isTrace({ name, content }: TarEntry): boolean {
  return recognise(unpackedText(content, name, EXPECTED), name).traces !== undefined;
}

function stateBefore(path: string, entries: readonly TarEntry[]): InitialState | undefined {
  const reports = SNAPSHOT_FILES.flatMap((name) => textOf(entries, name, 'before', '') ?? []);
  const has = (name: string): boolean => reports.some((report) => report.name === name);
  return has('zoneinfo') && has('buddyinfo') ? initialStateFrom(reports, path) : undefined;
}

/** A file of /proc: `before/NAME` or `NAME.before`, for the first of the moments there is one of; '' is `NAME` alone. */
function textOf(
  entries: readonly TarEntry[],
  name: string,
  ...moments: readonly string[]
): ProcSection | undefined {
  for (const moment of moments) {
    const entry = entries.find((candidate) => isOf(candidate.name, name, moment));
    if (entry === undefined) continue;
    const text = unpackedText(entry.content, entry.name, EXPECTED);
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
