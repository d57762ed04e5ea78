/** The laws that every stream of events must obey, lawful or not, on machines where memory runs out. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WRITE } from '../../core/event/access-mode.ts';
import { type Batch, batchOf } from '../../core/event/batch.ts';
import { PROT_READ, PROT_WRITE } from '../../core/event/mmap-flags.ts';
import { allKinds, kindOf } from '../../core/event/vocabulary.ts';
import { fold } from '../../core/fold/fold.ts';
import { STATUSES } from '../../core/outcome/outcome.ts';
import { batchOfRows, cleanUp, forStreams, type Row, randomEvents } from '../generators/random-events.ts';
import { DMA_KINDS } from '../models/naive-dma.ts';
import { atDepth, FULL } from '../support/depth.ts';
import {
  buddyinfo,
  drained,
  expectBatchingInvisible,
  expectConservation,
  expectLaws,
  replay,
} from '../support/laws.ts';
import { eventOf, PAGE, RUNNING, SMALL_MACHINES, type Step, starve } from '../support/rows.ts';

const EVENTS = atDepth({ quick: 500, full: 1000 });
const RUNS = atDepth({ quick: 1, full: 3, long: 16 });

const MACHINES = SMALL_MACHINES.flatMap(({ name, boot }) => [
  { name, boot },
  { name: `${name}, all but 30 pages taken`, boot: () => starve(boot(), 30) },
  { name: `${name}, all but 400 pages of low memory taken`, boot: () => starve(boot(), 400, false) },
]);
/** All, or each machine once and each amount of memory once. */
const TRIED = MACHINES.filter((_, i) => FULL || i % (SMALL_MACHINES.length + 1) === 0);

describe.each(TRIED)('random events on $name', ({ boot }) => {
  const machine = boot();
  test('the same events give the same bits in any batches, by machines that are whole and stay as they were', () => {
    forStreams(randomEvents(EVENTS), RUNS, (rows) => void expectLaws(() => machine, [batchOfRows(rows)], 50));
  });

  test('when everything is freed, the free lists are those of the beginning', () => {
    forStreams(randomEvents(EVENTS), 2 * RUNS, (rows) => {
      const end = replay(machine, [batchOfRows(rows), batchOfRows(cleanUp(rows))], 4096).machine;
      expect(buddyinfo(drained(end))).toEqual(buddyinfo(drained(machine)));
      expect(end.records.processes).toEqual({});
    });
  });
});

test.each(SMALL_MACHINES)('the dearest references run out of memory one by one: $name', ({ boot }) => {
  // Each store crosses into a second page of a private file mapping: two pages of cache, two copies, and tables.
  const pages = 2000;
  const steps: Step[] = [
    ...RUNNING,
    { kind: 'file', file: 1, length: pages * PAGE },
    { kind: 'mmap', object: 1, length: pages * PAGE, flags: PROT_READ | PROT_WRITE, file: 1 },
  ];
  for (let page = 1; page < pages; page += 2)
    steps.push({ kind: 'access', object: 1, offset: page * PAGE - 1, size: 2, mode: WRITE });
  for (const left of [300, 600]) {
    const start = starve(boot(), left);
    const batch = batchOf(steps.map(eventOf));
    const statuses = [...fold(start, batch).outcomes.status].map((status) => STATUSES[status]!.name);
    expect(new Set(statuses)).toEqual(new Set(['ok', 'out-of-memory']));
    expectBatchingInvisible(start, [batch], [1, 7, 4096]);
    expectConservation(start, [batch], 4096);
  }
});

test('the random events reach every kind and every status', () => {
  const kinds = new Set<string | undefined>();
  const statuses = new Set<string>();
  const of = (stream: fc.Arbitrary<Row[]>, seed: number, quick: number): Batch[] =>
    fc.sample(stream, { seed, numRuns: atDepth({ quick, full: 12 }) }).map(batchOfRows);
  // Seeds of which the first few streams reach it all.
  const batches = [...of(randomEvents(1000), 9, 3), ...of(randomEvents(1000, DMA_KINDS), 12, 4)];
  for (const { boot } of MACHINES) {
    const machine = boot();
    for (const batch of batches) {
      const { outcomes } = fold(machine, batch);
      for (let at = 0; at < batch.count; at++) {
        kinds.add(kindOf(batch.kind[at]!)?.name);
        statuses.add(STATUSES[outcomes.status[at]!]!.name);
      }
    }
  }
  // Unknown kinds are `undefined`. The windows of kmap and kmap_local are too large to be filled by so few objects, and
  // these machines have no CMA.
  expect(kinds).toEqual(new Set([undefined, ...allKinds().map(({ name }) => name)]));
  // Mappings of kmap_local that are ended in another order come only by luck.
  const sure = STATUSES.map(({ name }) => name).filter((name) => name !== 'out-of-order');
  const missing = sure.filter((name) => !statuses.has(name));
  const beyond = ['kmap-slots', 'kmap-local-slots', 'iova-space', 'oom-killed'];
  expect(missing).toEqual([...beyond, 'cma-only', 'cma-space']);
});
