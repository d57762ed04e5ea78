/** The kernel's windows the slow way: vmalloc areas in a plain list, pkmap as mm/highmem.c (v6.1) writes it. */

interface NaiveArea {
  readonly start: number;
  /** Behind the guard page. */
  readonly end: number;
}

/** The vmalloc window: every area at the lowest place where it and its guard page fit. */
export class NaiveAreas {
  private readonly start: number;
  private readonly end: number;
  private areas: NaiveArea[] = [];

  constructor(start: number, end: number) {
    this.start = start;
    this.end = end;
  }

  /** The lowest free place begins where the window or some area's guard page ends, rounded up. */
  take(pages: number, align: number): number | undefined {
    const candidates = [this.start, ...this.areas.map(({ end }) => end)]
      .map((at) => Math.ceil(at / align) * align)
      .filter((at) => at + pages + 1 <= this.end)
      .filter((at) => !this.areas.some((area) => area.start < at + pages + 1 && area.end > at));
    if (candidates.length === 0) return undefined;
    const start = Math.min(...candidates);
    this.areas.push({ start, end: start + pages + 1 });
    return start;
  }

  /** Pages of all areas, with their guard pages. */
  get used(): number {
    return this.areas.reduce((sum, { start, end }) => sum + end - start, 0);
  }

  drop(start: number): void {
    this.areas = this.areas.filter((area) => area.start !== start);
  }
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
