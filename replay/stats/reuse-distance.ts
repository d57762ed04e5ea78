/**
 * Reuse distances: how many other pages were touched since a page was touched last, in one pass (Bennett and Kruskal 1975,
 * Olken 1981: a tree of counts over time, here a Fenwick tree that is made anew when it is full). With more pages than
 * memory is to hold, pages are sampled by a hash of their number, at half the rate each time (SHARDS, Waldspurger and
 * others, FAST '15): distances and counts are then scaled, and the rate is told.
 */
import { hashOf, PageTimes } from './page-times.ts';

/** Distances by power of two: 0, 1, 2 to 3, 4 to 7, ... */
export const DISTANCE_BUCKETS = 54;

export interface ReuseOptions {
  /** Pages held at most; default 1,048,576 (4 GiB in pages of 4 KiB). */
  readonly mostPages?: number;
}

export const MOST_PAGES = 2 ** 20;
const HASHES = 2 ** 32;
const FIRST_ROOM = 2 ** 12;
const NO_PAGE = -1;

export class ReuseDistances {
  /** References by distance. */
  readonly counts = new Float64Array(DISTANCE_BUCKETS);
  /** First references, which have none. */
  firsts = 0;
  references = 0;
  private readonly mostPages: number;
  private readonly last = new PageTimes();
  private tree = new Uint32Array(FIRST_ROOM + 1);
  /** Of the next reference that is counted: index in the tree, from 1. */
  private now = 1;
  private threshold = HASHES;
  private lastPage = NO_PAGE;
  private repeats = 0;

  constructor({ mostPages = MOST_PAGES }: ReuseOptions = {}) {
    this.mostPages = mostPages;
  }

  /** Part of the pages that is looked at; 1: all, and the result is exact. */
  get rate(): number {
    return this.threshold / HASHES;
  }

  /** Pages touched, estimated when sampled. */
  get pages(): number {
    return this.last.size / this.rate;
  }

  add(page: number): void {
    this.references++;
    // Nearly half of all references are of the page before.
    if (page === this.lastPage) {
      this.repeats++;
      return;
    }
    this.addNext(page);
  }

  /** Ends what `add` has put off. */
  finish(): void {
    if (this.isSampled(this.lastPage)) this.counts[0]! += this.repeats / this.rate;
    this.repeats = 0;
  }

  private addNext(page: number): void {
    this.finish();
    this.lastPage = page;
    if (!this.isSampled(page)) return;
    const before = this.last.get(page);
    const weight = 1 / this.rate;
    if (before === undefined) this.firsts += weight;
    else {
      const distance = (this.last.size - this.countUpTo(before)) * weight;
      this.counts[bucketOf(distance)]! += weight;
      this.change(before, -1);
    }
    if (this.now === this.tree.length) this.compact();
    this.last.set(page, this.now);
    this.change(this.now, 1);
    this.now++;
    if (this.last.size > this.mostPages) this.halve();
  }

  private isSampled(page: number): boolean {
    return this.threshold === HASHES || hashOf(page) < this.threshold;
  }

  /** How many pages have a last time up to this one. */
  private countUpTo(time: number): number {
    const { tree } = this;
    let sum = 0;
    for (let at = time; at > 0; at &= at - 1) sum += tree[at]!;
    return sum;
  }

  private change(time: number, by: number): void {
    const { tree } = this;
    for (let at = time; at < tree.length; at += at & -at) tree[at]! += by;
  }

  private halve(): void {
    this.threshold /= 2;
    this.last.keep((page) => hashOf(page) < this.threshold);
    this.compact();
  }

  /** Times anew, in the same order, with as much room again. */
  private compact(): void {
    const byTime = new Float64Array(this.tree.length).fill(NO_PAGE);
    for (const [page, time] of this.last.entries()) byTime[time] = page;
    const room = Math.max(FIRST_ROOM, 2 ** Math.ceil(Math.log2(4 * this.last.size + 1)));
    this.tree = new Uint32Array(room + 1);
    let time = 0;
    for (const page of byTime) {
      if (page === NO_PAGE) continue;
      this.last.set(page, ++time);
      this.tree[time] = 1;
    }
    this.now = time + 1;
    for (let at = 1; at <= room; at++) {
      const next = at + (at & -at);
      if (next <= room) this.tree[next]! += this.tree[at]!;
    }
  }
}

/** 0 for 0, 1 for 1, 2 for 2 and 3, 3 for 4 to 7, ... */
export function bucketOf(value: number): number {
  return value < 1 ? 0 : Math.min(DISTANCE_BUCKETS - 1, Math.floor(Math.log2(value)) + 1);
}
