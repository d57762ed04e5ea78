/**
 * Traces on this machine, by the SHA-256 of their bytes: fetched when they are first asked for, checked before they are
 * used, and those used longest ago taken away when there are too many. Files of other names in the folder stay as they are.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { DIGEST } from './job.ts';
import type { TraceStore } from './trace-store.ts';

/** A trace that is not to be had here and now; elsewhere, or later, it may be. */
export class TraceError extends Error {}

export class TraceCache {
  /** Bytes fetched from the store so far. */
  fetchedBytes = 0;
  private readonly folder: string;
  private readonly mostBytes: number;
  private readonly store: TraceStore | undefined;
  private readonly fetching = new Map<string, Promise<string>>();
  /** How many jobs use a trace now: it stays. */
  private readonly users = new Map<string, number>();

  constructor(folder: string, mostBytes: number, store: TraceStore | undefined) {
    this.folder = folder;
    this.mostBytes = mostBytes;
    this.store = store;
  }

  /** The paths of traces, which stay there until the work is over. */
  async using<T>(digests: readonly string[], work: (paths: readonly string[]) => Promise<T>): Promise<T> {
    for (const digest of digests) this.users.set(digest, (this.users.get(digest) ?? 0) + 1);
    try {
      const paths: string[] = [];
      for (const digest of digests) paths.push(await this.pathOf(digest));
      return await work(paths);
    } finally {
      for (const digest of digests) this.users.set(digest, this.users.get(digest)! - 1);
    }
  }

  /** Of one trace at a time there is one copy under way. */
  private pathOf(digest: string): Promise<string> {
    const known = this.fetching.get(digest) ?? this.found(digest);
    this.fetching.set(digest, known);
    return known.finally(() => this.fetching.delete(digest));
  }

  private async found(digest: string): Promise<string> {
    if (!DIGEST.test(digest)) throw new TraceError(`found ${digest}, expected 64 hexadecimal digits`);
    const path = join(this.folder, digest);
    if ((await sizeOf(path)) !== undefined) {
      const nowSeconds = (performance.timeOrigin + performance.now()) / 1000;
      await utimes(path, nowSeconds, nowSeconds).catch(() => {});
      return path;
    }
    const bytes = await this.store?.get(digest);
    if (bytes === undefined)
      throw new TraceError(
        this.store === undefined
          ? `trace ${digest}: found no --traces to fetch it from, expected where the sweep has put it`
          : `trace ${digest}: not in ${this.store.name}`,
      );
    await mkdir(this.folder, { recursive: true }).catch((error: Error) => {
      throw new TraceError(`--cache ${this.folder}: cannot be made: ${error.message}`);
    });
    await this.fetch(digest, bytes, path);
    return path;
  }

  private async fetch(digest: string, bytes: AsyncIterable<Uint8Array>, path: string): Promise<void> {
    const part = `${path}.${randomUUID()}.part`;
    try {
      const found = await this.write(bytes, part);
      if (found !== digest)
        throw new TraceError(
          `trace ${digest}: ${this.store!.name} has other bytes there, whose SHA-256 is ${found}`,
        );
      await rename(part, path);
    } catch (error) {
      await rm(part, { force: true });
      throw error instanceof TraceError
        ? error
        : new TraceError(`trace ${digest}: ${(error as Error).message}`);
    }
  }

  /** Makes room as it goes; the SHA-256 of what it wrote. */
  private async write(bytes: AsyncIterable<Uint8Array>, part: string): Promise<string> {
    const hash = createHash('sha256');
    const file = await open(part, 'wx');
    let count = 0;
    let checkedBytes = 0;
    try {
      for await (const block of bytes) {
        count += block.length;
        if (count > this.mostBytes)
          throw new TraceError(`it is larger than the cache of ${this.mostBytes} bytes: give --cache-size`);
        hash.update(block);
        if (count >= checkedBytes) {
          await this.makeRoom(count);
          checkedBytes = count + CHECK_BYTES;
        }
        await this.writeBlock(file, block);
        this.fetchedBytes += block.length;
      }
    } finally {
      await file.close();
    }
    return hash.digest('hex');
  }

  /** A full disk takes what was used longest ago, until there is nothing more to take. */
  private async writeBlock(file: Awaited<ReturnType<typeof open>>, block: Uint8Array): Promise<void> {
    for (let at = 0; at < block.length; ) {
      try {
        at += (await file.write(block, at)).bytesWritten;
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        if (code !== 'ENOSPC' || !(await this.dropOldest()))
          throw new TraceError(`--cache ${this.folder}: cannot be written: ${message}`);
      }
    }
  }

  private async makeRoom(wantedBytes: number): Promise<void> {
    let total = wantedBytes;
    for (const { bytes } of await this.kept()) total += bytes;
    while (total > this.mostBytes) {
      const freed = await this.dropOldest();
      if (freed === 0) return;
      total -= freed;
    }
  }

  /** How many bytes that gave. */
  private async dropOldest(): Promise<number> {
    const idle = (await this.kept()).filter(({ digest }) => !this.users.get(digest));
    const [oldest] = idle.sort((one, other) => one.usedMs - other.usedMs);
    if (oldest === undefined) return 0;
    await rm(join(this.folder, oldest.digest), { force: true });
    return oldest.bytes;
  }

  private async kept(): Promise<
    { readonly digest: string; readonly bytes: number; readonly usedMs: number }[]
  > {
    const kept: { digest: string; bytes: number; usedMs: number }[] = [];
    for (const digest of await readdir(this.folder)) {
      if (!DIGEST.test(digest)) continue;
      const status = await stat(join(this.folder, digest)).catch(() => undefined);
      if (status?.isFile()) kept.push({ digest, bytes: status.size, usedMs: status.mtimeMs });
    }
    return kept;
  }
}

async function sizeOf(path: string): Promise<number | undefined> {
  const status = await stat(path).catch(() => undefined);
  return status?.isFile() ? status.size : undefined;
}

/** Bytes written between looks at how much there is. */
const CHECK_BYTES = 2 ** 23;

/** What a cache takes unless somebody says otherwise. */
export const DEFAULT_CACHE_BYTES = 10 * 2 ** 30;
