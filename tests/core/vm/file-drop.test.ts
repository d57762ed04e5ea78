/**
 * posix_fadvise(POSIX_FADV_DONTNEED): clean pages that nobody maps go, dirty ones are written and stay
 * (generic_fadvise of mm/fadvise.c, invalidate_mapping_pagevec of mm/truncate.c, v6.1).
 */
import { describe, expect, test } from 'vitest';
import { checkMachine } from '../../../core/check/invariants.ts';
import { READ, WRITE } from '../../../core/event/access-mode.ts';
import { DMA_FROM_DEVICE, transferOf } from '../../../core/event/dma-flags.ts';
import { MADV_DONTNEED, MAP_SHARED } from '../../../core/event/mmap-flags.ts';
import type { MachineOptions } from '../../../core/machine/options.ts';
import { NODE } from '../../../core/slab/tree-nodes.ts';
import {
  access,
  device,
  dmaUnmap,
  madvise,
  mlock,
  mmap,
  munmap,
  PAGE,
  RUNNING,
  RW,
  type Session,
  type Step,
  sessionOf,
} from '../../support/rows.ts';
import { within } from '../reclaim/looks.ts';

const NR_PAGES = 4;
const DROP: Step = { kind: 'file_drop', file: 1 };
const READ_ALL: Step = { kind: 'file_read', file: 1, offset: 0, length: NR_PAGES * PAGE };

const MACHINES: readonly { what: string; options: MachineOptions }[] = [
  { what: 'a machine that reclaims', options: { reclaim: {} } },
  { what: 'one that does not', options: {} },
];

/** Pages of the file in memory, and pages written to disk. */
const cachedAndWritten = (session: Session): [number, number] => [
  session.counter('pageCachePages'),
  session.counter('fileWritebacks'),
];

