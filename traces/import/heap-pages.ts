/**
 * How many page faults a heap takes: what malloc itself touches is in memory whatever the program does, and the program may
 * touch all that it asks for. A page counts when it is first touched, and again once it was given back; what a fork makes a
 * process copy does not.
 */
const PAGE_BYTES = 4096;

/** Pages of all heaps of a trace: those that malloc touches, and with all that the program may. */
export interface HeapPages {
  least: number;
  most: number;
}

/** Addresses and sizes are bytes. */
export class TouchedPages {
  private readonly counts: HeapPages;
  /** Touched by malloc; and by it or the program. */
  private readonly own = new Set<number>();
  private readonly all = new Set<number>();

  constructor(counts: HeapPages) {
    this.counts = counts;
  }

  touch(address: number, bytes: number, isOwn: boolean): void {
    for (const page of pagesOf(address, bytes)) {
      if (addTo(this.all, page)) this.counts.most++;
      if (isOwn && addTo(this.own, page)) this.counts.least++;
    }
  }

  /** They go back to the system. */
  drop(address: number, bytes: number): void {
    for (const page of pagesOf(address, bytes)) {
      this.all.delete(page);
      this.own.delete(page);
    }
  }

  /** They lie elsewhere from here on. */
  move(from: number, to: number, bytes: number): void {
    const ahead = (to - from) / PAGE_BYTES;
    for (const pages of [this.own, this.all])
      for (const page of [...pagesOf(from, bytes)].filter((each) => pages.delete(each)))
        pages.add(page + ahead);
  }
}

function* pagesOf(address: number, bytes: number): Generator<number> {
  if (bytes === 0) return;
  for (let page = Math.floor(address / PAGE_BYTES); page * PAGE_BYTES < address + bytes; page++) yield page;
}

function addTo(pages: Set<number>, page: number): boolean {
  const { size } = pages;
  return pages.add(page).size > size;
}
