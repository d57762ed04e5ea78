/** Snapshots of a kernel's /proc beside a trace to be imported: a folder with reports, or a file with several in one. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type InitialState,
  initialStateFrom,
  type ProcSection,
  procSections,
  SNAPSHOT_FILES,
} from '../../../traces/index.ts';
import { placeOf } from '../../spec/index.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { readText } from './text-input.ts';
import { STDIN } from './trace-input.ts';

const EXPECTED = 'reports of /proc (zoneinfo, buddyinfo, pagetypeinfo, slabinfo, vmallocinfo)';

/** The state that the reports tell; what is no snapshot is a UsageError. */
export async function readSnapshot(terminal: Terminal, path: string): Promise<InitialState> {
  const isFolder = path !== STDIN && (await stat(path)).isDirectory();
  const name = placeOf(path);
  const sections = isFolder
    ? await reportsIn(terminal, path)
    : procSections(await readText(terminal, path, EXPECTED), name);
  return initialStateFrom(sections, name);
}

/** `zoneinfo`, else `zoneinfo.before`, gzipped or not, and so on. */
async function reportsIn(terminal: Terminal, folder: string): Promise<ProcSection[]> {
  const files = await readdir(folder);
  const reports: ProcSection[] = [];
  for (const name of SNAPSHOT_FILES) {
    const wanted = ['', '.gz', '.before', '.before.gz'].map((ending) => name + ending);
    const found = wanted.find((file) => files.includes(file));
    if (found === undefined) continue;
    const file = join(folder, found);
    reports.push({
      label: undefined,
      name,
      text: await readText(terminal, file, EXPECTED),
      place: { file, firstLine: 1 },
    });
  }
  return reports;
}
