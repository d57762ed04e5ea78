/** How often reads of files find their page in memory, against two plain lists of the same size. */
import { expect, test } from 'vitest';
import { batchOf } from '../../../core/event/batch.ts';
import { fold } from '../../../core/fold/fold.ts';
import { Prng } from '../../../workloads/engine/prng.ts';
import { atDepth } from '../../support/depth.ts';
import { eventOf, MIB, machineOf, PAGE, Session, type Step } from '../../support/rows.ts';

const FILE_PAGES = (128 * MIB) / PAGE;
const READS = 120_000;

/** Two lists with a second chance: a page read twice moves to the active list; that is never more than half. */
class TwoLists {
  private readonly inactive = new Set<number>();
  private readonly active = new Set<number>();
  private readonly most: number;

  constructor(most: number) {
    this.most = most;
  }

  /** Whether the page was there. */
  read(page: number): boolean {
    const isHit = this.inactive.delete(page) || this.active.has(page);
    if (isHit) this.active.add(page);
    else this.inactive.add(page);
    if (this.inactive.size + this.active.size > this.most) this.evict();
    return isHit;
  }

  private evict(): void {
    while (this.inactive.size < this.active.size) {
      const [oldest] = this.active;
      this.active.delete(oldest!);
      this.inactive.add(oldest!);
    }
    const [victim] = this.inactive;
    this.inactive.delete(victim!);
  }
}

/** Half of the reads go to `hot` pages, the others on through the file, page by page. */
function readsOf(hot: number): number[] {
  const random = Prng.fromSeed(hot);
  let next = hot;
  return Array.from({ length: READS }, () => {
    if (random.chance(1, 2)) return random.below(hot);
    next = next + 1 < FILE_PAGES ? next + 1 : hot;
    return next;
  });
}

test.each(atDepth({ quick: [2000], full: [500, 2000, 5000] }))(
  'of %i pages that are read again and again',
  (hot) => {
    const pages = readsOf(hot);
    const session = new Session(machineOf('linux-x86_64', 64, {}, { reclaim: {} }));
    session.given({ kind: 'file', file: 1, length: FILE_PAGES * PAGE });
    const reads = pages.map(
      (page): Step => ({ kind: 'file_read', file: 1, offset: page * PAGE, length: PAGE }),
    );
    const { machine, outcomes } = fold(session.machine, batchOf(reads.map(eventOf)));
    session.machine = machine;
    const hits = outcomes.latencyNs.filter((ns) => ns < 80_000).length;
    const naive = new TwoLists(session.counter('pageCachePages'));
    const naiveHits = pages.filter((page) => naive.read(page)).length;
    // Pages that come back in time are active at once, which the two lists do not know.
    expect(Math.abs(hits - naiveHits) / READS).toBeLessThan(0.03);
    // All but the first read of each hot page, nearly.
    expect(hits / READS).toBeGreaterThan(0.41);
  },
);
