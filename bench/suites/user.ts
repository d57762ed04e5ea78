/** What processes do to their address spaces, as events through the whole fold. */
import { type MemoryEvent, PROT_READ, PROT_WRITE, WRITE } from '../../core/index.ts';
import { bootedMachine, foldAll, inBatches } from '../inputs/events.ts';
import type { Row, Suite } from './suite.ts';

const HEADER = { cpu: 0, thinkNs: 0 } as const;
const PAGE_BYTES = 4096;
const RW = PROT_READ | PROT_WRITE;
const ROUNDS = 2 ** 14;

const mmap = (object: number, pages: number): MemoryEvent => ({
  kind: 'mmap',
  ...HEADER,
  object,
  length: pages * PAGE_BYTES,
  flags: RW,
  file: 0,
});
const munmap = (object: number): MemoryEvent => ({ kind: 'munmap', ...HEADER, object, offset: 0, length: 0 });
const store = (object: number, page: number): MemoryEvent => ({
  kind: 'access',
  ...HEADER,
  object,
  offset: page * PAGE_BYTES,
  size: 8,
  mode: WRITE,
});
const run = (pid: number): MemoryEvent => ({ kind: 'switch', ...HEADER, pid });

/** One process runs; `setUp` has happened, the events of `round` happen again and again. */
function row(name: string, setUp: readonly MemoryEvent[], round: (n: number) => readonly MemoryEvent[]): Row {
  return {
    name,
    prepare() {
      const begun: MemoryEvent[] = [{ kind: 'spawn', ...HEADER, pid: 1 }, run(1), ...setUp];
      const start = foldAll(bootedMachine('linux-3g1g'), inBatches(begun));
      const events = Array.from({ length: ROUNDS }, (_, n) => round(n)).flat();
      const batches = inBatches(events);
      return { events: events.length, run: () => foldAll(start, batches) };
    },
  };
}

/** Object 1 has ten pages, all present. */
const TEN_PAGES = [mmap(1, 10), ...Array.from({ length: 10 }, (_, page) => store(1, page))];

export const user: Suite = {
  name: 'user',
  unit: 'events',
  doc: 'what processes do to their address spaces, through the fold, linux-3g1g',
  rows: [
    row('mmap, munmap: one mapping', [], () => [mmap(2, 4), munmap(2)]),
    row('mmap, three faults, munmap', [], () => [
      mmap(2, 3),
      store(2, 0),
      store(2, 1),
      store(2, 2),
      munmap(2),
    ]),
    row('mprotect two of ten pages', TEN_PAGES, (n) => [
      {
        kind: 'mprotect',
        ...HEADER,
        object: 1,
        offset: (n % 8) * PAGE_BYTES,
        length: 2 * PAGE_BYTES,
        prot: (n >> 3) % 2 === 0 ? PROT_READ : RW,
      },
    ]),
    row('fork, switch, a copied page, exit, switch: ten pages', TEN_PAGES, () => [
      { kind: 'fork', ...HEADER, pid: 2 },
      run(2),
      store(1, 0),
      { kind: 'exit', ...HEADER },
      run(1),
    ]),
  ],
};
