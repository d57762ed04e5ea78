/** How much the lists of a cpu hold, and how much of it goes back at a time. */
import { expect, test } from 'vitest';
import { GFP_KERNEL } from '../../../core/event/gfp.ts';
import { pcpCount } from '../../../core/phys/pcp-lists.ts';
import { pages, sessionOf } from '../../support/rows.ts';

const session = sessionOf('linux-3g1g', 512);
const normal = session.machine.platform.zones[1]!;
const { pcpBatch: batch, pcpHigh: high } = normal;
const PAGES = 6 * high;
let freed = 0;

/** Frees pages until some go back; how many. */
function nextDrain(): number {
  for (;;) {
    const before = pcpCount(session.machine, 0, 1);
    session.given({ kind: 'page_free', object: ++freed });
    const drained = before + 1 - pcpCount(session.machine, 0, 1);
    if (drained > 0) return drained;
  }
}

test('while pages are freed only, twice as many go back each time, until a batch is left; then as many again', () => {
  for (let object = 1; object <= PAGES; object++) session.given(pages(object, 0));
  const most = high - batch;
  const doubled = [1, 2, 4, 8, 16, 32, 64].map((n) => n * batch).filter((n) => n < most);
  expect(doubled.length).toBeGreaterThan(2);
  expect([...doubled, most, most].map(nextDrain)).toEqual([...doubled, most, most]);
  // An allocation halves what log2 of that has grown to.
  session.given({ kind: 'page_alloc', object: PAGES + 1, order: 0, gfp: GFP_KERNEL });
  expect(nextDrain()).toBe(batch * 2 ** (doubled.length >> 1));
});
