/** What `vmsplit capture` saved, or somebody gathered: a trace, and the /proc files beside it. */
import { UsageError } from '../../core/base/errors.ts';
import {
  type AreaCallers,
  areaCallers,
  crc32,
  type InitialState,
  initialStateFrom,
  latin1,
  type ProcSection,
  parseVmallocinfo,
  procSections,
  SNAPSHOT_FILES,
  type Source,
  type TarEntry,
} from '../../traces/index.ts';
import { recognise } from '../advise/board/evidence.ts';
import { MOST_TEXT_BYTES, textUnlessLong, unpackedText } from '../spec/index.ts';
import { baseName, contentOf, entrySources, folderName } from './content.ts';
import type { InputDigest } from './digest.ts';

export interface Capture {
  readonly trace: Source;
  /** All that there is, the trace too. */
  readonly files: readonly Source[];
  /** The kernel as it was before; undefined where the files do not tell. */
  readonly initialState: InitialState | undefined;
  /** Who has areas of the vmalloc window after. */
  readonly callers: AreaCallers;
  /** What the files say against the trace. */
  readonly warnings: readonly string[];
  /** Of the archive; undefined where the trace is a file of its own, whose digest counts. */
  readonly digest?: InputDigest;
}

/** A folder with more, or an archive that is larger, is not what somebody gathered. */
export const MOST_FILES = 1000;
export const MOST_CAPTURE_BYTES = 0x2000_0000;
export const A_CAPTURE = 'a capture: a trace of a kernel, and files of /proc';

/** @param path of the folder, for messages */
export async function captureIn(path: string, files: readonly Source[]): Promise<Capture> {
  const after = await textOf(files, 'vmallocinfo', 'after');
  return {
    trace: await traceAmong(path, files),
    files,
    initialState: await stateBefore(path, files),
    callers: areaCallers(after === undefined ? [] : parseVmallocinfo(after.text, after.place)),
    warnings: await droppedIn(files),
  };
}

/** @param bytes the archive as it came, `entries` what is in it */
export async function captureOfTar(
  path: string,
  bytes: Uint8Array,
  entries: readonly TarEntry[],
): Promise<Capture> {
  const digest = { bytes: bytes.length, crc32: crc32(bytes) };
  return { ...(await captureIn(path, entrySources(entries))), digest };
}

const TRACE_NAME = /^trace(?:\.txt)?(?:\.gz)?$/;

/** The one by its name, else the only one by its content. */
async function traceAmong(path: string, files: readonly Source[]): Promise<Source> {
  const named = files.filter(({ name }) => TRACE_NAME.test(baseName(name)));
  const found = named.length > 0 ? named : await tracesIn(files);
  if (found.length === 1) return found[0]!;
  if (found.length === 0)
    throw new UsageError(
      `${path}: found no trace in ${files.length} files, expected one; \`vmsplit advise ${path}\` tells what the others show`,
    );
  throw new UsageError(
    `${path}: found ${found.length} traces, expected one: import ${found.map(({ name }) => name).join(' or ')} itself, ` +
      'with --snapshot for the files beside it',
  );
}

async function tracesIn(files: readonly Source[]): Promise<Source[]> {
  const traces: Source[] = [];
  for (const file of files) if (await isTrace(file)) traces.push(file);
  return traces;
}

/** What is too long for any other file is a trace. */
async function isTrace(file: Source): Promise<boolean> {
  if (file.byteLength > MOST_TEXT_BYTES) return true;
  const text = await textUnlessLong(await contentOf(file, MOST_TEXT_BYTES, A_CAPTURE), file.name, A_CAPTURE);
  return text === undefined || recognise(text, file.name).traces !== undefined;
}

/** Of a file of a capture, gzipped or not. */
export async function wholeText(file: Source): Promise<string> {
  return unpackedText(await contentOf(file, MOST_TEXT_BYTES, A_CAPTURE), file.name, A_CAPTURE);
}

/** Counted by the ring buffers of the cpus, once they are full: the trace itself does not say. */
async function droppedIn(files: readonly Source[]): Promise<string[]> {
  const stats = files.find(({ name }) => baseName(name) === 'buffers.txt');
  const text = stats && latin1(await contentOf(stats, MOST_TEXT_BYTES, A_CAPTURE));
  const counts = text?.matchAll(/^dropped events: (\d{1,15})$/gm) ?? [];
  const dropped = [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
  if (dropped === 0) return [];
  return [
    `${dropped} events were dropped when the buffer of a cpu was full: from then on events are missing; ` +
      'capture again with more (-b KIB)',
  ];
}

async function stateBefore(path: string, files: readonly Source[]): Promise<InitialState | undefined> {
  const reports: ProcSection[] = [];
  for (const name of SNAPSHOT_FILES) {
    const report = await textOf(files, name, 'before', '');
    if (report !== undefined) reports.push(report);
  }
  if (!isSnapshot(reports)) reports.push(...(await sectionsIn(files)));
  return isSnapshot(reports) ? initialStateFrom(reports, path) : undefined;
}

function isSnapshot(reports: readonly ProcSection[]): boolean {
  return ['zoneinfo', 'buddyinfo'].every((name) => reports.some((report) => report.name === name));
}

/** Of the first file that has several reports in it. */
async function sectionsIn(files: readonly Source[]): Promise<ProcSection[]> {
  for (const file of files) {
    if (file.byteLength > MOST_TEXT_BYTES || TRACE_NAME.test(baseName(file.name))) continue;
    const sections = procSections(await wholeText(file), file.name);
    if (isSnapshot(sections)) return sections;
  }
  return [];
}

/** A file of /proc: `before/NAME` or `NAME.before`, for the first of the moments there is one of; '' is `NAME` alone. */
async function textOf(
  files: readonly Source[],
  name: string,
  ...moments: readonly string[]
): Promise<ProcSection | undefined> {
  for (const moment of moments) {
    const file = files.find((candidate) => isOf(candidate.name, name, moment));
    if (file === undefined) continue;
    const text = await wholeText(file);
    return { label: undefined, name, text, place: { file: file.name, firstLine: 1 } };
  }
  return undefined;
}

function isOf(path: string, name: string, moment: string): boolean {
  const file = baseName(path).replace(/\.gz$/, '');
  const folder = folderName(path);
  if (moment === '') return file === name && folder !== 'after';
  return file === `${name}.${moment}` || (file === name && folder === moment);
}
