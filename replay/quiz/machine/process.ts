/** A process with a page here and there of a large mapping, and accesses to it that go well or do not. */
import { KERNEL_MODE, READ, WRITE } from '../../../core/event/access-mode.ts';
import { PROT_READ, PROT_WRITE } from '../../../core/event/mmap-flags.ts';
import type { Layout } from '../../../core/layout/layout.ts';
import type { Prng } from '../../../workloads/engine/prng.ts';
import type { Fact } from '../../../workloads/examples/example.ts';
import { kmalloc, mmap, runs, spawn } from '../../../workloads/examples/facts.ts';
import type { Ground } from './machines.ts';
import { Play } from './play.ts';

export const PID = 1;
const OTHER_PID = 2;
/** What the process may write, what it may only read, what another process has mapped, memory of the kernel. */
export const HEAP = 1;
const TEXT = 2;
const FOREIGN = 3;
const KERNEL = 4;
const RW = PROT_READ | PROT_WRITE;
/** Pages by which that of the other process reaches below all that the first one maps. */
const BELOW = 8;
/** Objects are smaller than 4 GiB. */
const MOST_BYTES = 2 ** 30;

export interface Access {
  readonly object: number;
  readonly offset: number;
  readonly mode: number;
}

export interface Prepared {
  readonly play: Play;
  /** Pages of the heap that are there, by number. */
  readonly touched: readonly number[];
}

export function prepareProcess(ground: Ground, random: Prng): Prepared {
  const play = new Play(ground);
  const bytes = 2 ** ground.layout.pageShift;
  const touched = touchedPages(ground.layout, random);
  const foreign = heapPages(ground.layout) + BELOW;
  play.given(
    spawn(PID),
    spawn(OTHER_PID),
    runs(OTHER_PID),
    mmap(FOREIGN, foreign * bytes, RW),
    write(FOREIGN),
  );
  play.given(runs(PID), mmap(HEAP, heapPages(ground.layout) * bytes, RW), mmap(TEXT, bytes, PROT_READ));
  play.given(...touched.map((page) => write(HEAP, page * bytes)));
  play.given(accessTo({ object: TEXT, offset: 0, mode: READ }), kmalloc(KERNEL, bytes));
  return { play, touched };
}

/** One byte, so that no access has two pages. */
export function accessTo(access: Access): Fact {
  return { kind: 'access', size: 1, ...access };
}

const write = (object: number, offset = 0): Fact => accessTo({ object, offset, mode: WRITE });

function heapPages({ taskSize, pageShift }: Layout): number {
  return Math.min(Number(taskSize / 2n), MOST_BYTES) / 2 ** pageShift;
}

/** Each with the next one, so that tables have more than an entry. */
function touchedPages(layout: Layout, random: Prng): number[] {
  const last = heapPages(layout) - 2;
  const pairs = Array.from({ length: 4 }, () => random.below(last)).flatMap((page) => [page, page + 1]);
  return [...new Set(pairs)];
}

/** Mostly to what is there; what the entries of a layout cannot say is not asked. */
export function someAccess({ touched }: Prepared, layout: Layout, random: Prng): Access {
  const bytes = 2 ** layout.pageShift;
  const inPage = random.below(bytes);
  const mode = random.pick([READ, WRITE]);
  const { levels, linearPageBytes } = layout.arch.translation;
  const says = layout.arch.entries.visible(levels.length - 1);
  const there = { object: HEAP, offset: random.pick(touched) * bytes + inPage, mode };
  const anywhere = { object: HEAP, offset: random.below(heapPages(layout)) * bytes + inPage, mode };
  return random.pick<Access>([
    ...[there, there, there, there, anywhere, anywhere],
    { object: FOREIGN, offset: random.below(BELOW / 2) * bytes + inPage, mode },
    ...(says.includes('writable') ? [{ object: TEXT, offset: inPage, mode: WRITE }] : []),
    ...(says.includes('user') ? [{ object: KERNEL, offset: inPage, mode }] : []),
    ...(linearPageBytes === undefined ? [{ object: KERNEL, offset: inPage, mode: mode | KERNEL_MODE }] : []),
  ]);
}
