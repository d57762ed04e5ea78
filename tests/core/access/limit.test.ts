/**
 * The speed limit's streams: 64 Mi page references each, with counters that a C program of its own computed.
 *
 * The model there: L1 data TLB of 16 sets of 4 ways, second level 128 x 12, true LRU, filled on every miss; a walk
 * cache of 32 last-level tables; four levels of 512 entries; the frame of a page is the count of first touches.
 * A prefix of each runs against the naive model; `npm run test:long` runs them whole.
 */
import { expect, test } from 'vitest';
import { type AddressSpace, Translator } from '../../../core/access/translation.ts';
import { Draft } from '../../../core/machine/draft.ts';
import { COUNTER, type CounterName } from '../../../core/outcome/counters.ts';
import { OutcomesDraft } from '../../../core/outcome/outcome.ts';
import { makePte, PTE_ACCESSED, PTE_PRESENT, PTE_USER, pteFrame } from '../../../core/paging/pte.ts';
import { findLeaf } from '../../../core/paging/table-walk.ts';
import { mapPage, newTable } from '../../../core/paging/tables.ts';
import { keyBase, keyPage } from '../../../core/tlb/keys.ts';
import { REF_SHIFT, Run } from '../../../core/tlb/run.ts';
import { NaiveTlb, noTotals } from '../../models/naive-tlb.ts';
import { atDepth, LONG } from '../../support/depth.ts';
import { machineOf } from '../../support/rows.ts';

const REFERENCES = 2 ** 26;
const BLOCK = 8192;
const PREFIX = atDepth({ quick: 2 ** 15, full: 2 ** 17 });

/** Gives the next page number of a stream. */
type Stream = () => number;

function xorshift32(seed: number): () => number {
  let x = seed | 0;
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return x >>> 0;
  };
}

/**
 * Bursts of 4 to 19 references: 35% to one page of a hot heap, 30% to one of four stack pages, 20% of a scan with
 * 64 references a page, 10% uniform over 4 GiB (a quarter as long), 5% along a pointer chase (half as long).
 */
function mix(): Stream {
  const random = xorshift32(0x9e3779b9);
  let left = 0;
  let next: Stream = () => 0;
  let scanned = 0;
  let chased = 12345;
  const burst = (): void => {
    const r = random();
    const percent = r % 100;
    left = 4 + ((r >>> 8) & 15);
    if (percent < 35) {
      const bits = (r >>> 16) % 17;
      const page = 0x100000 + (Math.imul(random() & ((1 << bits) - 1), 40503) & 0xffff);
      next = () => page;
    } else if (percent < 65) {
      const page = 0x7ffff000 - ((r >>> 12) & 3);
      next = () => page;
    } else if (percent < 85) next = () => 0x200000 + ((scanned++ >>> 6) & 0x3ffff);
    else if (percent < 95) {
      left = Math.max(left >> 2, 1);
      next = () => 0x400000 + (random() & 0xfffff);
    } else {
      left >>= 1;
      next = () => {
        chased = (Math.imul(chased, 1664525) + 1013904223) | 0;
        return 0x800000 + (chased >>> 16);
      };
    }
  };
  return () => {
    while (left === 0) burst();
    left--;
    return next();
  };
}

function uniform(): Stream {
  const random = xorshift32(0x12345678);
  return () => 0x400000 + (random() & 0xfffff);
}

interface Figures {
  readonly l1Hits: number;
  readonly l2Hits: number;
  readonly walks: number;
  readonly walkCacheHits: number;
  readonly walkReferences: number;
  readonly faults: number;
  /** Of the frames that the walks ended at, modulo 2^32. */
  readonly sum: number;
}

/** An address space that has no VMAs: every page that is touched gets the next frame number. */
class CountingSpace implements AddressSpace {
  draft: Draft;
  readonly userRoot: number;
  readonly kernelRoot: number;
  faults = 0;

