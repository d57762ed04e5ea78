/**
 * Walks that find everything settled: a base page of the running process that is there and accessed, and, to be stored
 * to, writable and dirty. They change nothing, so they can be looked up before the others are done: in two loops so
 * short that the processor has several walks under way at once, for what a walk waits for is memory.
 */
import type { Draft } from '../machine/draft.ts';
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

  /** In the tree of `root`. */
  find(draft: Draft, root: number, run: Run): void {
    const { refs, count } = run;
    if (this.rows.length < count) {
      this.rows = new Uint32Array(2 * count);
      this.settled = new Uint8Array(2 * count);
    }
    const { rows, settled } = this;
    const { ptes } = draft;
    findRows(draft, root, run, rows);
    for (let k = 0; k < count; k++) {
      const wanted = (refs[k]! & REF_STORE) !== 0 ? STORABLE : LOADABLE;
      settled[k] = rows[k] !== 0 && (entryAt(ptes, rows[k]!) & wanted) === wanted ? 1 : 0;
    }
  }
}

function findRows(
  { ptes, platform }: Draft,
  root: number,
  { keys, refs, count }: Run,
  rows: Uint32Array,
): void {
  const { levels, entriesPerTable, leafEntries } = platform.mmu;
  const last = levels.length - 1;
  for (let k = 0; k < count; k++) {
    const key = keys[k]!;
    let table = isUserWalk(key, refs[k]!) ? root : 0;
    const vpn = keyPage(key);
    for (let level = 0; level < last && table !== 0; level++) {
      const { scale, mask } = levels[level]!;
      const entry = entryAt(ptes, table * entriesPerTable + ((vpn * scale) & mask));
      table = (entry & PTE_LARGE) === 0 ? pteFrame(entry) : 0;
    }
    rows[k] = table === 0 ? 0 : table * entriesPerTable + (vpn & (leafEntries - 1));
  }
}

/** What a run holds beside: dirty checks, pages of the kernel, huge pages. */
function isUserWalk(key: number, ref: number): boolean {
  return (ref & (REF_CHECK_DIRTY | REF_KERNEL)) === 0 && tagSizeClass(keyTag(key)) === 0;
}

function entryAt(ptes: Draft['ptes'], row: number): number {
  return ptes.toRead(row)[ptes.cellOf(row)] ?? 0;
}
