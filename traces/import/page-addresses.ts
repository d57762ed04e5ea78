/**
 * Which page frame a `struct page` is of, from lines that say both: the structs of all frames lie one behind the other
 * (memory model FLATMEM), so that two lines tell of all. Addresses that are hashes (%p since 4.15) or that lie in several
 * arrays (SPARSEMEM) show that by the third line.
 */

/** sizeof(struct page) of kernels of 32 bits, whatever they are built with (include/linux/mm_types.h, 2.6.28 to 7.0). */
const LEAST_BYTES = 24;
const MOST_BYTES = 96;

export class PageAddresses {
  private page = 0;
  private pfn = 0;
  /** Of a struct; 0: not known yet. */
  private bytes = 0;
  private isArray = true;

  /** @param page 0: the line does not say */
  learn(page: number, pfn: number): void {
    if (!this.isArray || page === 0 || pfn === 0) return;
    if (this.page === 0) {
      this.page = page;
      this.pfn = pfn;
    } else if (pfn !== this.pfn) this.compare((page - this.page) / (pfn - this.pfn));
    else this.isArray = page === this.page;
  }

  private compare(bytes: number): void {
    if (this.bytes === 0) this.bytes = bytes;
    this.isArray =
      bytes === this.bytes && Number.isInteger(bytes) && bytes >= LEAST_BYTES && bytes <= MOST_BYTES;
  }

  /** Undefined: no line tells. */
  pfnOf(page: number): number | undefined {
    if (!this.isArray || this.bytes === 0) return undefined;
    const pfn = this.pfn + (page - this.page) / this.bytes;
    return Number.isInteger(pfn) && pfn > 0 ? pfn : undefined;
  }
}
