/**
 * Snapshots of a kernel's /proc: named on the command line when a trace is imported (a folder with reports, or a file
 * with several in one), and taken from the trace when a machine is to begin with one.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Command } from 'commander';
import { type MachineOptions, UsageError } from '../../core/index.ts';
import {
  type InitialState,
  initialMemory,
  initialStateFrom,
  type ProcSection,
  procSections,
  SNAPSHOT_FILES,
} from '../../traces/index.ts';
import type { Events } from './events.ts';

export interface SnapshotArguments {
  readonly fromSnapshot?: true;
}

export function addSnapshotOption(command: Command): Command {
  return command.option(
    '--from-snapshot',
    'begin with the free blocks of the kernel that the trace was recorded on (import --snapshot)',
  );
}

/** How the machines are to begin, if anything is asked for. */
export function memoryOf(
  { name, snapshot }: Pick<Events, 'name' | 'snapshot'>,
  { fromSnapshot }: SnapshotArguments,
): MachineOptions {
  if (fromSnapshot === undefined) return {};
  if (snapshot === undefined)
    throw new UsageError(
      `${name}: found no snapshot, expected one for --from-snapshot; import the trace with --snapshot`,
    );
  // A pool of bounce buffers would take room that may have been free there; the snapshot tells of none.
  return { memory: initialMemory(snapshot), swiotlb: false };
}

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

/** A text, gzipped or not. */
export async function textOf(path: string): Promise<string> {
  const bytes = await readFile(path);
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return (isGzip ? gunzipSync(bytes) : bytes).toString('latin1');
}
