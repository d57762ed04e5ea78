/** The streams of page numbers that both `access` and `translation` measure. */
import { mixedPages, UNIFORM_BASE, UNIFORM_PAGES, uniformPages } from '../streams.js';
const SHORT = 2 ** 20;
const LONG = 2 ** 22;
/** Three pages for each set of a first-level TLB with 16 sets and 4 ways. */
const L1_PAGES = 48;
const roundRobin = (pages) => Uint32Array.from({ length: SHORT }, (_, i) => UNIFORM_BASE + (i % pages));
const firstPages = (count) => Uint32Array.from({ length: count }, (_, i) => UNIFORM_BASE + i);
const none = () => new Uint32Array(0);
const mix = () => mixedPages(LONG);
export const STREAMS = [
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
//# sourceMappingURL=reference-streams.js.map