/** Pages of the naive kernel's processes: what a touch brings in, and which fault it takes. */
import { PROT_WRITE } from '../../core/event/mmap-flags.ts';
import type { NaiveFile } from './naive-files.ts';
import type { NaiveHuge } from './naive-huge.ts';
import type { NaiveMemory } from './naive-memory.ts';
import {
  type Fault,
  mappingAt,
  type NaiveMapping,
  type NaivePage,
  type NaiveProcess,
  Refused,
  refuseIf,
} from './naive-process.ts';

export class NaivePages {
  /** How many of each there were. */
  readonly faults = new Map<Fault, number>();
  /** The last one of the present event, and how many it took. */
  last: Fault = 'none';
  taken = 0;
  readonly huge: NaiveHuge;
  readonly memory: NaiveMemory;
  private copies = 0;

  constructor(huge: NaiveHuge, memory: NaiveMemory) {
    this.huge = huge;
    this.memory = memory;
  }

  beginEvent(): void {
    this.last = 'none';
    this.taken = 0;
  }

  /** As far as it goes; whoever asked for a mapping has it in any case. */
  tryPopulate(process: NaiveProcess, start: number, end: number): void {
    try {
      this.populate(process, start, end);
    } catch (refused) {
      if (!(refused instanceof Refused)) throw refused;
    }
  }

  /** Private memory is written to, shared memory read; what may not be touched is left out. */
  populate(process: NaiveProcess, start: number, end: number): void {
    for (let vpn = start; vpn < end; vpn++) {
      const { prot, shared } = mappingAt(process, vpn)!;
      if (prot !== 0) this.touch(process, vpn, !shared && (prot & PROT_WRITE) !== 0);
    }
  }

  /** Makes a page present, and writable for a store. */
  touch(process: NaiveProcess, vpn: number, store: boolean): void {
    const present = process.pages.get(vpn);
    if (present !== undefined && (present.writable || !store)) return;
    const mapping = mappingAt(process, vpn)!;
    const objectPage = mapping.objectPage + vpn - mapping.start;
    const fault = present ? 'copy-on-write' : this.faultIn(mapping.file, objectPage, store);
    if (present) this.copyOnWrite(process, vpn);
    else if (!this.huge.serve(process, mapping, vpn, store)) {
      const isOwn = store && !mapping.shared;
      this.memory.need(this.memory.missingTables(process, [vpn]) + (isOwn ? 1 : 0));
      process.pages.set(vpn, isOwn ? this.ownPage() : this.pageOf(mapping, objectPage, store));
    }
    this.last = fault;
    this.taken++;
    this.faults.set(fault, (this.faults.get(fault) ?? 0) + 1);
  }

  private copyOnWrite(process: NaiveProcess, vpn: number): void {
    if (this.reuseHuge(process, vpn)) return;
    if (!this.isAlone(process.pages.get(vpn)!)) this.memory.need(1);
    process.pages.set(vpn, this.ownPage());
  }

  /** Whether a page has no other frame to be copied to. */
  private isAlone({ content }: NaivePage): boolean {
    return content.startsWith('copy ');
  }

  /** A store to a huge page that cannot have it splits it first. */
  private reuseHuge(process: NaiveProcess, vpn: number): boolean {
    const group = this.huge.groupOf(process, vpn);
    if (group === undefined) return false;
    if (this.huge.reuse(process, group)) return true;
    this.huge.split(process, group);
    return false;
  }

  private faultIn(file: NaiveFile | undefined, page: number, store: boolean): Fault {
    if (file === undefined) return store ? 'demand-zero' : 'zero-page';
    refuseIf(page >= file.pages, 'beyond-file');
    if (file.cached.has(page)) return 'file-minor';
    this.memory.need(1);
    file.cached.add(page);
    return file.onDisk ? 'file-major' : 'demand-zero';
  }

  private ownPage(): NaivePage {
    return { content: `copy ${++this.copies}`, writable: true, dirty: true, own: true };
  }

  private pageOf({ file, shared, prot }: NaiveMapping, objectPage: number, store: boolean): NaivePage {
    if (file === undefined) return { content: 'zeros', writable: false, dirty: false, own: false };
    const writable = shared && (prot & PROT_WRITE) !== 0;
    if (store) file.dirty.add(objectPage);
    const ofFile = { file, page: objectPage };
    return { content: `${file.name} page ${objectPage}`, writable, dirty: store, own: false, ofFile };
  }
}

/** Whether the page was clean. */
export function markDirty(huge: NaiveHuge, process: NaiveProcess, vpn: number): boolean {
  const group = huge.groupOf(process, vpn);
  const pages = group === undefined ? [process.pages.get(vpn)!] : huge.pagesOf(process, group);
  const wasClean = !pages[0]!.dirty;
  for (const page of pages) {
    page.dirty = true;
    page.ofFile?.file.dirty.add(page.ofFile.page);
  }
  return wasClean;
}
