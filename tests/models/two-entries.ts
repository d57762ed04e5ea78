/**
 * A TLB of two entries for everything, instructions and data, the one used longest ago making room: written as a list,
 * without walk caches. It is plugged in from outside, so it knows of the core what a caller does.
 */
import { tlb } from '../../core/index.ts';

const PART: tlb.TlbPart = { name: 'pair', holds: 'pages', sizeClasses: [0, 1, 2, 3], sets: 1, ways: 2 };

/** The entries, the most recent one first. */
const listOf = (cells: Float64Array): number[] => [...cells].filter((cell) => cell !== 0);

function keep(cells: Float64Array, list: readonly number[]): void {
  cells.fill(0);
  cells.set(list.slice(0, 2));
}

export const twoEntries: tlb.TlbMaker = (_options, { pageSpans }) => ({
  parts: [PART],
  everyReference: true,
  create: () => new Float64Array(2),

  touch(cells, { keys, refs, count }, misses) {
    for (let k = 0; k < count; k++) {
      const key = keys[k]!;
      const ref = refs[k]!;
      const list = listOf(cells);
      const held = list.find((entry) => Math.abs(entry) === key);
      const store = (ref & tlb.REF_STORE) !== 0;
      const wasDirty = held !== undefined && held < 0;
      keep(cells, [store || wasDirty ? -key : key, ...list.filter((entry) => entry !== held)]);
      if (held === undefined) misses.walk(key, ref, 0);
      else if (store && !wasDirty) misses.checkDirty(key, ref);
    }
  },

  drop(cells, low, high) {
    keep(
      cells,
      listOf(cells).filter((entry) => Math.abs(entry) < low || Math.abs(entry) >= high),
    );
  },

  empty(cells) {
    keep(cells, []);
  },

  describe: (cells) =>
    listOf(cells).map((entry, way) => {
      const tag = tlb.keyTag(entry);
      const sizeClass = tlb.tagSizeClass(tag);
      const nrPages = pageSpans[sizeClass]!;
      const vpn = tlb.keyPage(entry) * nrPages;
      return { part: PART, set: 0, way, asid: tlb.tagAsid(tag), sizeClass, vpn, nrPages, isDirty: entry < 0 };
    }),
});
