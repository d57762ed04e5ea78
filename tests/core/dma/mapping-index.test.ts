/** Mappings are found again by object, device and offset, those whose hashes meet too, and in whatever order they go. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkMachine } from '../../../core/check/invariants.ts';
import { liveMappings } from '../../../core/dma/mapping-facts.ts';
import { findMapping } from '../../../core/dma/mapping-index.ts';
import { atDepth } from '../../support/depth.ts';
import { device, dmaMap, dmaUnmap, machineOf, pages, Session } from '../../support/rows.ts';

/** Objects of which the index keeps the same offsets in the same buckets. */
const ALIKE = [1, 50_550, 415_339];
const ALL = ALIKE.flatMap((object) =>
  [1, 2].flatMap((owner) => Array.from({ length: 100 }, (_, i) => ({ object, owner, offset: 3 * i }))),
);
const boot = machineOf('linux-x86_64', 64);
const ready = new Session(boot).given(
  device(1, 64),
  device(2, 64),
  ...ALIKE.map((object) => pages(object, 0)),
).machine;
const mapped = new Session(ready).given(
  ...ALL.map((m) => dmaMap('single', m.object, m.owner, m.offset, 1)),
).machine;

test('the objects are alike', () => {
  const { dmaBuckets } = mapped;
  let buckets = 0;
  for (let at = dmaBuckets.nextUsed(0, 2 ** 18); at < 2 ** 18; at = dmaBuckets.nextUsed(at + 1, 2 ** 18))
    buckets++;
  expect(buckets).toBe(ALL.length / ALIKE.length);
});

test('each is found, once, and nothing else', () => {
  const rows = ALL.map(({ object, owner, offset }) => findMapping(mapped, object, owner, offset));
  expect(new Set(rows)).toEqual(new Set(liveMappings(mapped)));
  expect(rows).not.toContain(0);
  expect([findMapping(mapped, 1, 1, 1), findMapping(mapped, 4, 1, 0), findMapping(mapped, 1, 3, 0)]).toEqual([
    0, 0, 0,
  ]);
});

test('and after some are gone, in any order, the others are, and those that come again', () => {
  fc.assert(
    fc.property(fc.shuffledSubarray(ALL, { minLength: 100, maxLength: ALL.length }), (gone) => {
      const session = new Session(mapped);
      session.given(...gone.map((m) => dmaUnmap(m.object, m.owner, m.offset)));
      const isGone = new Set(gone);
      for (const one of ALL)
        expect(findMapping(session.machine, one.object, one.owner, one.offset) === 0).toBe(isGone.has(one));
      session.given(...gone.slice(0, 50).map((m) => dmaMap('page', m.object, m.owner, m.offset, 1)));
      expect(checkMachine(session.machine)).toEqual([]);
      for (const one of gone.slice(0, 50))
        expect(findMapping(session.machine, one.object, one.owner, one.offset)).not.toBe(0);
    }),
    { numRuns: atDepth({ quick: 7, full: 20 }) },
  );
});
