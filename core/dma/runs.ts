/** A buffer as the bus sees it: runs of physically contiguous bytes. Scratch, reused from event to event. */
export class RunList {
  count = 0;
  readonly pfn: number[] = [];
  /** Byte in that frame. */
  readonly start: number[] = [];
  readonly lengthBytes: number[] = [];
  /** Bus address, and the first slot of the bounce buffer (-1: none), once the way of the device is known. */
  readonly bus: number[] = [];
  readonly slot: number[] = [];

  clear(): void {
    this.count = 0;
  }

  push(pfn: number, start: number, lengthBytes: number): void {
    this.pfn[this.count] = pfn;
    this.start[this.count] = start;
    this.lengthBytes[this.count++] = lengthBytes;
  }

  /** Adds bytes to the last run if they follow it in memory and it stays within `maxBytes`. */
  extend(pfn: number, start: number, lengthBytes: number, pageBytes: number, maxBytes: number): void {
    const last = this.count - 1;
    if (last >= 0) {
      const end = this.pfn[last]! * pageBytes + this.start[last]! + this.lengthBytes[last]!;
      const longer = this.lengthBytes[last]! + lengthBytes;
      if (end === pfn * pageBytes + start && longer <= maxBytes) {
        this.lengthBytes[last] = longer;
        return;
      }
    }
    this.push(pfn, start, lengthBytes);
  }

  /** Pages that a run touches. */
  pagesOf(run: number, pageShift: number): number {
    return Math.ceil((this.start[run]! + this.lengthBytes[run]!) / (1 << pageShift));
  }

  pages(pageShift: number): number {
    let pages = 0;
    for (let run = 0; run < this.count; run++) pages += this.pagesOf(run, pageShift);
    return pages;
  }
}
