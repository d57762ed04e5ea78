/** Files of the naive kernel, and shared memory that is a file without a disk. */
import type { NaiveMemory } from './naive-memory.ts';
import { type NaiveProcess, Refused, refuseIf } from './naive-process.ts';

export interface NaiveFile {
  readonly name: string;
  readonly pages: number;
  readonly bytes: number;
  readonly onDisk: boolean;
  readonly cached: Set<number>;
  /** Pages written to through mappings, and not to disk since. */
  readonly dirty: Set<number>;
}

export class NaiveFiles {
  private readonly files = new Map<number, NaiveFile>();
  private readonly pageBytes: number;
  private memories = 0;

  constructor(pageBytes: number) {
    this.pageBytes = pageBytes;
  }

  get(id: number): NaiveFile | undefined {
    return this.files.get(id);
  }

  add(id: number, bytes: number): void {
    refuseIf(id === 0 || this.files.has(id), 'exists');
    this.files.set(id, this.fileOf(`file ${id}`, bytes, true));
  }

  /** A name of its own: shared memory ends with its last mapping, and the object's number may come again. */
  sharedMemory(bytes: number): NaiveFile {
    return this.fileOf(`memory ${++this.memories}`, bytes, false);
  }

  onDisk(): Iterable<NaiveFile> {
    return this.files.values();
  }

  private fileOf(name: string, bytes: number, onDisk: boolean): NaiveFile {
    return {
      name,
      bytes,
      pages: Math.ceil(bytes / this.pageBytes),
      onDisk,
      cached: new Set(),
      dirty: new Set(),
    };
  }

  read(id: number, offset: number, length: number, memory: NaiveMemory): void {
    const file = this.files.get(id);
    if (file === undefined) throw new Refused('no-object');
    for (let page = 0; page < file.pages; page++) {
      const from = Math.max(offset, page * this.pageBytes);
      const to = Math.min(offset + length, file.bytes, (page + 1) * this.pageBytes);
      if (from >= to) continue;
      if (!file.cached.has(page)) memory.need(1);
      file.cached.add(page);
    }
  }

  drop(id: number, processes: Iterable<NaiveProcess>): void {
    const file = this.files.get(id);
    if (file === undefined) throw new Refused('no-object');
    const mapped = new Set([...processes].flatMap(({ pages }) => [...pages.values()]).map((p) => p.content));
    for (const page of file.cached) {
      if (mapped.has(`${file.name} page ${page}`)) continue;
      // Written to disk, which takes longer than dropping the others.
      if (!file.dirty.delete(page)) file.cached.delete(page);
    }
  }
}
