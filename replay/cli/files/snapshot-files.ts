/** The snapshots that go with a kernel trace to be verified: reports of /proc beside it, or where the user says. */
import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { UsageError } from '../../../core/index.ts';
import { type Capture, wholeText } from '../../brought/index.ts';
import { isSnapshotFile, type Moment, momentsOf, type SnapshotFile } from '../../verify/index.ts';
import { STDIN } from './trace-input.ts';

/** The text of a file; `expected` is what it should hold. */
type ReadText = (path: string, expected: string) => Promise<string>;

const EXPECTED = 'reports of /proc (buddyinfo, pagetypeinfo, zoneinfo)';

/** `path`: a directory or a file; by default the directory of the trace, which may hold none. */
export async function readMoments(
  path: string | undefined,
  trace: string,
  read: ReadText,
): Promise<Moment[]> {
  if (path === undefined) return trace === STDIN ? [] : momentsOf(await filesIn(dirname(trace), read));
  const isDirectory = path !== STDIN && (await stat(path)).isDirectory();
  const moments = momentsOf(isDirectory ? await filesIn(path, read) : [await snapshotFile(path, read)]);
  if (moments.length > 0) return moments;
  throw new UsageError(
    `${path}: found no buddyinfo, pagetypeinfo or zoneinfo, expected files such as zoneinfo.before, or one text with '=== LABEL' and '--- zoneinfo' headings`,
  );
}

/** Of the folder itself, and of those in which `vmsplit capture` keeps its moments. */
async function filesIn(folder: string, read: ReadText): Promise<SnapshotFile[]> {
  const names: string[] = [];
  for (const part of ['', 'before', 'start', 'after'])
    for (const name of await readdir(join(folder, part)).catch(() => [])) names.push(join(part, name));
  return Promise.all(
    names
      .filter(isSnapshotFile)
      .sort()
      .map((name) => snapshotFile(join(folder, name), read)),
  );
}

/** Those in a capture. */
export async function momentsInCapture({ files }: Capture): Promise<Moment[]> {
  const reports = files.filter(({ name }) => isSnapshotFile(name));
  return momentsOf(
    await Promise.all(reports.map(async (file) => ({ name: file.name, text: await wholeText(file) }))),
  );
}

async function snapshotFile(path: string, read: ReadText): Promise<SnapshotFile> {
  return { name: path, text: await read(path, EXPECTED) };
}
