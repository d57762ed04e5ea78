/**
 * A disk in memory whose calls can be made to fail, one by one, and whose power can be cut: what was not synchronised
 * is then lost or kept, as the disk likes, names and contents apart.
 */
import type { FileStatus, FileSystem, WritableFile } from '../../traces/node/file-system.ts';

interface StoredFile {
  bytes: Buffer;
  /** What fsync has put down. */
  synced: Buffer;
  mode: number;
}

type Entry = { readonly file: StoredFile } | { readonly link: string };

/** What the disk does at its n-th call. */
export interface Mishap {
  readonly atCall: number;
  /** The call fails and has no effect; or the power goes before it, and nothing has an effect any more. */
  readonly kind: 'fails' | 'power';
  readonly code?: string;
}

class PowerCut extends Error {}

export class FaultyDisk implements FileSystem {
  calls = 0;
  /** Name of the call that went wrong. */
  wentWrong: string | undefined;
  private readonly mishap: Mishap | undefined;
  private readonly bytesPerWrite: number;
  private names = new Map<string, Entry>();
  private syncedNames = new Map<string, Entry>();

  constructor(mishap?: Mishap, bytesPerWrite = Number.POSITIVE_INFINITY) {
    this.mishap = mishap;
    this.bytesPerWrite = bytesPerWrite;
  }

  /** A file that has been there for long. */
  put(path: string, text: string, mode = 0o644): void {
    const bytes = Buffer.from(text);
    this.names.set(path, { file: { bytes, synced: bytes, mode } });
    this.syncedNames = new Map(this.names);
  }

  putLink(path: string, link: string): void {
    this.names.set(path, { link });
    this.syncedNames = new Map(this.names);
  }

  list(): string[] {
    return [...this.names.keys()].sort();
  }

  modeOf(path: string): number | undefined {
    return this.fileAt(path)?.mode;
  }

  contentOf(path: string): Buffer | undefined {
    return this.fileAt(path)?.bytes;
  }

  /** What may be there when the power is back: either set of names, with either contents. */
  afterPowerCut(path: string): (Buffer | undefined)[] {
    return [this.names, this.syncedNames].flatMap((names) => {
      const entry = names.get(path);
      if (entry === undefined || 'link' in entry) return [undefined];
      return [entry.file.bytes, entry.file.synced];
    });
  }

  async status(path: string): Promise<FileStatus | undefined> {
    this.call('status');
    const file = this.fileAt(path);
    return file && { type: 'file', mode: file.mode };
  }

  async linkOf(path: string): Promise<string | undefined> {
    this.call('linkOf');
    const entry = this.names.get(path);
    return entry !== undefined && 'link' in entry ? entry.link : undefined;
  }

  async open(path: string, how: 'new' | 'existing'): Promise<WritableFile> {
    this.call('open');
    if (how === 'new' && this.names.has(path)) throw failure('EEXIST');
    const file: StoredFile = { bytes: Buffer.alloc(0), synced: Buffer.alloc(0), mode: 0o644 };
    this.names.set(path, { file });
    return {
      write: async (bytes) => {
        this.call('write');
        const part = bytes.subarray(0, this.bytesPerWrite);
        file.bytes = Buffer.concat([file.bytes, part]);
        return part.length;
      },
      setMode: async (mode) => {
        this.call('setMode');
        file.mode = mode;
      },
      sync: async () => {
        this.call('sync');
        file.synced = file.bytes;
      },
      close: async () => this.call('close'),
    };
  }

  async link(text: string, path: string): Promise<void> {
    this.call('link');
    if (this.names.has(path)) throw failure('EEXIST');
    this.names.set(path, { link: text });
  }

  async rename(from: string, to: string): Promise<void> {
    this.call('rename');
    const entry = this.names.get(from);
    if (entry === undefined) throw failure('ENOENT');
    this.names.set(to, entry);
    this.names.delete(from);
  }

  async remove(path: string): Promise<void> {
    this.call('remove');
    if (!this.names.delete(path)) throw failure('ENOENT');
  }

  async syncDirectory(): Promise<void> {
    this.call('syncDirectory');
    this.syncedNames = new Map(this.names);
  }

  private fileAt(path: string): StoredFile | undefined {
    const entry = this.names.get(path);
    if (entry === undefined) return undefined;
    return 'link' in entry ? this.fileAt(entry.link) : entry.file;
  }

  private call(name: string): void {
    this.calls++;
    const { mishap } = this;
    if (mishap === undefined || this.calls < mishap.atCall) return;
    if (mishap.kind === 'power') throw new PowerCut();
    if (this.calls > mishap.atCall) return;
    this.wentWrong = name;
    throw failure(mishap.code ?? 'EIO');
  }
}

function failure(code: string): Error {
  return Object.assign(new Error(`${code}: by order`), { code });
}
