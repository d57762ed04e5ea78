/** How references were translated: by kind, by cpu, and what walks read at each level. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { translationFigures } from '../../../core/access/figures.ts';
import { EXECUTE, KERNEL_MODE, READ } from '../../../core/event/access-mode.ts';
import { batchOf } from '../../../core/event/batch.ts';
import { PROT_EXEC, PROT_READ } from '../../../core/event/mmap-flags.ts';
import { fold } from '../../../core/fold/fold.ts';
import { type CounterName, countersOf } from '../../../core/outcome/counters.ts';
import { anyMmu, withMmu } from '../../generators/mmu-options.ts';
import { batchOfRows, randomEvents } from '../../generators/random-events.ts';
import { USER_KINDS } from '../../models/naive-kernel.ts';
import { atDepth } from '../../support/depth.ts';
import { access, eventOf, kmalloc, machineOf, mmap, PAGE, RUNNING, Session } from '../../support/rows.ts';

const started = (layout: string) =>
  new Session(machineOf(layout, 256, { cpus: 2 })).given(
    ...RUNNING,
    mmap(1, 8 * PAGE),
    mmap(2, 2 * PAGE, PROT_READ | PROT_EXEC),
    kmalloc(3, 64),
  );

test('each kind of reference has its hits and walks, repeats and both pages of one that crosses among them', () => {
  const session = started('linux-3g1g');
  session.given(
    access(1, 0, 8),
    access(1, 8, 8),
    access(1, PAGE - 4, 8),
    access(2, 0, 4, EXECUTE),
    access(2, 4, 4, EXECUTE),
    access(2, PAGE - 2, 4, EXECUTE),
    access(3, 0, 8, READ | KERNEL_MODE),
    access(3, 8, 4, EXECUTE | KERNEL_MODE),
  );
  const { all, fetch, data, user, kernel } = translationFigures(session.machine);
  expect(all).toEqual({ translations: 10, l1Hits: 4, l2Hits: 1, walks: 5 });
  expect(fetch).toEqual({ translations: 5, l1Hits: 2, l2Hits: 1, walks: 2 });
  expect(data).toEqual({ translations: 5, l1Hits: 2, l2Hits: 0, walks: 3 });
  expect(kernel).toEqual({ translations: 2, l1Hits: 0, l2Hits: 1, walks: 1 });
  expect(user).toEqual({ translations: 8, l1Hits: 4, l2Hits: 0, walks: 4 });
  const { kernelFetchTranslations, kernelFetchL2Hits, kernelFetchWalks } = countersOf(
    session.machine.counters,
  );
  expect([kernelFetchTranslations, kernelFetchL2Hits, kernelFetchWalks]).toEqual([1, 1, 0]);
});

test('the same, one access a batch or all of them in one', () => {
  const rows = [0, 8, PAGE - 4, 2 * PAGE].map((offset) => access(1, offset, 8));
  const one = started('linux-x86_64');
  for (const row of rows) one.given(row);
  expect(translationFigures(started('linux-x86_64').given(...rows).machine)).toEqual(
    translationFigures(one.machine),
  );
});

test('an access takes as long as what its translation read, also where the walk cache spares it some', () => {
  const pages = Array.from({ length: 6000 }, (_, i) => (i * 7919) % 6000);
  const session = new Session(machineOf('linux-x86_64', 256)).given(...RUNNING, mmap(1, 6000 * PAGE));
  const touches = pages.map((page) => access(1, page * PAGE, 8));
  session.given(...touches);
  const before = countersOf(session.machine.counters);
  const { machine, outcomes } = fold(session.machine, batchOf(touches.map(eventOf)));
  const after = countersOf(machine.counters);
  const more = (name: CounterName): number => after[name] - before[name];
  const { accessNs, l2TlbHitNs, walkReferenceNs } = machine.platform.costs;
  expect(more('walkReferences')).toBeLessThan(4 * more('walks'));
  expect(outcomes.latencyNs.reduce((sum, ns) => sum + ns, 0)).toBe(
    6000 * accessNs + more('l2Hits') * l2TlbHitNs + more('walkReferences') * walkReferenceNs,
  );
});

test('each cpu has its own', () => {
  const session = started('linux-x86_64').given(
    access(1, 0, 8),
    { ...access(3, 0, 8, READ | KERNEL_MODE), cpu: 1 },
    { ...access(3, 8, 8, READ | KERNEL_MODE), cpu: 1 },
  );
  expect(translationFigures(session.machine).cpus).toEqual([
    { translations: 1, l1Hits: 0, l2Hits: 0, walks: 1 },
    { translations: 2, l1Hits: 1, l2Hits: 0, walks: 1 },
  ]);
});

// The second page is in the table that the first one led to; the kernel's page is large on x86.
test.each([
  ['linux-3g1g', { pte: 2, pgd: 2 }],
  ['linux-x86_64', { pte: 2, pmd: 2, pud: 2, pgd: 2 }],
  ['vax-vms', { pte: 3, spte: 1, spt: 0, part: 0 }],
] as const)('what walks read at each level: %s', (layout, expected) => {
  const session = started(layout);
  session.given(access(1, 0, 8), access(1, PAGE, 8), access(3, 0, 8, READ | KERNEL_MODE));
  const { walkReads } = translationFigures(session.machine);
  expect(Object.fromEntries(walkReads.map(({ level, entries }) => [level, entries]))).toEqual(expected);
});

test('the parts are never more than the whole, and every entry read has its level', () => {
  const boot = machineOf('linux-x86_64', 1024, { cpus: 4 });
  fc.assert(
    fc.property(anyMmu(), randomEvents(300, [...USER_KINDS], 0), (mmu, rows) => {
      const { machine } = fold(withMmu(boot, mmu), batchOfRows(rows));
      const { all, cpus, data, fetch, kernel, user, walkReads } = translationFigures(machine);
      const { l1Hits, walkReferences } = countersOf(machine.counters);
      expect(all.l1Hits).toBe(l1Hits);
      for (const name of ['translations', 'l1Hits', 'l2Hits', 'walks'] as const) {
        for (const part of [data, fetch, kernel, user]) expect(part[name]).toBeGreaterThanOrEqual(0);
        expect(cpus.reduce((sum, cpu) => sum + cpu[name], 0)).toBe(all[name]);
      }
      expect(walkReads.reduce((sum, { entries }) => sum + entries, 0)).toBe(walkReferences);
    }),
    { numRuns: atDepth({ quick: 7, full: 20 }) },
  );
});
