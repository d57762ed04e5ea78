/**
 * Walks that find everything settled: a base page of the running process that is there and accessed, and, to be stored
 * to, writable and dirty. They change nothing, so they can be looked up before the others are done, a level of all of them
 * at a time: in loops so short that the processor has several walks under way at once, for what a walk waits for is memory.
 */
import type { Draft } from '../machine/draft.ts';
import type { MmuGeometry } from '../paging/geometry.ts';
import { PTE_ACCESSED, PTE_DIRTY, PTE_LARGE, PTE_PRESENT, PTE_RW, pteFrame } from '../paging/pte.ts';
import { keyPage, keyTag, tagSizeClass } from '../tlb/keys.ts';
import { REF_CHECK_DIRTY, REF_KERNEL, REF_STORE, type Run } from '../tlb/run.ts';

const LOADABLE = PTE_PRESENT | PTE_ACCESSED;
const STORABLE = LOADABLE | PTE_RW | PTE_DIRTY;

/** What is found of a run, by reference; good until it looks again. */
export class SettledWalks {
  /** Row of the last-level entry of its page; 0: there is no table, or it is no walk for a base page of the process. */
  rows = new Uint32Array(1024);
  /** 1: it is such a walk. */
  settled = new Uint8Array(1024);
  private vpns = new Float64Array(1024);
  /** What lies in `rows`. */
  private entries = new Float64Array(1024);

  /** In the tree of `root`: all references level by level. */
  find(draft: Draft, root: number, run: Run): void {
    const { mmu } = draft.platform;
    this.reserve(run.count);
    this.begin(root, mmu, run);
    for (let level = 1; level < mmu.levels.length; level++) {
      draft.ptes.gather(this.rows, run.count, this.entries);
      this.descend(mmu, level, run.count);
    }
    draft.ptes.gather(this.rows, run.count, this.entries);
    this.settle(run);
  }

  private reserve(count: number): void {
    if (this.rows.length >= count) return;
    this.rows = new Uint32Array(2 * count);
    this.settled = new Uint8Array(2 * count);
    this.vpns = new Float64Array(2 * count);
    this.entries = new Float64Array(2 * count);
  }

  private begin(root: number, { entriesPerTable, levels }: MmuGeometry, { keys, refs, count }: Run): void {
    const { rows, vpns } = this;
    const { scale, mask } = levels[0]!;
    const firstRow = root * entriesPerTable;
    for (let k = 0; k < count; k++) {
      const key = keys[k]!;
      const vpn = keyPage(key);
      vpns[k] = vpn;
      rows[k] = isUserWalk(key, refs[k]!) ? firstRow + ((vpn * scale) & mask) : 0;
    }
  }

  /** From the entries of the level above to the rows of this one. */
  private descend({ entriesPerTable, levels }: MmuGeometry, level: number, count: number): void {
    const { entries, rows, vpns } = this;
    const { scale, mask } = levels[level]!;
    for (let k = 0; k < count; k++) {
      const entry = entries[k]!;
      const table = (entry & PTE_LARGE) === 0 ? pteFrame(entry) : 0;
      rows[k] = table === 0 ? 0 : table * entriesPerTable + ((vpns[k]! * scale) & mask);
    }
  }

  private settle({ refs, count }: Run): void {
    const { entries, settled } = this;
    for (let k = 0; k < count; k++) {
      const wanted = (refs[k]! & REF_STORE) !== 0 ? STORABLE : LOADABLE;
      settled[k] = (entries[k]! & wanted) === wanted ? 1 : 0;
    }
  }
}

/** What a run holds beside: dirty checks, pages of the kernel, huge pages. */
function isUserWalk(key: number, ref: number): boolean {
  return (ref & (REF_CHECK_DIRTY | REF_KERNEL)) === 0 && tagSizeClass(keyTag(key)) === 0;
}
