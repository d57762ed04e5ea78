/**
 * Huge pages of the naive kernel: a process knows which aligned groups of its pages one entry maps. The pages of such
 * a group are all present, and alike but for what they contain.
 */

import {
  VM_ANON,
  VM_DONTEXPAND,
  VM_GROWSDOWN,
  VM_HUGEPAGE,
  VM_NOHUGEPAGE,
  VM_SHIFTED,
} from '../../core/mm/vma.ts';
import type { HugePages } from '../../core/thp/settings.ts';
import { mappingAt, type NaiveMapping, type NaivePage, type NaiveProcess } from './naive-process.ts';

/** Forgets pages of a process on every cpu. */
type Flush = (process: NaiveProcess, first: number, pages: number) => void;

export class NaiveHuge {
  splits = 0;
  /** Groups that were given to stores. */
  made = 0;
  private readonly thp: HugePages | undefined;
  private readonly flush: Flush;
  private readonly processes: ReadonlyMap<number, NaiveProcess>;

  constructor(thp: HugePages | undefined, processes: ReadonlyMap<number, NaiveProcess>, flush: Flush) {
    this.thp = thp;
    this.processes = processes;
    this.flush = flush;
  }

  /** First page of the group that one entry maps around a page. */
  groupOf(process: NaiveProcess, vpn: number): number | undefined {
    const first = this.firstOf(vpn);
    return process.huge.has(first) ? first : undefined;
  }

  firstOf(vpn: number): number {
    return this.thp === undefined ? vpn : vpn - (vpn % this.thp.nrPages);
  }

  /** Base pages of a group. */
  size(): number {
    return this.thp?.nrPages ?? 1;
  }

  pagesOf(process: NaiveProcess, first: number): NaivePage[] {
    return Array.from({ length: this.thp!.nrPages }, (_, i) => process.pages.get(first + i)!);
  }

  /** Serves the first touch of a group, if it may be a huge page. */
  serve(process: NaiveProcess, mapping: NaiveMapping, vpn: number, store: boolean): boolean {
    if (this.thp === undefined) return false;
    const first = this.firstOf(vpn);
    const end = first + this.thp.nrPages;
    const isWanted = (mapping.flags & VM_HUGEPAGE) !== 0 || this.thp.always;
    const isRefused = (mapping.flags & (VM_NOHUGEPAGE | VM_DONTEXPAND)) !== 0;
    if (mapping.file !== undefined || !isWanted || isRefused) return false;
    if (!isAlike(process, first, end)) return false;
    for (let page = first; page < end; page++) if (process.pages.has(page)) return false;
    process.huge.add(first);
    const name = store ? `huge ${++this.made}` : 'huge zeros';
    for (let page = first; page < end; page++) {
      const content = `${name}, page ${page - first}`;
      process.pages.set(page, { content, writable: store, dirty: store, own: store });
    }
    return true;
  }

  /** A store to a group that is not writable: true if it can be made so as a whole. */
  reuse(process: NaiveProcess, first: number): boolean {
    const pages = this.pagesOf(process, first);
    const { content, own } = pages[0]!;
    if (content.startsWith('huge zeros')) return false;
    if (!own && this.mappersOf(content) > 1) return false;
    for (const page of pages) Object.assign(page, { writable: true, dirty: true, own: true });
    return true;
  }

  /** How often pages of the block that a page is of are mapped, a whole group once. */
  mappersOf(content: string): number {
    const block = `${content.split(',')[0]},`;
    let count = 0;
    for (const process of new Set(this.processes.values()))
      for (const [vpn, page] of process.pages) {
        const isCounted = this.groupOf(process, vpn) === undefined || this.firstOf(vpn) === vpn;
        if (page.content.startsWith(block) && isCounted) count++;
      }
    return count;
  }

  split(process: NaiveProcess, first: number): void {
    process.huge.delete(first);
    for (let i = 0; i < this.thp!.nrPages; i++) {
      const page = process.pages.get(first + i)!;
      const content = page.content.startsWith('huge zeros') ? 'zeros' : page.content;
      process.pages.set(first + i, { ...page, content, dirty: false });
    }
    this.splits++;
    this.flush(process, first, this.thp!.nrPages);
  }

  /** First pages of groups that lie in [start, end), and in several mappings. */
  acrossMappings(process: NaiveProcess, start: number, end: number): number[] {
    const isOfOne = (first: number): boolean => mappingAt(process, first)!.end >= first + this.size();
    const groups = [...process.huge].sort((a, b) => a - b);
    return groups.filter((first) => first >= start && first + this.size() <= end && !isOfOne(first));
  }

  /** Splits what [start, end) would cut in two. */
  splitAround(process: NaiveProcess, start: number, end: number): void {
    for (const vpn of [start, end]) {
      const group = this.groupOf(process, vpn);
      if (group !== undefined && group !== vpn) this.split(process, group);
    }
  }

  /** Takes pages out of a process: how many base pages each entry that went had, 1 if there were different ones. */
  remove(process: NaiveProcess, start: number, end: number): number {
    this.splitAround(process, start, end);
    let base = 0;
    let huge = 0;
    for (let vpn = start; vpn < end; vpn++) {
      if (process.huge.has(vpn)) huge++;
      if (process.pages.has(vpn) && this.groupOf(process, vpn) === undefined) base++;
    }
    for (let vpn = start; vpn < end; vpn++) process.pages.delete(vpn);
    for (let vpn = start; vpn < end; vpn++) process.huge.delete(vpn);
    return base === 0 && huge > 0 ? this.thp!.nrPages : 1;
  }

  /** Pages that move by `shift` stay one where alignment allows it. */
  beforeMove(process: NaiveProcess, start: number, end: number, shift: number): void {
    this.splitAround(process, start, end);
    if (this.thp === undefined || shift % this.thp.nrPages === 0) return;
    for (const first of [...process.huge].sort((a, b) => a - b))
      if (first >= start && first < end) this.split(process, first);
  }
}

/** All pages of [start, end) are mapped, and lie in one mapping, or in several that a kernel would keep as one. */
function isAlike(process: NaiveProcess, start: number, end: number): boolean {
  const around = new Set<NaiveMapping | undefined>();
  for (let vpn = start; vpn < end; vpn++) around.add(mappingAt(process, vpn));
  const [first, ...others] = around;
  if (first === undefined || others.includes(undefined)) return false;
  if (others.length === 0) return true;
  const apart = VM_SHIFTED | VM_GROWSDOWN | VM_DONTEXPAND;
  const all = [first, ...(others as NaiveMapping[])];
  const isLikeFirst = ({ prot, flags, file }: NaiveMapping): boolean =>
    file === undefined &&
    prot === first.prot &&
    (flags | VM_ANON | apart) === (first.flags | VM_ANON | apart);
  const isBegun = all.slice(1).some(({ object }, i) => object === process.heap || object === all[i]!.object);
  return !isBegun && all.every(isLikeFirst) && all.every(({ flags }) => (flags & apart) === 0);
}
