/** What the naive kernel does to parts of mappings: mprotect, madvise, mlock, munlock. */
import {
  MADV_DONTNEED,
  MADV_HUGEPAGE,
  MADV_NOHUGEPAGE,
  MADV_SEQUENTIAL,
  MADV_WILLNEED,
  PROT_EXEC,
  PROT_WRITE,
} from '../../core/event/mmap-flags.ts';
import {
  VM_ACCOUNT,
  VM_HUGEPAGE,
  VM_LOCKED,
  VM_NOHUGEPAGE,
  VM_RAND_READ,
  VM_SEQ_READ,
} from '../../core/mm/vma.ts';
import type { NaiveMappings } from './naive-mappings.ts';
import { type NaiveCpu, type NaiveMapping, type NaiveProcess, refuseIf, running } from './naive-process.ts';

interface NaivePart {
  readonly mapping: NaiveMapping;
  /** Pages [from, to); page 0 of the object would lie at `base`. */
  readonly from: number;
  readonly to: number;
  readonly base: number;
}

interface NaiveRange {
  readonly process: NaiveProcess;
  readonly parts: readonly NaivePart[];
  readonly reached: readonly NaivePart[];
  readonly whole: boolean;
}

export class NaiveRanges {
  private readonly mappings: NaiveMappings;

  constructor(mappings: NaiveMappings) {
    this.mappings = mappings;
  }

  mprotect(cpu: NaiveCpu, object: number, offset: number, bytes: number, prot: number): void {
    const { process, reached, whole } = this.range(cpu, object, offset, bytes);
    const { huge } = this.mappings.pages;
    const changed: { vpn: number; isHuge: boolean }[] = [];
    for (const part of reached) {
      const { shared, prot: before } = part.mapping;
      const isPromised = !shared && (prot & PROT_WRITE) !== 0;
      this.change(process, part, { prot, flags: part.mapping.flags | (isPromised ? VM_ACCOUNT : 0) });
      for (let vpn = part.from; vpn < part.to; vpn++) {
        const page = process.pages.get(vpn);
        const isHuge = huge.groupOf(process, vpn) !== undefined;
        if (page === undefined || prot === before) continue;
        // The first store to a huge page has to ask for it again.
        const writable = !isHuge && (prot & PROT_WRITE) !== 0 && (shared || (page.own && page.dirty));
        const lessOrOther =
          before !== 0 && this.rights(before, page.writable) !== this.rights(prot, writable);
        if (lessOrOther) changed.push({ vpn, isHuge });
        page.writable = writable;
      }
    }
    if (changed.length > 0) {
      const first = changed[0]!.vpn;
      const last = changed[changed.length - 1]!.vpn;
      const stride = changed.every(({ isHuge }) => isHuge) ? huge.size() : 1;
      this.mappings.cpus.flush(cpu, process, first, last + 1 - first, stride);
    }
    refuseIf(!whole, 'no-mapping');
  }

  madvise(cpu: NaiveCpu, object: number, offset: number, bytes: number, advice: number): void {
    const { process, parts, whole } = this.range(cpu, object, offset, bytes);
    const known: readonly number[] = [0, 1, 2, MADV_WILLNEED, MADV_DONTNEED, MADV_HUGEPAGE, MADV_NOHUGEPAGE];
    refuseIf(!known.includes(advice), 'invalid');
    for (const part of parts) {
      const { mapping, from, to, base } = part;
      if (advice === MADV_DONTNEED) {
        refuseIf((mapping.flags & VM_LOCKED) !== 0, 'invalid');
        const stride = this.mappings.pages.huge.remove(process, from, to);
        this.mappings.cpus.flush(cpu, process, from, to - from, stride);
      } else if (advice === MADV_WILLNEED && mapping.file?.onDisk) {
        for (let page = from - base; page < Math.min(to - base, mapping.file.pages); page++) {
          if (!mapping.file.cached.has(page)) this.mappings.pages.memory.need(1);
          mapping.file.cached.add(page);
        }
      } else if (advice <= MADV_SEQUENTIAL) {
        const kept = mapping.flags & ~(VM_SEQ_READ | VM_RAND_READ);
        this.change(process, part, { flags: kept | [0, VM_RAND_READ, VM_SEQ_READ][advice]! });
      } else if (advice === MADV_HUGEPAGE)
        this.change(process, part, { flags: (mapping.flags & ~VM_NOHUGEPAGE) | VM_HUGEPAGE });
      else if (advice === MADV_NOHUGEPAGE)
        this.change(process, part, { flags: (mapping.flags & ~VM_HUGEPAGE) | VM_NOHUGEPAGE });
    }
    refuseIf(!whole, 'no-mapping');
  }

