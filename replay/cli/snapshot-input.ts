/** A snapshot named on the command line: a folder with reports of /proc, or a file with several in one. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import {
  type InitialState,
  initialStateFrom,
  type ProcSection,
  procSections,
  SNAPSHOT_FILES,
} from '../../traces/index.ts';

/** The state that the reports tell; what is no snapshot is a UsageError. */
export async function readSnapshot(path: string): Promise<InitialState> {
  const isFolder = (await stat(path)).isDirectory();
  return initialStateFrom(isFolder ? await reportsIn(path) : procSections(await textOf(path), path), path);
}

/** `zoneinfo`, else `zoneinfo.before`, gzipped or not, and so on. */
async function reportsIn(folder: string): Promise<ProcSection[]> {
  const files = await readdir(folder);
  const reports: ProcSection[] = [];
  for (const name of SNAPSHOT_FILES) {
    const wanted = ['', '.gz', '.before', '.before.gz'].map((ending) => name + ending);
    const found = wanted.find((file) => files.includes(file));
    if (found === undefined) continue;
    const file = join(folder, found);
    reports.push({ label: undefined, name, text: await textOf(file), place: { file, firstLine: 1 } });
  }
  return reports;
}

async function textOf(path: string): Promise<string> {
  const bytes = await readFile(path);
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return (isGzip ? gunzipSync(bytes) : bytes).toString('latin1');
}
