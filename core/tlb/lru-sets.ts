/**
 * Sets of entries with true LRU, move to front: a set is a list with its most recent entry first, so that the order
 * within the set is the whole replacement state. In a data TLB a negative key is a page known to be dirty, so that only
 * the first store to a page has to look at its PTE.
 */

export const MISS = 0;
export const HIT = 1;
/** A store hit an entry that is not known to be dirty. */
export const HIT_CLEAN = 2;

/**
 * Looks a key up in the set that starts at `first`, and makes it the most recent entry whether or not it was
 * there: a miss always fills. The entry pushed out of the last way is gone.
 */
export function touchSet(
  cells: Float64Array,
  first: number,
  ways: number,
  key: number,
  store: boolean,
): number {
  let pushed = cells[first]!;
  if (pushed === key && !store) return HIT;
  if (pushed === -key) return HIT;
  cells[first] = store ? -key : key;
  if (pushed === key) return HIT_CLEAN;
  const end = first + ways;
  for (let way = first + 1; way < end; way++) {
    const entry = cells[way]!;
    cells[way] = pushed;
    if (entry === key) return store ? HIT_CLEAN : HIT;
    if (entry === -key) {
      cells[first] = entry;
      return HIT;
    }
    pushed = entry;
  }
  return MISS;
}

/** The same of a set that knows nothing of dirty pages: whether the key was there. */
export function touchPlainSet(cells: Float64Array, first: number, ways: number, key: number): boolean {
  let pushed = cells[first]!;
  if (pushed === key) return true;
  cells[first] = key;
  const end = first + ways;
  for (let way = first + 1; way < end; way++) {
    const entry = cells[way]!;
    cells[way] = pushed;
    if (entry === key) return true;
    pushed = entry;
  }
  return false;
}

/** Drops the entries whose key lies in [low, high) from the sets in [start, end). */
export function dropFromSets(
  cells: Float64Array,
  start: number,
  end: number,
  ways: number,
  low: number,
  high: number,
): void {
  for (let set = start; set < end; set += ways)
    if (cells[set] !== 0) dropFromSet(cells, set, ways, low, high);
}

/** The entries that stay keep their order and move up; behind the first empty one there are no more. */
export function dropFromSet(
  cells: Float64Array,
  first: number,
  ways: number,
  low: number,
  high: number,
): void {
  const end = first + ways;
  let kept = first;
  let way = first;
  for (; way < end; way++) {
    const entry = cells[way]!;
    if (entry === 0) break;
    const key = Math.abs(entry);
    if (key >= low && key < high) continue;
    if (kept !== way) cells[kept] = entry;
    kept++;
  }
  for (; kept < way; kept++) cells[kept] = 0;
}
