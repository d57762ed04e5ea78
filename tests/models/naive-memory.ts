/**
 * How much memory the naive kernel has: frames are counted anew whenever one is needed, from all that uses one. Huge
 * pages are not known here, nor is what other kinds of event take.
 */
import type { MmuGeometry } from '../../core/paging/geometry.ts';
import type { NaiveFiles } from './naive-files.ts';
import { type NaiveProcess, refuseIf } from './naive-process.ts';

export class NaiveMemory {
  /** Frames that processes and files may have altogether, page tables included. */
  limit = Number.POSITIVE_INFINITY;
  private readonly mmu: MmuGeometry;
  private readonly processes: ReadonlyMap<number, NaiveProcess>;
  private readonly files: NaiveFiles;

  constructor(mmu: MmuGeometry, processes: ReadonlyMap<number, NaiveProcess>, files: NaiveFiles) {
    this.mmu = mmu;
    this.processes = processes;
    this.files = files;
  }

  /** Refuses what would take more frames than there are. */
  need(frames: number): void {
    if (this.limit !== Number.POSITIVE_INFINITY) refuseIf(this.used() + frames > this.limit, 'out-of-memory');
  }

  used(): number {
    const processes = new Set(this.processes.values());
    // Shared memory ends with its last mapping.
    const mapped = [...processes].flatMap(({ mappings }) => mappings.map(({ file }) => file));
    const frames = new Set<string>();
    for (const file of [...this.files.onDisk(), ...mapped])
      for (const page of file?.cached ?? []) frames.add(`${file!.name} page ${page}`);
    let tables = 0;
    for (const process of processes) {
      tables += this.tablesFor(process.pages.keys()).size;
      for (const { content } of process.pages.values()) if (content !== 'zeros') frames.add(content);
    }
    return frames.size + tables;
  }

  /** Tables that a process lacks for these pages. */
  missingTables(process: NaiveProcess, vpns: Iterable<number>): number {
    if (this.limit === Number.POSITIVE_INFINITY) return 0;
    const has = this.tablesFor(process.pages.keys());
    return [...this.tablesFor(vpns)].filter((table) => !has.has(table)).length;
  }

  /** Below the root, by level and place. */
  private tablesFor(vpns: Iterable<number>): Set<string> {
    const tables = new Set<string>();
    for (const vpn of vpns)
      for (const { name, span } of this.mmu.levels.slice(0, -1))
        tables.add(`${name} ${Math.floor(vpn / span)}`);
    return tables;
  }
}