  constructor(draft: Draft) {
    this.draft = draft;
    this.kernelRoot = draft.platform.kernelRoot;
    this.userRoot = newTable(draft);
  }

  fault(vpn: number): void {
    const pte = makePte(++this.faults, PTE_PRESENT | PTE_USER | PTE_ACCESSED);
    if (mapPage(this.draft, this.userRoot, vpn, pte) !== 0) throw new Error('no memory for a page table');
  }

  kernelFault(): void {}
}

/** Translates a stream block by block, with a new machine after each. */
function translateStream(stream: Stream, references: number): Figures {
  const machine = machineOf('linux-x86_64', 16 * 1024);
  const base = keyBase(1, 0);
  const run = new Run(BLOCK);
  const outcomes = new OutcomesDraft(BLOCK);
  let draft = new Draft(machine);
  const space = new CountingSpace(draft);
  let walks = 0;
  let sum = 0;
  for (let done = 0; done < references; done += BLOCK) {
    for (let i = 0; i < BLOCK; i++) run.push(base + stream(), i << REF_SHIFT);
    new Translator(draft, space, outcomes).translate(0, run);
    const before = walks;
    walks = draft.counters[COUNTER.walks]!;
    // What the run still holds in front are the references that walked.
    for (let i = 0; i < walks - before; i++)
      sum = (sum + pteFrame(findLeaf(draft, space.userRoot, keyPage(run.keys[i]!)).pte)) | 0;
    draft = new Draft(draft.seal(false).machine);
    space.draft = draft;
  }
  const counter = (name: CounterName): number => draft.counters[COUNTER[name]]!;
  return {
    l1Hits: counter('l1Hits'),
    l2Hits: counter('l2Hits'),
    walks,
    walkCacheHits: counter('walkCacheHits'),
    walkReferences: counter('walkReferences'),
    faults: space.faults,
    sum: sum >>> 0,
  };
}

/** The same by lists and maps, one reference at a time. */
function naiveFigures(stream: Stream, references: number): Figures {
  const tlb = new NaiveTlb(machineOf('linux-x86_64', 1024).platform.mmu);
  const totals = noTotals();
  const frames = new Map<number, number>();
  let sum = 0;
  for (let done = 0; done < references; done++) {
    const page = stream();
    const before = totals.walks;
    tlb.translate({ asid: 1, page, sizeClass: 0, kind: 'load' }, totals, () => false);
    if (totals.walks === before) continue;
    if (!frames.has(page)) frames.set(page, frames.size + 1);
    sum = (sum + frames.get(page)!) % 2 ** 32;
  }
  const { l1Hits, l2Hits, walks, walkCacheHits, walkReferences } = totals;
  return { l1Hits, l2Hits, walks, walkCacheHits, walkReferences, faults: frames.size, sum };
}

test.each([
  { name: 'MIX', stream: mix },
  { name: 'RAND', stream: uniform },
])('$name: a prefix, against a naive model', ({ stream }) => {
  expect(translateStream(stream(), PREFIX)).toEqual(naiveFigures(stream(), PREFIX));
});

if (LONG) {
  // A minute alone; more where many jobs share the machine, and no timeout can end a loop that never yields.
  test('MIX: 64 Mi references', { timeout: 600_000 }, () => {
    expect(translateStream(mix(), REFERENCES)).toEqual({
      l1Hits: 61_564_755,
      l2Hits: 789_548,
      walks: 4_754_561,
      walkCacheHits: 458_742,
      walkReferences: 17_642_018,
      faults: 1_185_554,
      sum: 0x5dff48a8,
    });
  });

  test('RAND: 64 Mi references', { timeout: 600_000 }, () => {
    expect(translateStream(uniform(), REFERENCES)).toEqual({
      l1Hits: 4144,
      l2Hits: 94_019,
      walks: 67_010_701,
      walkCacheHits: 1_046_043,
      walkReferences: 264_904_675,
      faults: 1_048_576,
      sum: 0xb22840cd,
    });
  });
}
