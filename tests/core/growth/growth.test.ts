/**
 * What one event costs does not depend on how much else there is: every kind is folded on machines with N, 2N and 4N live
 * things, and the work is counted (support/work.ts), not timed.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WRITE } from '../../../core/event/access-mode.ts';
import { batchOf } from '../../../core/event/batch.ts';
import { CLONE_VM } from '../../../core/event/clone-flags.ts';
import type { KindName } from '../../../core/event/kinds.ts';
import { MADV_DONTNEED } from '../../../core/event/mmap-flags.ts';
import { fold } from '../../../core/fold/fold.ts';
import type { Machine } from '../../../core/machine/machine.ts';
import { OBJECT } from '../../../core/state/objects.ts';
import {
  access,
  cache,
  coherent,
  device,
  dmaMap,
  dmaSync,
  dmaUnmap,
  eventOf,
  folded,
  fromCache,
  HIGH,
  ioremap,
  kmalloc,
  machineOf,
  madvise,
  mlock,
  mmap,
  mprotect,
  mremap,
  mremapFixed,
  munmap,
  PAGE,
  pages,
  RUNNING,
  RW,
  type Step,
  vmalloc,
} from '../../support/rows.ts';
import { type Work, WorkCounter } from '../../support/work.ts';
import { BUFFER, DEVICE, HEAP, OF, PAGE_OBJECT, PARENT, PARTED, SHARED, worldOf } from './world.ts';

const HUGE = 512 * PAGE;
const N = 80;
/** Events whose work is counted together. */
const EVENTS = 4;
/** Rounds of so many: one that is not counted, and two that are. */
const ALL_ROUNDS = [0, 1, 2];
const ROUNDS = ALL_ROUNDS.length;
const LAST = EVENTS * ROUNDS - 1;
/** Units an event for each further thing: one in a level of a tree is less, one for each thing more. */
const MOST_PER_THING = 0.4;

/** The first number that nothing has. */
const FRESH = 5_000_000;
/** Every other thing of a kind is there. */
const odd = (i: number): number => 2 * i + 1;

interface Row {
  /** What has to be there before. */
  readonly given?: (i: number, fresh: number) => readonly Step[];
  /** The `i`th, which may use a number that is its own. */
  readonly event: (i: number, fresh: number) => Step;
}

