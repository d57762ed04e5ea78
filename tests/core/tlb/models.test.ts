/** Every TLB model, through its interface alone, against naive TLBs: who serves what, and what is held afterwards. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type MmuGeometry, mmuGeometry } from '../../../core/paging/geometry.ts';
import { keyBase } from '../../../core/tlb/keys.ts';
import type { Misses, TlbMaker } from '../../../core/tlb/model.ts';
import { type MmuOptions, NO_CACHE } from '../../../core/tlb/options.ts';
import { MMU_PRESETS } from '../../../core/tlb/presets.ts';
import {
  REF_CHECK_DIRTY,
  REF_EXECUTE,
  REF_SHIFT,
  REF_SHORT_WALK,
  REF_STORE,
  Run,
} from '../../../core/tlb/run.ts';
import { anyMmu } from '../../generators/mmu-options.ts';
import { NaiveTlb, noTotals } from '../../models/naive-tlb.ts';
import { twoEntries } from '../../models/two-entries.ts';
import { machineOf } from '../../support/rows.ts';

const TINY: Partial<MmuOptions> = {
  l1i: { sets: 1, ways: 1 },
  l1d: { sets: 2, ways: 3 },
  l2: { sets: 4, ways: 2 },
  pdeCache: { sets: 1, ways: 2 },
};
/** The same as the two entries for everything. */
const PAIR: Partial<MmuOptions> = {
  unifiedL1: true,
  l1d: { sets: 1, ways: 2 },
  l2: NO_CACHE,
  pdeCache: NO_CACHE,
};

const KINDS = ['load', 'store', 'fetch'] as const;
const REF_OF = { load: 0, store: REF_STORE, fetch: REF_EXECUTE };

/** Few pages, so that they come again, some of them in the same table, and some far off. */
const page = fc.oneof(
  fc.nat(11),
  fc.nat(4).map((n) => n * 2 ** 9),
  fc.nat(2).map((n) => n * 2 ** 18),
);
const reference = fc.record({
  asid: fc.nat(2),
  sizeClass: fc.constantFrom(0, 0, 0, 1, 2),
  page,
  kind: fc.constantFrom(...KINDS),
});
const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ touch: fc.array(reference, { minLength: 1, maxLength: 40 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({ dropFrom: fc.nat(11), nrPages: fc.constantFrom(1, 2, 5, 33, 300), of: fc.nat(2) }),
  },
  { weight: 1, arbitrary: fc.record({ dropAsid: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ empty: fc.constant(true) }) },
);

describe.each<[string, fc.Arbitrary<Partial<MmuOptions>>, TlbMaker?]>([
  ['tuned', fc.constantFrom(TINY, { ...TINY, l2: { sets: 1, ways: 1 }, pdeCache: NO_CACHE })],
  ['of real processors', fc.constantFrom(...Object.values(MMU_PRESETS).map(({ options }) => options))],
  ['of any make', anyMmu()],
  ['of two entries, from outside', fc.constant(PAIR), twoEntries],
])('TLBs %s', (_name, options, maker) => {
  test.each(['linux-3g1g', 'linux-x86_64'])('do as lists would: %s', (name) => {
    const { layout } = machineOf(name, 64).platform;
    const classes = name === 'linux-3g1g' ? 1 : 2;
    fc.assert(
      fc.property(options, fc.array(step, { maxLength: 40, size: 'max' }), (chosen, steps) => {
        const mmu = mmuGeometry(layout, chosen, maker);
        const both = new Both(mmu);
        for (const one of steps) {
          if ('touch' in one) both.touch(one.touch.filter(({ sizeClass }) => sizeClass <= classes));
          else if ('empty' in one) both.empty();
          else if ('dropAsid' in one) both.dropAsid(one.dropAsid);
          else both.drop(one.of, one.dropFrom, one.nrPages);
          both.expectSame();
        }
      }),
      { numRuns: 40 },
    );
  });
});

interface Reference {
  readonly asid: number;
  readonly sizeClass: number;
  readonly page: number;
  readonly kind: (typeof KINDS)[number];
}

