/** The kernel's windows the slow way: vmalloc areas in a plain list, pkmap as mm/highmem.c (v6.1) writes it. */

interface NaiveArea {
  readonly start: number;
  /** Behind the guard page. */
  readonly end: number;
}

/** What the window depends on, in pages. */
interface NaiveWindow {
  readonly start: number;
  readonly end: number;
  /** More than this many freed pages are purged. */
  readonly lazyMax: number;
  /** Pages whose pointers fill a page. */
  readonly pointersPerPage: number;
  /** Told of every purge: the pages from the first freed area to the end of the last. */
  readonly onPurge?: (first: number, end: number) => void;
}

/** The vmalloc window: lists of areas in use and of areas freed; a hole is what neither has. */
export class NaiveAreas {
  private readonly window: NaiveWindow;
  private areas: NaiveArea[] = [];
  private lazy: NaiveArea[] = [];
  /** Area of a vmalloc to that of its page array. */
  private readonly arrays = new Map<number, number>();

  constructor(window: NaiveWindow) {
    this.window = window;
  }

  /** vmalloc(): an area for the pages, then one for the array of pointers to them if that needs one. */
  vmalloc(pages: number): number | undefined {
    const start = this.take(pages, 1);
    if (start !== undefined && pages > this.window.pointersPerPage) {
      const array = this.vmalloc(Math.ceil(pages / this.window.pointersPerPage));
      if (array === undefined) {
        this.drop(start);
        return undefined;
      }
      this.arrays.set(start, array);
    }
    if (start !== undefined) this.purgeIfDue();
    return start;
  }

  vfree(start: number): void {
    this.drop(start);
    this.purgeIfDue();
    const array = this.arrays.get(start);
    this.arrays.delete(start);
    if (array !== undefined) this.vfree(array);
  }

  /** The lowest hole, first of those that hold the area wherever they begin; after a purge if there is none. */
  take(pages: number, align: number): number | undefined {
    const found = this.find(pages, align);
    if (found === undefined && this.lazy.length === 0) return undefined;
    if (found === undefined) this.purge();
    const start = found ?? this.find(pages, align);
    if (start !== undefined) this.areas.push({ start, end: start + pages + 1 });
    return start;
  }

  private find(pages: number, align: number): number | undefined {
    const fits = this.holes().filter(({ start, end }) => alignUp(start, align) + pages + 1 <= end);
    const roomy = fits.filter(({ start, end }) => end - start >= pages + align);
    const hole = roomy[0] ?? fits[0];
    return hole && alignUp(hole.start, align);
  }

  private holes(): NaiveArea[] {
    const taken = [...this.areas, ...this.lazy].sort((a, b) => a.start - b.start);
    const starts = [this.window.start, ...taken.map(({ end }) => end)];
    const ends = [...taken.map(({ start }) => start), this.window.end];
    return starts.map((start, i) => ({ start, end: ends[i]! })).filter(({ start, end }) => start < end);
  }

  /** Pages of all areas in use and of those that wait for a purge, with their guard pages. */
  get used(): number {
    return sizeOf(this.areas) + sizeOf(this.lazy);
  }

  get waiting(): number {
    return sizeOf(this.lazy);
  }

  drop(start: number): void {
    this.lazy.push(...this.areas.filter((area) => area.start === start));
    this.areas = this.areas.filter((area) => area.start !== start);
  }

  purgeIfDue(): void {
    if (this.waiting > this.window.lazyMax) this.purge();
  }

  private purge(): void {
    const first = Math.min(...this.lazy.map(({ start }) => start));
    this.window.onPurge?.(first, Math.max(...this.lazy.map(({ end }) => end)));
    this.lazy = [];
  }
}

function sizeOf(areas: readonly NaiveArea[]): number {
  return areas.reduce((sum, { start, end }) => sum + end - start, 0);
}

function alignUp(page: number, align: number): number {
  return Math.ceil(page / align) * align;
}

/** kmap_high(), kunmap_high(), map_new_virtual() and flush_all_zero_pkmaps(), line by line. */
export class NaiveKmap {
  private readonly slots: number;
  private readonly pkmapCount: number[];
  /** By slot: the page whose PTE is there. */
  private readonly pte: (number | undefined)[];
  /** page_address(): page to slot. */
  private readonly pageAddress = new Map<number, number>();
  private last = 0;

  constructor(slots: number) {
    this.slots = slots;
    this.pkmapCount = new Array<number>(slots).fill(0);
    this.pte = new Array<number | undefined>(slots).fill(undefined);
  }

  /** The slot, or undefined where the kernel would go to sleep. */
  kmap(page: number): number | undefined {
    const slot = this.pageAddress.get(page) ?? this.mapNewVirtual(page);
    if (slot !== undefined) this.pkmapCount[slot]!++;
    return slot;
  }

  /** Whether the page was mapped. */
  kunmap(page: number): boolean {
    const slot = this.pageAddress.get(page);
    if (slot === undefined || this.pkmapCount[slot]! < 2) return false;
    this.pkmapCount[slot]!--;
    return true;
  }

  /** The page is freed. (The kernel leaves this to whoever frees it without kunmap.) */
  forget(page: number): void {
    const slot = this.pageAddress.get(page);
    if (slot === undefined) return;
    this.pkmapCount[slot] = 0;
    this.pte[slot] = undefined;
    this.pageAddress.delete(page);
  }

  private mapNewVirtual(page: number): number | undefined {
    let count = this.slots;
    for (;;) {
      this.last = (this.last + 1) % this.slots;
      if (this.last === 0) {
        this.flushAllZero();
        count = this.slots;
      }
      if (this.pkmapCount[this.last] === 0) break;
      if (--count === 0) return undefined;
    }
    this.pkmapCount[this.last] = 1;
    this.pte[this.last] = page;
    this.pageAddress.set(page, this.last);
    return this.last;
  }

  private flushAllZero(): void {
    for (let slot = 0; slot < this.slots; slot++) {
      if (this.pkmapCount[slot] !== 1) continue;
      this.pkmapCount[slot] = 0;
      this.pageAddress.delete(this.pte[slot]!);
      this.pte[slot] = undefined;
    }
  }
}

/** kmap_local_page() on one cpu: a stack of slots, addresses descending. */
export class NaiveKmapLocal {
  readonly stack: number[] = [];
  private readonly first: number;

  /** Page of the first slot. */
  constructor(first: number) {
    this.first = first;
  }

  map(pfn: number): number | undefined {
    if (this.stack.length === 16) return undefined;
    this.stack.push(pfn);
    return this.first - this.stack.length + 1;
  }

  unmap(pfn: number): 'ok' | 'no-mapping' | 'out-of-order' {
    if (this.stack.length === 0) return 'no-mapping';
    if (this.stack.at(-1) !== pfn) return 'out-of-order';
    this.stack.pop();
    return 'ok';
  }
}