const ROWS: { readonly [K in KindName]: Row } = {
  page_alloc: { event: (i, fresh) => pages(fresh, i % 4) },
  page_free: { event: (i) => ({ kind: 'page_free', object: OF.page + odd(i) }) },
  kmalloc: { event: (_i, fresh) => kmalloc(fresh, 64) },
  kfree: { event: (i) => ({ kind: 'kfree', object: OF.kmalloc + odd(i) }) },
  kmem_cache_create: { event: (i) => cache(90 - i, 80) },
  kmem_cache_alloc: { event: (i, fresh) => fromCache(fresh, OF.cache + i) },
  kmem_cache_free: { event: (i) => ({ kind: 'kmem_cache_free', object: OF.fromCache + i }) },
  kmem_cache_destroy: {
    given: (i) => [{ kind: 'kmem_cache_free', object: OF.fromCache + 20 + i }],
    event: (i) => ({ kind: 'kmem_cache_destroy', cache: OF.cache + 20 + i }),
  },
  vmalloc: { event: (i, fresh) => vmalloc(fresh, (1 + (i % 3)) * PAGE) },
  vfree: { event: (i) => ({ kind: 'vfree', object: OF.vmalloc + odd(i) }) },
  ioremap: { event: (_i, fresh) => ioremap(fresh, PAGE, 0xf_d000) },
  iounmap: { event: (i) => ({ kind: 'iounmap', object: OF.ioremap + odd(i) }) },
  vmap: { event: (_i, fresh) => ({ kind: 'vmap', object: fresh, pages: PAGE_OBJECT, count: 1 }) },
  vunmap: { event: (i) => ({ kind: 'vunmap', object: OF.vmap + i }) },
  vm_area: { event: (_i, fresh) => ({ kind: 'vm_area', object: fresh, size: PAGE, align: 0 }) },
  free_vm_area: { event: (i) => ({ kind: 'free_vm_area', object: OF.vmArea + odd(i) }) },
  kmap: {
    given: (_i, fresh) => [pages(fresh, 0, HIGH)],
    event: (_i, fresh) => ({ kind: 'kmap', object: fresh, page: 0 }),
  },
  kunmap: { event: (i) => ({ kind: 'kunmap', object: OF.high + i, page: 0 }) },
  kmap_local: { event: (i) => ({ kind: 'kmap_local', object: OF.high + i, page: 0, cpu: 1 + (i % 3) }) },
  kunmap_local: {
    given: (i) => [{ kind: 'kmap_local', object: OF.high + LAST - i, page: 0 }],
    event: (i) => ({ kind: 'kunmap_local', object: OF.high + i, page: 0 }),
  },
  device: { event: (i) => device(10 + i, 32) },
  dma_alloc_coherent: { event: (_i, fresh) => coherent(fresh, DEVICE, PAGE) },
  dma_free_coherent: {
    given: (_i, fresh) => [coherent(fresh, DEVICE, PAGE)],
    event: (_i, fresh) => ({ kind: 'dma_free_coherent', object: fresh }),
  },
  dma_map_single: { event: (i) => dmaMap('single', BUFFER, DEVICE, (1000 + i) * PAGE + 64, 64) },
  dma_map_page: { event: (i) => dmaMap('page', BUFFER, DEVICE, (1000 + i) * PAGE + 128, 64) },
  dma_map_sg: { event: (i) => dmaMap('sg', BUFFER, DEVICE, (1000 + i) * PAGE + 256, 64) },
  dma_unmap: { event: (i) => dmaUnmap(BUFFER, DEVICE, odd(i) * PAGE) },
  dma_sync: { event: (i) => dmaSync(BUFFER, DEVICE, 0, (50 + i) * PAGE) },
  device_remove: { event: (i) => ({ kind: 'device_remove', device: OF.device + i }) },
  mmap: { event: (i, fresh) => mmap(fresh, (1 + (i % 4)) * PAGE) },
  munmap: { event: (i) => munmap(OF.mapping + odd(i), 0, 0) },
  brk: { event: (i) => ({ kind: 'brk', object: HEAP, length: (i + 2) * PAGE }) },
  mprotect: {
    event: (i) => mprotect(PARTED, (4 * i + 2) * PAGE, PAGE, RW),
  },
  mremap: { event: (i) => mremap(OF.moved + odd(i), (i % 2 === 0 ? 1 : 9) * PAGE) },
  mremap_fixed: {
    given: (_i, fresh) => [mmap(fresh, PAGE)],
    event: (i, fresh) => mremapFixed(fresh, PARTED, (2 * i + 1) * PAGE),
  },
  madvise: { event: (i) => madvise(OF.mapping + 40 + i, 0, PAGE, MADV_DONTNEED) },
  mlock: { event: (i) => mlock(OF.mapping + 60 + i, 0, PAGE) },
  munlock: { event: (i) => ({ kind: 'munlock', object: OF.mapping + 60 + i, offset: 0, length: PAGE }) },
  vma_split: {
    given: (i) => [munmap(OF.fileMapping + i, 0, 0), mmap(OF.fileMapping + i, 2 * PAGE)],
    event: (i, fresh) => ({ kind: 'vma_split', object: OF.fileMapping + i, tail: fresh, offset: PAGE }),
  },
  spawn: { event: (_i, fresh) => ({ kind: 'spawn', pid: fresh }) },
  fork: {
    given: () => [{ kind: 'switch', pid: PARENT }],
    event: (_i, fresh) => ({ kind: 'fork', pid: fresh }),
  },
  clone: { event: (_i, fresh) => ({ kind: 'clone', pid: fresh, cloneFlags: CLONE_VM }) },
  exec: { event: (i) => (i % 2 === 0 ? { kind: 'switch', pid: OF.child + i } : { kind: 'exec' }) },
  exit: { event: (i) => (i % 2 === 0 ? { kind: 'switch', pid: OF.child + 20 + i } : { kind: 'exit' }) },
  switch: { event: (i) => ({ kind: 'switch', pid: OF.process + i }) },
  oom_score_adj: { event: (i) => ({ kind: 'oom_score_adj', pid: OF.process + i, adj: 1000 }) },
  file: { event: (_i, fresh) => ({ kind: 'file', file: fresh, length: 2 * PAGE }) },
  file_read: { event: (i) => ({ kind: 'file_read', file: OF.file + i, offset: 0, length: 2 * PAGE }) },
  file_drop: { event: (i) => ({ kind: 'file_drop', file: OF.file + i }) },
  refused: {
    event: (i, fresh) =>
      i % 2 === 0 ? kmalloc(fresh, 64) : { kind: 'refused', object: fresh - 1, request: 13, length: 0 },
  },
  refused_fork: {
    event: (i, fresh) =>
      i % 2 === 0 ? { kind: 'spawn', pid: fresh } : { kind: 'refused_fork', pid: fresh - 1, request: 1 },
  },
  access: {
    given: () => [{ kind: 'switch', pid: PARENT }],
    event: (i) => access(SHARED, i * 8, 8, WRITE),
  },
};

