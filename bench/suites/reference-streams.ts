/** The streams of page numbers that both `access` and `translation` measure. */
import { mixedPages, UNIFORM_BASE, UNIFORM_PAGES, uniformPages } from '../inputs/streams.ts';
import type { Row } from './suite.ts';

interface Stream {
  readonly name: string;
  pages(): Uint32Array;
  /** Pages that are there before the stream begins; the others are faulted in on the way, in each call anew. */
  resident(): Uint32Array;
}

const SHORT = 2 ** 20;
const LONG = 2 ** 22;

/** Three pages for each set of a first-level TLB with 16 sets and 4 ways. */
const L1_PAGES = 48;

const roundRobin = (pages: number): Uint32Array =>
  Uint32Array.from({ length: SHORT }, (_, i) => UNIFORM_BASE + (i % pages));
const firstPages = (count: number): Uint32Array =>
  Uint32Array.from({ length: count }, (_, i) => UNIFORM_BASE + i);

const none = (): Uint32Array => new Uint32Array(0);
const mix = (): Uint32Array => mixedPages(LONG);

const STREAMS: readonly Stream[] = [
  { name: 'one page again and again', pages: () => roundRobin(1), resident: () => firstPages(1) },
  {
    name: '48 pages in turn (L1 hits)',
    pages: () => roundRobin(L1_PAGES),
    resident: () => firstPages(L1_PAGES),
  },
  {
    name: 'uniform over 1 Mi pages (misses)',
    pages: () => uniformPages(SHORT),
    resident: () => firstPages(UNIFORM_PAGES),
  },
  { name: 'MIX, all pages there', pages: mix, resident: mix },
  { name: 'MIX, faulted in on the way', pages: mix, resident: none },
];

/** A row for each stream; `prepare` is given its pages and those that are there before, and returns what is timed. */
export function streamRows(prepare: (pages: Uint32Array, resident: Uint32Array) => () => unknown): Row[] {
  return STREAMS.map(({ name, pages, resident }) => ({
    name,
    prepare() {
      const stream = pages();
      return { events: stream.length, run: prepare(stream, resident()) };
    },
  }));
}