/** A model and naive TLBs that are told the same. Pages are never dirty in their page table. */
class Both implements Misses {
  private readonly mmu: MmuGeometry;
  private readonly cells: Float64Array;
  private readonly naive: NaiveTlb;
  private readonly totals = noTotals();
  private readonly run = new Run(64);
  private references = 0;
  private served = 0;
  private checks = 0;
  private readonly walksLeaving = [0, 0, 0, 0, 0, 0];

  constructor(mmu: MmuGeometry) {
    this.mmu = mmu;
    this.cells = mmu.tlb.create();
    this.naive = new NaiveTlb(mmu);
  }

  servedBelow(): void {
    this.served++;
  }

  checkDirty(): void {
    this.checks++;
  }

  walk(_key: number, _ref: number, entriesLeft: number): void {
    this.walksLeaving[entriesLeft]!++;
  }

  serve({ refs, count }: Run): void {
    for (const ref of refs.subarray(0, count))
      if ((ref & REF_CHECK_DIRTY) !== 0) this.checkDirty();
      else this.walk(0, ref, (ref & REF_SHORT_WALK) !== 0 ? 1 : 0);
  }

  touch(references: readonly Reference[]): void {
    const { run } = this;
    for (const { asid, sizeClass, page, kind } of references) {
      run.push(keyBase(asid, sizeClass) + page, (run.count << REF_SHIFT) | REF_OF[kind]);
      this.naive.translate({ asid, page, sizeClass, kind }, this.totals, () => true);
    }
    this.references += references.length;
    this.mmu.tlb.touch(this.cells, run, this);
    run.clear();
  }

  drop(asid: number, first: number, nrPages: number): void {
    const key = keyBase(asid, 0) + first;
    this.mmu.tlb.drop(this.cells, key, key + nrPages);
    this.naive.invalidate(asid, first, first + nrPages);
  }

  dropAsid(asid: number): void {
    this.mmu.tlb.drop(this.cells, keyBase(asid, 0), keyBase(asid + 1, 0));
    this.naive.invalidate(asid);
  }

  empty(): void {
    this.mmu.tlb.empty(this.cells);
    this.naive.invalidateAll();
  }

  expectSame(): void {
    const walks = this.walksLeaving.reduce((sum, count) => sum + count);
    const { l1Hits, l2Hits, translations, dirtyAssists } = this.totals;
    const { walkCacheHits, pdpteCacheHits, pml4eCacheHits, pml5eCacheHits } = this.totals;
    const found = {
      translations: this.references,
      l1Hits: this.references - this.served - walks,
      l2Hits: this.served,
      walks,
      shortened: walks - this.walksLeaving[0]!,
      dirtyAssists: this.checks,
      held: this.heldByModel(),
    };
    const told = {
      translations,
      l1Hits,
      l2Hits,
      walks: this.totals.walks,
      shortened: walkCacheHits + pdpteCacheHits + pml4eCacheHits + pml5eCacheHits,
      dirtyAssists,
      held: this.heldByNaive(),
    };
    // Without a matcher as long as all is well, which takes most of the time else.
    if (JSON.stringify(found) !== JSON.stringify(told)) expect(found).toEqual(told);
  }

  /** By part: `asid/size/page`, and whether it is known to be dirty. */
  private heldByModel(): string[] {
    return this.mmu.tlb
      .describe(this.cells)
      .map(({ part, asid, sizeClass, vpn, nrPages, isDirty }) => {
        if (nrPages !== this.mmu.pageSpans[sizeClass] || !part.sizeClasses.includes(sizeClass))
          expect.fail(`${part.name} holds ${nrPages} pages of size class ${sizeClass}`);
        const size = part.holds === 'pages' ? `/${sizeClass}` : '';
        return `${part.name} ${asid}${size}/${vpn / nrPages} ${isDirty}`;
      })
      .sort();
  }

  private heldByNaive(): string[] {
    const [only] = this.mmu.tlb.parts;
    const nameOf = (name: string): string => (this.mmu.tlb.parts.length === 1 ? only!.name : name);
    return Object.entries(this.naive.held())
      .flatMap(([name, entries]) =>
        entries.map((entry) => `${nameOf(name)} ${entry.name} ${entry.dirty && !name.startsWith('l2')}`),
      )
      .sort();
  }
}