const RECORDS = 'a fold that changes a process or a file copies the list of all of them';

/** Kinds that do more the more there is, and why: whoever mends one takes it out. */
const GROWS: { readonly [K in KindName]?: string } = {
  kmem_cache_create: 'looks through all caches for one to share, as find_mergeable() does',
  mmap: RECORDS,
  munmap: RECORDS,
  brk: RECORDS,
  mprotect: RECORDS,
  mremap: RECORDS,
  mremap_fixed: RECORDS,
  vma_split: RECORDS,
  mlock: RECORDS,
  munlock: RECORDS,
  spawn: RECORDS,
  fork: RECORDS,
  clone: RECORDS,
  exec: RECORDS,
  exit: RECORDS,
  oom_score_adj: RECORDS,
  file: RECORDS,
  refused_fork: RECORDS,
};

let counter: WorkCounter;
/** With N, 2N and 4N of everything; each row goes on where the one before ended, in place. */
let worlds: Machine[];

beforeAll(() => {
  counter = new WorkCounter(['core', 'immer']);
  worlds = [N, 2 * N, 4 * N].map(worldOf);
});
afterAll(() => counter.end());

describe('what an event costs does not grow with what else there is', () => {
  test.each(Object.entries(ROWS))('%s', (kind, { given = () => [], event }) => {
    const first = FRESH + Object.keys(ROWS).indexOf(kind) * EVENTS * ROUNDS;
    const fold = (at: number, steps: readonly Step[]): void => {
      worlds[at] = folded(worlds[at]!, steps);
    };
    const workOf = (at: number, round: number): Work => {
      const events = stepsOf(round, first, (i, fresh) => [event(i, fresh)]);
      return counter.of(() => fold(at, events));
    };
    worlds.forEach((_, at) => {
      fold(at, [{ kind: 'switch', pid: 1 }, ...ALL_ROUNDS.flatMap((round) => stepsOf(round, first, given))]);
      fold(
        at,
        stepsOf(0, first, (i, fresh) => [event(i, fresh)]),
      );
    });
    const seen = growing(workOf(0, 1), workOf(2, 1), 3 * N);
    // What happens now and then, as when an array doubles, is not seen twice.
    const again = seen.size > 0 ? growing(workOf(1, 1), workOf(2, 2), 2 * N) : seen;
    const told = [...again].filter(([name]) => seen.has(name)).map(([name, how]) => `${name}: ${how}`);
    if (kind in GROWS) expect(told, `${kind} does not grow any more: take it out of GROWS`).not.toEqual([]);
    else expect(told).toEqual([]);
  });
});

/** What makes batches long: accesses in runs, and what ends them. */
const MIXES: Readonly<Record<string, (i: number) => Step>> = {
  'accesses in one run': (i) => access(SHARED, (i % 512) * 8, 8, WRITE),
  'accesses that fail': (i) => access(FRESH, i * 8, 8),
  'accesses that fail now and then': (i) => (i % 3 === 0 ? access(FRESH, i * 8, 8) : access(SHARED, 0, 8)),
  'accesses of two cpus by turns': (i) => ({ ...access(SHARED, 0, 8), cpu: i % 2 }),
  'accesses between other events': (i) =>
    i % 2 === 0 ? access(SHARED, 0, 8) : { kind: 'switch', pid: PARENT },
};
const BATCH = 1000;
/**
 * Units an event, in a batch four times as long: a loop over what is left of the batch is some hundreds. A few come and go,
 * for of blocks within blocks only those are told that ran less often.
 */
