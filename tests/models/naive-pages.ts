/** Pages of the naive kernel's processes: what a touch brings in, and which fault it takes. */
import { PROT_WRITE } from '../../core/event/mmap-flags.ts';
import { VM_ANON } from '../../core/mm/vma.ts';
import type { NaiveCpus } from './naive-cpus.ts';
import type { NaiveFile } from './naive-files.ts';
import type { NaiveHuge } from './naive-huge.ts';
import type { NaiveMemory } from './naive-memory.ts';
import {
  type Fault,
  mappingAt,
  type NaiveCpu,
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
  /** First pages of what the present event copied, or made writable, and whether each is a huge one. */
  readonly copied = new Map<number, boolean>();
  readonly huge: NaiveHuge;
  readonly memory: NaiveMemory;
  private readonly cpus: NaiveCpus<NaiveProcess>;
  private readonly processes: ReadonlyMap<number, NaiveProcess>;
  private copies = 0;

  constructor(
    huge: NaiveHuge,
    memory: NaiveMemory,
    cpus: NaiveCpus<NaiveProcess>,
    processes: ReadonlyMap<number, NaiveProcess>,
  ) {
    this.huge = huge;
    this.memory = memory;
    this.cpus = cpus;
    this.processes = processes;
  }

  beginEvent(): void {
    this.last = 'none';
    this.taken = 0;
    this.copied.clear();
  }

  /** As far as it goes; whoever asked for a mapping has it in any case. */
  tryPopulate(cpu: NaiveCpu, process: NaiveProcess, start: number, end: number): void {
    try {
      this.populate(cpu, process, start, end);
    } catch (refused) {
      if (!(refused instanceof Refused)) throw refused;
    }
  }

  /** Private memory is written to, shared memory read; what may not be touched is left out. */
  populate(cpu: NaiveCpu, process: NaiveProcess, start: number, end: number): void {
    for (let vpn = start; vpn < end; vpn++) {
      const { prot, shared } = mappingAt(process, vpn)!;
      if (prot !== 0) this.touch(cpu, process, vpn, !shared && (prot & PROT_WRITE) !== 0);
      this.forgetCopied(cpu, process);
    }
  }

  /** What the cpu knew of the pages that were copied. */
  forgetCopied(cpu: NaiveCpu, process: NaiveProcess): void {
    for (const vpn of this.copied.keys()) this.forgetIfCopied(cpu, process, vpn);
  }

  forgetIfCopied(cpu: NaiveCpu, process: NaiveProcess, vpn: number): void {
    const isHuge = this.copied.get(vpn);
    if (isHuge === undefined) return;
    this.cpus.forgetFaulted(cpu, process, isHuge ? vpn / this.huge.size() : vpn, isHuge ? 1 : 0);
    this.copied.delete(vpn);
  }

  /** Makes a page present, and writable for a store. */
  touch(cpu: NaiveCpu, process: NaiveProcess, vpn: number, store: boolean): void {
    const present = process.pages.get(vpn);
    if (present !== undefined && (present.writable || !store)) return;
    const mapping = mappingAt(process, vpn)!;
    const objectPage = mapping.objectPage + vpn - mapping.start;
    const fault = present ? 'copy-on-write' : this.faultIn(mapping.file, objectPage, store);
    if (present) this.copyOnWrite(cpu, process, vpn);
    else if (!this.huge.serve(process, mapping, vpn, store)) {
      const isOwn = store && !mapping.shared;
      this.memory.need(this.memory.missingTables(process, [vpn]) + (isOwn ? 1 : 0));
      process.pages.set(vpn, isOwn ? this.ownPage() : this.pageOf(mapping, objectPage, store));
    }
    const group = present === undefined ? this.huge.groupOf(process, vpn) : undefined;
    if (group !== undefined) noteOwnPages(process, group, group + this.huge.size());
    else if (!mapping.shared && store) noteOwnPages(process, vpn, vpn + 1);
    this.last = fault;
    this.taken++;
    this.faults.set(fault, (this.faults.get(fault) ?? 0) + 1);
  }

  private copyOnWrite(cpu: NaiveCpu, process: NaiveProcess, vpn: number): void {
    if (this.reuseHuge(process, vpn)) {
      this.copied.set(this.huge.firstOf(vpn), true);
      return;
    }
    const isReused = this.mayReuse(process.pages.get(vpn)!);
    if (!isReused) this.memory.need(1);
    const { content } = process.pages.get(vpn)!;
    process.pages.set(vpn, { ...this.ownPage(), ...(isReused && { content }) });
    if (!isReused) this.cpus.flushCopied(cpu, process, vpn);
    this.copied.set(vpn, false);
  }

  /** Nobody else has it; a base page of a huge one may also be known to be the process's own. */
  private mayReuse({ content, own }: NaivePage): boolean {
    if (content.startsWith('huge ')) return own || this.huge.mappersOf(content) === 1;
    if (!content.startsWith('copy ')) return false;
    const all = [...new Set(this.processes.values())].flatMap(({ pages }) => [...pages.values()]);
    return all.filter((page) => page.content === content).length === 1;
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

/** From here on a fork copies what it has. */
function noteOwnPages(process: NaiveProcess, first: number, behind: number): void {
  process.mappings = process.mappings.map((one) =>
    one.start < behind && one.end > first ? { ...one, flags: one.flags | VM_ANON } : one,
  );
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
