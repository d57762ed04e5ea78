/**
 * Filling runs from steps (event/steps.ts): decoding, binding and leaving out repeats in one loop over tokens, in which
 * nothing is written for most references. The run is that of `collect` (run.ts) over the same events.
 *
 * What each lane is to the running process is worked out at its first event in a run. A page is told by its TLB key, and
 * the keys that need no further look are three: the page of the last instruction, that of the last data, and the latter
 * once more if it is known to be dirty. Each lane compares with the one that its mode needs.
 */
import { CONTINUED, EXECUTE, MODE_COUNT, OPERATION_MASK, READ } from '../event/access-mode.ts';
import type { Steps } from '../event/steps.ts';
import type { Draft } from '../machine/draft.ts';
import type { Run } from '../tlb/run.ts';
import { type Bindings, USER_VIRTUAL } from './bindings.ts';
import { refOf } from './run.ts';

/** What an event may repeat: a page of `repeatable`, of which there are as many of each as there are sets. */
const CODE = 0;
const DATA = 1;
const DIRTY_DATA = 2;
/** Of events that count for themselves: nothing is written there. */
const NOTHING = 3;
const MOST_SETS = 1 << 10;

/**
 * What the loop over repeats needs to know of a token in one word: its lane, which of `repeatable` it may repeat, whether
 * it fetches, and its size.
 */
const MOST_LANES = 1 << 12;
const LANE_MASK = MOST_LANES - 1;
const COMPARED_SHIFT = 12;
const FETCH_SHIFT = 14;
const FETCH = 1 << FETCH_SHIFT;
const SIZE_SHIFT = 15;
const MOST_SIZE = (1 << (31 - SIZE_SHIFT)) - 1;

/**
 * Pages as the loop over repeats knows them: in a numbering of this run, which fits 31 bits, keeps their sets, and has
 * numbers for 4 GiB of every object, so that what lies beyond one is no page of another.
 */
const NO_PAGE = -1;
/** Where the pages of a lane begin that is not bound: no page of it is at or above NO_PAGE. */
const UNBOUND = -(2 ** 30);
const MOST_PAGES = 2 ** 30;
const MOST_OBJECT_BYTES = 2 ** 32;

const MOST_TOKENS = 0x1_0000;
/** Scratch, by token and by lane: holds nothing between two batches. */
const packed = new Int32Array(MOST_TOKENS);
const lastA = new Int32Array(MOST_LANES);
const firstPage = new Int32Array(MOST_LANES);
const baseKey = new Float64Array(MOST_LANES);
const limitBytes = new Float64Array(MOST_LANES);
const repeatable = new Int32Array((NOTHING + 1) * MOST_SETS);

/** Goes through the events of one batch, in order, whatever part of them is taken elsewhere. */
export class StepRuns {
  private readonly draft: Draft;
  private readonly bindings: Bindings;
  private readonly run: Run;
  private steps: Steps | undefined = undefined;
  /** The event that comes next, and how many deltas were used before it. */
  private at = 0;
  private used = 0;
  /** log2 of the sets. */
  private readonly setBits: number;
  /** By the key of an object's first page: where its pages begin in the numbering of the run. */
  private readonly numbered = new Map<number, number>();
  private nrNumbered = 0;

  constructor(draft: Draft, bindings: Bindings, run: Run) {
    this.draft = draft;
    this.bindings = bindings;
    this.run = run;
    const { quietSets = 1 } = draft.platform.mmu.tlb;
    // Who reads the log of references knows of no sets: TLBs of other makes may be asked about it.
    this.setBits = draft.log === undefined ? Math.log2(Math.min(quietSets, MOST_SETS)) : 0;
  }

  /**
   * Fills the run with the accesses in [start, limit), all of `cpu`, up to the first that may fail or that is not to the
   * memory of a process. Returns where it stopped.
   */
  fill(steps: Steps, cpu: number, start: number, limit: number): number {
    if (steps.lanes.count > MOST_LANES) return start;
    this.goTo(steps, start);
    firstPage.fill(UNBOUND, 0, steps.lanes.count);
    repeatable.fill(NO_PAGE, 0, (NOTHING + 1) << this.setBits);
    this.numbered.clear();
    this.nrNumbered = 0;
    return this.collect(steps, cpu, limit);
  }

  /** Passes over events that were taken elsewhere. */
  private goTo(steps: Steps, start: number): void {
    if (this.steps !== steps) {
      this.steps = steps;
      this.at = 0;
      this.used = 0;
      lastA.fill(0, 0, steps.lanes.count);
      pack(steps);
    }
    const { tokens, shapes, deltas, table } = steps;
    for (; this.at < start; this.at++) {
      const token = tokens[this.at]!;
      lastA[table.lane[token]!]! += token < shapes ? deltas[this.used++]! : table.delta[token]!;
    }
  }

