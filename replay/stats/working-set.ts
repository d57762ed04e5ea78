/**
 * Working sets (Denning 1968): W(t, T) is the pages touched by the last T references. Its mean over a trace follows from
 * the times between touches alone: a touch keeps its page in the set for T references, or until it is touched again.
 * With more pages than memory is to hold they are sampled as in reuse-distance.ts.
 */
import { hashOf, PageTimes } from './page-times.ts';
import { MOST_PAGES, type ReuseOptions } from './reuse-distance.ts';

/** Windows, in references. */
export const WINDOWS = [1e2, 1e3, 1e4, 1e5, 1e6, 1e7] as const;
const HASHES = 2 ** 32;

export class WorkingSets {
  references = 0;
  private readonly mostPages: number;
  private readonly last = new PageTimes();
  /** By window: how many pages were in it, summed over all references. */
  private readonly sums = new Float64Array(WINDOWS.length);
  private threshold = HASHES;
  private lastPage = -1;

  constructor({ mostPages = MOST_PAGES }: ReuseOptions = {}) {
    this.mostPages = mostPages;
  }

  get rate(): number {
    return this.threshold / HASHES;
  }

  add(page: number): void {
    const now = ++this.references;
    if (page === this.lastPage) return;
    this.endRun(now - 1);
    this.lastPage = page;
    if (!this.isSampled(page)) return;
    const before = this.last.get(page);
    if (before !== undefined) this.stays(now - before);
    this.last.set(page, now);
    if (this.last.size > this.mostPages) this.halve();
  }

  /** The mean number of pages in each window; undefined for those longer than the trace. */
  means(): (number | undefined)[] {
    this.endRun(this.references);
    const sums = this.sums.slice();
    for (const [, time] of this.last.entries())
      WINDOWS.forEach((window, i) => {
        sums[i]! += Math.min(this.references - time + 1, window) / this.rate;
      });
    return WINDOWS.map((window, i) => (window > this.references ? undefined : sums[i]! / this.references));
  }

  /** References to one page in a row, up to `time`: each but the last stayed for one reference. */
  private endRun(time: number): void {
    const { lastPage } = this;
    if (lastPage < 0 || !this.isSampled(lastPage)) return;
    const began = this.last.get(lastPage)!;
    for (let i = 0; i < WINDOWS.length; i++) this.sums[i]! += (time - began) / this.rate;
    this.last.set(lastPage, time);
  }

  private stays(references: number): void {
    for (let i = 0; i < WINDOWS.length; i++) this.sums[i]! += Math.min(references, WINDOWS[i]!) / this.rate;
  }

  private isSampled(page: number): boolean {
    return this.threshold === HASHES || hashOf(page) < this.threshold;
  }

  private halve(): void {
    this.threshold /= 2;
    this.last.keep((page) => hashOf(page) < this.threshold);
  }
}