describe.each(MACHINES)('on $what', ({ options }) => {
  /** All of the file is cached and mapped; page 1 has been written to. */
  const written = (flags = RW | MAP_SHARED): Session =>
    sessionOf('linux-x86_64', 64, { cpus: 2 }, options).given(
      ...RUNNING,
      { kind: 'file', file: 1, length: NR_PAGES * PAGE },
      READ_ALL,
      mmap(1, NR_PAGES * PAGE, flags, 1),
      ...[0, 1, 2].map((page) => access(1, page * PAGE, 8, page === 1 ? WRITE : READ)),
    );

  test.each<{ what: string; steps: Step[]; first: [number, number]; second: [number, number] }>([
    { what: 'of what is mapped, nothing', steps: [], first: [3, 0], second: [3, 0] },
    {
      what: 'the clean pages; the dirty one is written, and goes the next time',
      steps: [munmap(1, 0, 0)],
      first: [1, 1],
      second: [0, 1],
    },
    {
      what: 'the same when the process has gone',
      steps: [{ kind: 'exit' }],
      first: [1, 1],
      second: [0, 1],
    },
    {
      what: 'the same when it says that it does not need the mapping',
      steps: [madvise(1, 0, NR_PAGES * PAGE, MADV_DONTNEED)],
      first: [1, 1],
      second: [0, 1],
    },
    {
      what: 'but not what another process maps still',
      steps: [
        { kind: 'fork', pid: 2 },
        { kind: 'switch', pid: 2, cpu: 1 },
        { ...access(1, PAGE, 8), cpu: 1 },
        munmap(1, 0, 0),
      ],
      first: [1, 0],
      second: [1, 0],
    },
  ])('drops $what', ({ steps, first, second }) => {
    const session = written().given(...steps, DROP);
    expect(cachedAndWritten(session)).toEqual(first);
    session.given(DROP);
    expect(cachedAndWritten(session)).toEqual(second);
    expect(checkMachine(session.machine)).toEqual([]);
  });

  test('what was written to again is dirty again', () => {
    const session = written().given(munmap(1, 0, 0), DROP);
    session.given(mmap(2, NR_PAGES * PAGE, RW | MAP_SHARED, 1), access(2, PAGE, 8, WRITE), munmap(2, 0, 0));
    session.given(DROP);
    expect(cachedAndWritten(session)).toEqual([1, 2]);
  });

  test('a private copy makes no page of the file dirty', () => {
    const session = written(RW).given(munmap(1, 0, 0), DROP);
    expect(cachedAndWritten(session)).toEqual([0, 0]);
  });

  test('the caller does not wait for the disk', () => {
    const clean = written(RW)
      .given(munmap(1, 0, 0))
      .do(DROP).latencyNs;
    expect(
      written()
        .given(munmap(1, 0, 0))
        .do(DROP).latencyNs,
    ).toBe(clean);
  });

  test('shared memory that ends is written nowhere, and its frames are clean for the next file', () => {
    const session = written().given(
      munmap(1, 0, 0),
      DROP,
      DROP,
      mmap(3, 64 * PAGE, RW | MAP_SHARED),
      ...Array.from({ length: 64 }, (_, page) => access(3, page * PAGE, 8, WRITE)),
      munmap(3, 0, 0),
      { kind: 'file', file: 2, length: 64 * PAGE },
      { kind: 'file_read', file: 2, offset: 0, length: 64 * PAGE },
      { kind: 'file_drop', file: 2 },
    );
    expect(cachedAndWritten(session)).toEqual([0, 1]);
    expect(checkMachine(session.machine)).toEqual([]);
  });

  test('what a device writes to stays while it does', () => {
    const session = written().given(
      mlock(1, 0, PAGE),
      device(1, 64),
      { kind: 'dma_map_sg', object: 1, transfer: transferOf(1, DMA_FROM_DEVICE), offset: PAGE, length: PAGE },
      madvise(1, PAGE, PAGE, MADV_DONTNEED),
      DROP,
    );
    expect(session.counter('fileWritebacks')).toBe(0);
    session.given(dmaUnmap(1, 1, PAGE), DROP);
    expect(session.counter('fileWritebacks')).toBe(1);
  });
});

describe('of the tree in which a machine that reclaims finds pages', () => {
  const LONG = 70;
  /** Two files beside each other, all of both cached; the first page of the first is mapped, and so stays. */
  const twoFiles = (): Session =>
    sessionOf('linux-x86_64', 64, {}, { reclaim: {} }).given(
      ...RUNNING,
      ...[1, 2].flatMap((file): Step[] => [
        { kind: 'file', file, length: LONG * PAGE },
        { kind: 'file_read', file, offset: 0, length: LONG * PAGE },
      ]),
      mmap(1, PAGE, RW | MAP_SHARED, 1),
      access(1, 0, 8),
    );
  /** Slots of the first file whose rows hold a node. */
  const nodes = ({ machine }: Session): number[] =>
    Array.from({ length: LONG }, (_, row) => row).filter(
      (row) => machine.fileNodes.get(machine.records.files[1]!.firstSlot + row, NODE.slab) !== 0,
    );

  test('leaves without a page go, whatever lies behind the file, and with the last page the rest', () => {
    const session = twoFiles();
    const [first, last, ...above] = nodes(session);
    expect([first, last]).toEqual([0, 1]);
    expect(nodes(session.given(DROP))).toEqual([first, ...above]);
    expect(nodes(session.given(munmap(1, 0, 0), DROP))).toEqual([]);
    expect(checkMachine(session.machine)).toEqual([]);
  });

  test('leaves stay for the shadow of a page that was reclaimed', () => {
    const session = twoFiles();
    within(session, (draft) => draft.shadows.set(draft.records.file(1)!.firstSlot + LONG - 1, 0, 1));
    const before = nodes(session);
    expect(nodes(session.given(munmap(1, 0, 0), DROP))).toEqual(before.slice(1));
  });
});