const MOST_MORE = 50;

describe('what an event costs does not grow with the batch that it is in', () => {
  test.each(Object.entries(MIXES))('%s', (_, step) => {
    const running = folded(worlds[0]!, [{ kind: 'switch', pid: PARENT }]);
    const workOf = (count: number): Work => {
      const batch = batchOf(Array.from({ length: count }, (_, i) => eventOf(step(i))));
      fold(running, batch);
      return counter.of(() => fold(running, batch));
    };
    const [short, long] = [workOf(BATCH), workOf(4 * BATCH)];
    const more = [...long].map(
      ([name, units]) => [name, units / (4 * BATCH) - (short.get(name) ?? 0) / BATCH] as const,
    );
    expect(more.filter(([, units]) => units > MOST_MORE)).toEqual([]);
  });
});

/** Units for each base page that gets another name: a look at each for each of them would be some thousands. */
const MOST_PER_PAGE = 250;

describe('what a split of a mapping costs does not grow with the size of its pages', () => {
  const FEW = 4;
  const object = FRESH;
  /** Of huge pages that are mapped as such, or page by page since one of each is gone; the last one is cut in two. */
  const HOW: Readonly<Record<string, (at: (n: number) => number) => readonly Step[]>> = {
    'huge pages that are whole': () => [],
    'huge pages in parts': (at) => Array.from({ length: FEW }, (_, n) => munmap(object, at(n), PAGE)),
    'huge pages that a fork shares': () => [{ kind: 'fork', pid: PARENT }],
  };
  test.each(Object.entries(HOW))('%s', (_, given) => {
    const thp = { mode: 'always', usesZeroPage: true } as const;
    const booted = machineOf('linux-x86_64', 64, {}, { thp, reclaim: {} });
    const mapped = folded(booted, [...RUNNING, mmap(object, (FEW + 1) * HUGE)]);
    const at = (n: number): number => firstHuge(mapped, object) + n * HUGE;
    const touched = [...Array.from({ length: FEW }, (_, n) => access(object, at(n), 8, WRITE)), ...given(at)];
    const machine = folded(mapped, touched);
    const half = at(FEW - 1) + HUGE / 2;
    const step: Step = { kind: 'vma_split', object, tail: object + 1, offset: at(0) + PAGE };
    const cut: Step = { kind: 'vma_split', object: object + 1, tail: object + 2, offset: half };
    folded(machine, [step, cut]);
    const work = counter.of(() => folded(machine, [step, cut]));
    const units = [...work.values()].reduce((sum, of) => sum + of, 0);
    expect(units / (FEW * 512)).toBeLessThan(MOST_PER_PAGE);
  });
});

/** Those of a round; the numbers from `first` on are theirs. */
function stepsOf(
  round: number,
  first: number,
  of: (i: number, fresh: number) => readonly Step[],
): readonly Step[] {
  const from = round * EVENTS;
  return Array.from({ length: EVENTS }, (_, i) => of(from + i, first + from + i)).flat();
}

/** Functions of which an event does more with so many things more, and how much. */
function growing(few: Work, many: Work, things: number): Map<string, string> {
  const told = new Map<string, string>();
  for (const [name, units] of many) {
    const [before, after] = [(few.get(name) ?? 0) / EVENTS, units / EVENTS];
    const perThing = (after - before) / things;
    if (perThing > MOST_PER_THING)
      told.set(
        name,
        `${perThing.toFixed(2)} units for each thing more (${before.toFixed(0)}, ${after.toFixed(0)})`,
      );
  }
  return told;
}

/** Offset in an object of the first huge page that lies in it. */
function firstHuge({ objects }: Machine, object: number): number {
  const base = objects.get(object, OBJECT.vpn);
  return (Math.ceil(base / 512) * 512 - base) * PAGE;
}