  private collect(steps: Steps, cpu: number, limit: number): number {
    const { run, setBits } = this;
    const setMask = (1 << setBits) - 1;
    const { tokens, shapes, deltas } = steps;
    const { delta: deltaOf, b: sizes } = steps.table;
    const { c: modes } = steps.lanes;
    const { pageShift } = this.draft.platform.mmu;
    const pageBytes = 1 << pageShift;
    const offsetMask = pageBytes - 1;
    const start = this.at;
    run.reserve(2 * (limit - start));
    const { keys, refs } = run;
    let { used } = this;
    let count = 0;
    let crossings = 0;
    // In units of FETCH, as the words have them.
    let fetches = 0;
    let continued = 0;
    let at = start;
    for (; at < limit; at++) {
      let a = 0;
      let lane = 0;
      let word = 0;
      // 1. Repeats of the last page of a set are first-level hits, and that page is its most recent entry already. A loop of
      // its own, without a call and without a branch but the one that ends it.
      for (; at < limit; at++) {
        const token = tokens[at]!;
        word = packed[token]!;
        lane = word & LANE_MASK;
        const isShape = (token - shapes) >> 31;
        a = (lastA[lane]! + deltaOf[token]! + (deltas[used]! & isShape)) | 0;
        used -= isShape;
        const page = firstPage[lane]! + (a >>> pageShift);
        const isInPage = (a & offsetMask) + (word >>> SIZE_SHIFT) <= pageBytes;
        const repeated = (((word >>> COMPARED_SHIFT) & 3) << setBits) | (page & setMask);
        if (page !== repeatable[repeated] || !isInPage) break;
        lastA[lane] = a;
        fetches += word & FETCH;
      }
      if (at === limit) break;
      // 2. What cannot be done here is the first event of whoever does it.
      const token = tokens[at]!;
      const size = sizes[token]!;
      if (firstPage[lane] === UNBOUND) this.bind(steps, cpu, lane);
      if (
        firstPage[lane] === UNBOUND ||
        size === 0 ||
        size > pageBytes ||
        (a >>> 0) + size > limitBytes[lane]!
      ) {
        if (token < shapes) used--;
        break;
      }
      lastA[lane] = a;
      // 3. Into the run, once for each page that it touches, unless that repeats; and what may be repeated from here on.
      const mode = modes[lane]!;
      const compared = comparedTo(mode);
      const ref = refOf(at, mode & OPERATION_MASK, true);
      const keyOf0 = baseKey[lane]! - firstPage[lane]!;
      const first = firstPage[lane]! + (a >>> pageShift);
      const last = firstPage[lane]! + ((a + size - 1) >>> pageShift);
      for (let page = first; page <= last; page++) {
        const set = page & setMask;
        if (page === repeatable[(compared << setBits) | set]) continue;
        keys[count] = keyOf0 + page;
        refs[count++] = ref;
        if (compared === CODE) repeatable[set] = page;
        else {
          repeatable[(DATA << setBits) | set] = page;
          repeatable[(DIRTY_DATA << setBits) | set] = compared === DIRTY_DATA ? page : NO_PAGE;
        }
      }
      crossings += last - first;
      if (compared === CODE) fetches += (1 + last - first) * FETCH;
      if (mode >= CONTINUED) continued++;
    }
    this.at = at;
    this.used = used;
    run.count = count;
    run.repeats = at - start + crossings - count;
    run.fetches = fetches / FETCH;
    run.kernelPages = 0;
    run.kernelFetches = 0;
    run.continued = continued;
    return at;
  }

  /** Numbers the pages of a lane's object, if it is a mapping of the process and may be used so. */
  private bind({ lanes }: Steps, cpu: number, lane: number): void {
    const { base, limit, allow, space } = this.bindings;
    const mode = lanes.c[lane]!;
    const slot = this.bindings.slotOf(this.draft, cpu, lanes.object[lane]!);
    const key = base[slot]!;
    if (limit[slot]! < 0 || space[slot] !== USER_VIRTUAL) return;
    if (mode >= MODE_COUNT || ((allow[slot]! >>> mode) & 1) === 0) return;
    const number = this.numbered.get(key) ?? this.newNumber(key);
    if (number === undefined) return;
    firstPage[lane] = number;
    baseKey[lane] = key;
    limitBytes[lane] = limit[slot]!;
  }

  /** Numbers for the pages of an object, of which the lowest bits are those of their keys; undefined: no more are left. */
  private newNumber(key: number): number | undefined {
    const span = MOST_OBJECT_BYTES / this.draft.platform.mmu.pageBytes;
    const number = this.nrNumbered + (key & ((1 << this.setBits) - 1));
    this.nrNumbered += span + MOST_SETS;
    if (this.nrNumbered > MOST_PAGES) return undefined;
    this.numbered.set(key, number);
    return number;
  }
}

/** Which page an event of a mode may repeat. */
function comparedTo(mode: number): number {
  const operation = mode & OPERATION_MASK;
  if (operation === EXECUTE) return CODE;
  return operation === READ ? DATA : DIRTY_DATA;
}

function pack({ table, lanes }: Steps): void {
  for (let token = 0; token < table.count; token++) {
    const lane = table.lane[token]!;
    const mode = lanes.c[lane]!;
    const size = table.b[token]!;
    const isPlain = mode < CONTINUED && size <= MOST_SIZE;
    const compared = isPlain ? comparedTo(mode) : NOTHING;
    const fetch = compared === CODE ? FETCH : 0;
    const sizeBits = isPlain ? size : 0;
    packed[token] = lane | (compared << COMPARED_SHIFT) | fetch | (sizeBits << SIZE_SHIFT);
  }
}