  mlock(cpu: NaiveCpu, object: number, offset: number, bytes: number): void {
    const { process, parts, reached, whole } = this.range(cpu, object, offset, bytes);
    for (const part of reached) this.change(process, part, { flags: part.mapping.flags | VM_LOCKED });
    refuseIf(!whole, 'no-mapping');
    for (const { mapping, from, to } of parts) {
      refuseIf(mapping.prot === 0, 'protection');
      this.mappings.pages.populate(cpu, process, from, to);
    }
  }

  munlock(cpu: NaiveCpu, object: number, offset: number, bytes: number): void {
    const { process, reached, whole } = this.range(cpu, object, offset, bytes);
    for (const part of reached) this.change(process, part, { flags: part.mapping.flags & ~VM_LOCKED });
    refuseIf(!whole, 'no-mapping');
  }

  /** Pages [first, end) of an object, part by part; those before the first hole; and whether there is none. */
  private range(cpu: NaiveCpu, object: number, offset: number, bytes: number): NaiveRange {
    const process = running(cpu);
    refuseIf(!this.mappings.isAlive(object), 'no-object');
    const pageBytes = 2 ** this.mappings.mmu.pageShift;
    const first = Math.floor(offset / pageBytes);
    const end = bytes === 0 ? Number.POSITIVE_INFINITY : Math.ceil((offset + bytes) / pageBytes);
    const parts = process.mappings
      .filter((one) => one.object === object)
      .sort((a, b) => a.start - b.start)
      .map((mapping) => {
        const base = mapping.start - mapping.objectPage;
        return {
          mapping,
          from: Math.max(mapping.start, base + first),
          to: Math.min(mapping.end, base + end),
          base,
        };
      })
      .filter(({ from, to }) => from < to);
    refuseIf(parts.length === 0, 'no-mapping');
    let next = first;
    const reached = parts.filter(({ from, to, base }) => {
      if (from - base !== next) return false;
      next = to - base;
      return true;
    });
    const last = parts[parts.length - 1]!;
    const whole = reached.length === parts.length && (bytes === 0 || last.to - last.base === end);
    return { process, parts, reached, whole };
  }

  /** Splits a part off its mapping, and changes it. */
  private change(
    process: NaiveProcess,
    { mapping, from, to }: NaivePart,
    changes: Partial<NaiveMapping>,
  ): void {
    const isSame = Object.entries(changes).every(([name, value]) => mapping[name as 'prot'] === value);
    if (isSame) return;
    this.mappings.pages.huge.splitAround(process, from, to);
    const current = process.mappings.find(({ start, end }) => start <= from && to <= end)!;
    const at = (start: number, end: number): NaiveMapping => ({
      ...mapping,
      start,
      end,
      objectPage: mapping.objectPage + start - mapping.start,
      isApart: start === current.start && current.isApart === true,
    });
    process.mappings = process.mappings
      .filter((one) => one !== current)
      .map((one) => (one.start === to ? { ...one, isApart: false } : one));
    if (current.start < from) process.mappings.push(at(current.start, from));
    process.mappings.push({ ...at(from, to), ...changes, isApart: false });
    if (to < current.end) process.mappings.push(at(to, current.end));
  }

  /** What the hardware sees of a page's rights. */
  private rights(prot: number, writable: boolean): string {
    if (prot === 0) return 'none';
    return `${writable ? 'w' : 'r'}${this.mappings.mmu.nx && (prot & PROT_EXEC) === 0 ? '' : 'x'}`;
  }
}
