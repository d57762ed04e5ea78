/** Allocations of the kernel as events, through the whole fold. */
import { GFP_ATOMIC, GFP_KERNEL, type MemoryEvent } from '../../core/index.ts';
import { Prng } from '../../workloads/engine/prng.ts';
import { bootedMachine, foldAll, inBatches } from '../inputs/events.ts';
import type { Row, Suite } from './suite.ts';

const EVENTS = 2 ** 16;
const HEADER = { cpu: 0, thinkNs: 0 } as const;

type Make = (object: number, random: Prng) => MemoryEvent;

/** So many objects are alive; one of them, uniformly chosen, is freed and allocated again at a time. */
function churn(name: string, live: number, alloc: Make, free: Make): Row {
  return {
    name,
    prepare({ seed }) {
      const random = Prng.fromSeed(seed);
      const filling = Array.from({ length: live }, (_, i) => alloc(i + 1, random));
      const start = foldAll(bootedMachine('linux-3g1g'), inBatches(filling));
      const events = Array.from({ length: EVENTS / 2 }, () => {
        const object = random.range(1, live);
        return [free(object, random), alloc(object, random)];
      }).flat();
      const batches = inBatches(events);
      return { events: EVENTS, run: () => foldAll(start, batches) };
    },
  };
}

const kmalloc =
  (minBytes: number, maxBytes: number): Make =>
  (object, random) => ({
    kind: 'kmalloc',
    ...HEADER,
    object,
    size: random.logUniform(minBytes, maxBytes),
    gfp: GFP_ATOMIC,
  });
const kfree: Make = (object) => ({ kind: 'kfree', ...HEADER, object });

const pageAlloc =
  (maxOrder: number): Make =>
  (object, random) => ({
    kind: 'page_alloc',
    ...HEADER,
    object,
    order: random.range(0, maxOrder),
    gfp: GFP_KERNEL,
  });
const pageFree: Make = (object) => ({ kind: 'page_free', ...HEADER, object });

const PAGE_BYTES = 4096;
const vmalloc =
  (maxPages: number): Make =>
  (object, random) => ({ kind: 'vmalloc', ...HEADER, object, size: PAGE_BYTES * random.range(1, maxPages) });
const vfree: Make = (object) => ({ kind: 'vfree', ...HEADER, object });

export const kernel: Suite = {
  name: 'kernel',
  unit: 'events',
  doc: 'allocations and frees through the fold, linux-3g1g',
  rows: [
    churn('kmalloc, kfree: 16 objects of 64 bytes', 16, kmalloc(64, 64), kfree),
    churn('kmalloc, kfree: 4,096 objects of 8 B to 8 KiB', 4096, kmalloc(8, 8192), kfree),
    churn('page_alloc, page_free: one page', 1, pageAlloc(0), pageFree),
    churn('page_alloc, page_free: 1,024 blocks of order 0 to 4', 1024, pageAlloc(4), pageFree),
    churn('vmalloc, vfree: one page', 1, vmalloc(1), vfree),
    churn('vmalloc, vfree: 256 areas of 1 to 32 pages', 256, vmalloc(32), vfree),
  ],
};
