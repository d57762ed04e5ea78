/** kmalloc and kfree: the slabs alone, and through the whole fold. */
import { assert } from '../../../core/base/errors.ts';
import { COUNTER, GFP_ATOMIC, type MemoryEvent } from '../../../core/index.ts';
import { Draft } from '../../../core/machine/draft.ts';
import type { Machine } from '../../../core/machine/machine.ts';
import { kmallocRow } from '../../../core/slab/kmalloc-caches.ts';
import { type SlabObject, slabAlloc, slabFree } from '../../../core/slab/slab.ts';
import { BATCH_EVENTS, bootedMachine, foldAll, inBatches } from '../../inputs/events.ts';
import {
  type KmallocOperations,
  type KmallocShape,
  kmallocOperations,
} from '../../inputs/kmalloc-operations.ts';
import { fnv } from '../../inputs/streams.ts';
import type { Entrant, Lengths, LimitRow } from '../row.ts';

export function kmallocRows({ kmallocOperations: count }: Lengths): LimitRow[] {
  return [
    row('16 objects of 33 to 64 B', { live: 16, smallestBytes: 64, steps: 1 }, count),
    row('4,096 objects of 5 B to 8 KiB', { live: 4096, smallestBytes: 8, steps: 11 }, count),
  ];
}

function row(doc: string, shape: KmallocShape, count: number): LimitRow {
  const { live, smallestBytes, steps } = shape;
  return {
    suite: 'kernel',
    name: `kmalloc and kfree: ${doc}`,
    unit: 'operations',
    program: 'kmalloc',
    args: [live, smallestBytes, steps, count].map(String),
    entrants: [
      entrant('slabs alone', shape, count, slabsAlone),
      entrant('the whole fold', shape, count, wholeFold),
    ],
  };
}

type RunOf = (operations: KmallocOperations) => () => Machine;

function entrant(name: string, shape: KmallocShape, count: number, runOf: RunOf): Entrant {
  return {
    name,
    prepare() {
      const operations = kmallocOperations(shape, count);
      const run = runOf(operations);
      const check = (): string => {
        assert(run().counters[COUNTER.failures] === 0, 'an object was not to be had');
        const { objects, sizes } = operations;
        return `stream ${fnv(interleaved(objects, sizes))}`;
      };
      return { events: count, run, check };
    },
  };
}

function interleaved(objects: Uint32Array, sizes: Uint32Array): Uint32Array {
  return Uint32Array.from({ length: 2 * objects.length }, (_, i) => (i % 2 === 0 ? objects : sizes)[i >> 1]!);
}

function wholeFold({ firstSizes, objects, sizes }: KmallocOperations): () => Machine {
  const start = foldAll(bootedMachine('linux-3g1g'), inBatches(Array.from(firstSizes, allocation)));
  const header = { cpu: 0, thinkNs: 0 } as const;
  const events = Array.from(sizes, (size, i): MemoryEvent[] => [
    { kind: 'kfree', ...header, object: objects[i]! + 1 },
    allocation(size, objects[i]!),
  ]);
  const batches = inBatches(events.flat());
  return () => foldAll(start, batches);
}

function allocation(size: number, object: number): MemoryEvent {
  return { kind: 'kmalloc', cpu: 0, thinkNs: 0, object: object + 1, size, gfp: GFP_ATOMIC };
}

function slabsAlone(operations: KmallocOperations): () => Machine {
  const { firstSizes } = operations;
  const draft = new Draft(bootedMachine('linux-3g1g'));
  const first = Array.from(firstSizes, (size) => allocated(draft, size, { slab: 0, index: 0 }));
  const start = draft.seal(false).machine;
  return () => churn(start, first, operations);
}

function churn(start: Machine, first: readonly SlabObject[], { objects, sizes }: KmallocOperations): Machine {
  const live = first.map((object) => ({ ...object }));
  let machine = start;
  for (let from = 0; from < objects.length; from += BATCH_EVENTS / 2) {
    const draft = Draft.of(machine);
    const to = Math.min(objects.length, from + BATCH_EVENTS / 2);
    for (let i = from; i < to; i++) {
      const object = live[objects[i]!]!;
      slabFree(draft, object.slab, object.index);
      allocated(draft, sizes[i]!, object);
    }
    machine = draft.seal(false).machine;
  }
  return machine;
}

function allocated(draft: Draft, size: number, into: SlabObject): SlabObject {
  const failure = slabAlloc(
    draft,
    kmallocRow(draft.platform.kmallocRows, size, GFP_ATOMIC),
    GFP_ATOMIC,
    into,
  );
  assert(failure === 0, 'no slab was to be had');
  return into;
}
