/**
 * An advisory lock on the name of an output: a symbolic link `NAME.lock` whose text says who writes, as editors make
 * them, since it appears at once and whole. What a killed process left is known by its process, which is gone, and is
 * taken over.
 */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { UsageError } from '../../core/base/errors.ts';
import { codeOf, type FileSystem } from './file-system.ts';

/** A process, wherever it runs. */
interface Owner {
  readonly host: string;
  readonly pid: number;
  /** Ticks from boot to its start where /proc tells them, so that a number used again is another process; else 0. */
  readonly start: string;
}

export interface Lock {
  release(): Promise<void>;
}

/** More processes than this that take over at once: something else is wrong. */
const MOST_TRIES = 10;
/** What file systems without symbolic links, and systems that reserve them, answer: there, nothing is locked. */
const UNSUPPORTED = ['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP'];

/** Throws a UsageError while another process, or this one, writes the same output. */
export async function lockOutput(path: string, files: FileSystem): Promise<Lock> {
  const lock = `${path}.lock`;
  for (let i = 0; i < MOST_TRIES; i++) {
    const made = await makeLink(lock, textOf(self()), files);
    if (made === 'unsupported') return { async release() {} };
    if (made === 'made') return { release: () => files.remove(lock).catch(unlessMissing) };
    await takeOver(path, lock, files);
  }
  throw new UsageError(
    `${lock}: found something that is no lock of vmsplit, expected none. Choose another output, or rename it`,
  );
}

async function makeLink(
  lock: string,
  text: string,
  files: FileSystem,
): Promise<'made' | 'taken' | 'unsupported'> {
  try {
    await files.link(text, lock);
    return 'made';
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return 'taken';
    if (UNSUPPORTED.includes(codeOf(error) ?? '')) return 'unsupported';
    throw error;
  }
}

/** Takes a lock away that nobody holds: by another name first, so that of several that find it one gets it. */
async function takeOver(path: string, lock: string, files: FileSystem): Promise<void> {
  const text = await files.linkOf(lock);
  const owner = ownerOf(text);
  if (owner === undefined) return;
  if (isAlive(owner)) throw inUse(path, lock, owner);
  const aside = `${lock}.${process.pid}`;
  await files.rename(lock, aside).catch(unlessMissing);
  const taken = await files.linkOf(aside);
  await files.remove(aside).catch(unlessMissing);
  // Another was faster: what was taken away was its lock, made since.
  if (taken !== undefined && taken !== text) await makeLink(lock, taken, files);
}

function textOf({ host, pid, start }: Owner): string {
  return `${host}:${pid}:${start}`;
}

/** Undefined when the lock has gone, or is none. */
function ownerOf(text: string | undefined): Owner | undefined {
  const found = text === undefined ? null : /^([^:/]+):(\d+):(\d+)$/.exec(text);
  return found === null ? undefined : { host: found[1]!, pid: Number(found[2]), start: found[3]! };
}

function inUse(path: string, lock: string, { host, pid }: Owner): UsageError {
  const where = host === hostname() ? '' : ` on ${host}`;
  return new UsageError(
    `${path}: is being written by process ${pid}${where}, expected one writer at a time. ` +
      `Wait for it, or choose another name; if there is no such process, remove ${lock}`,
  );
}

function self(): Owner {
  return { host: hostname(), pid: process.pid, start: startOf(process.pid) };
}

/** A process on another host counts as alive: it cannot be asked. */
function isAlive({ host, pid, start }: Owner): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (codeOf(error) !== 'EPERM') return false;
  }
  return startOf(pid) === start;
}

/** Field 22 of /proc/PID/stat (proc(5)); what stands before, a name in brackets, may hold anything. */
function startOf(pid: number): string {
  try {
    const status = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return status.slice(status.lastIndexOf(')') + 2).split(' ')[19] ?? '0';
  } catch {
    return '0';
  }
}

function unlessMissing(error: unknown): void {
  if (codeOf(error) !== 'ENOENT') throw error;
}
