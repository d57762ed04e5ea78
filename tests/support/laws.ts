/** The laws of the machine, as checks on a stream of events. */

import { expect } from 'vitest';
import { machineFromBytes } from '../../core/boot/boot.ts';
import { checkMachine } from '../../core/check/invariants.ts';
import { type Batch, rebatch } from '../../core/event/batch.ts';
import { fold } from '../../core/fold/fold.ts';
import { purgeAreas } from '../../core/kmap/areas.ts';
import { pageNumber } from '../../core/layout/regions.ts';
import { machineBytes } from '../../core/machine/codec.ts';
import { stateDigest } from '../../core/machine/digest.ts';
import { Draft } from '../../core/machine/draft.ts';
import type { Machine } from '../../core/machine/machine.ts';
import { OutcomeDigest } from '../../core/outcome/outcome-digest.ts';
import { PTE_LARGE, pteFrame } from '../../core/paging/pte.ts';
import { freeTable, TABLE, writePte } from '../../core/paging/tables.ts';
import { FRAME } from '../../core/phys/frames.ts';
import { freePagesOf, headOf, nrFree } from '../../core/phys/free-lists.ts';
import { MIGRATE_PCPTYPES } from '../../core/phys/migrate.ts';
import { drainAllPcps } from '../../core/phys/pcp.ts';
import { MAX_ORDER } from '../../core/phys/zones.ts';
import { shrinkCache } from '../../core/slab/shrink.ts';
import { SLAB_VAR } from '../../core/slab/state.ts';
import { dropFileTree } from '../../core/slab/tree-nodes.ts';

export interface Replayed {
  readonly machine: Machine;
  /** Digest of all outcomes. */
  readonly outcomes: string;
  /** Digest of the machine at the end. */
  readonly state: string;
}

/** Folds all events in batches of `batchSize`; `afterBatch` sees every machine. */
export function replay(
  start: Machine,
  events: Iterable<Batch>,
  batchSize: number,
  afterBatch?: (machine: Machine) => void,
): Replayed {
  let digest = new OutcomeDigest();
  let machine = start;
  for (const batch of rebatch(events, batchSize)) {
    const folded = fold(machine, batch);
    digest = digest.with(folded.outcomes);
    machine = folded.machine;
    afterBatch?.(machine);
  }
  return { machine, outcomes: digest.toString(), state: stateDigest(machine) };
}

/**
 * Laws 1, 2, 4 and 6 of one stream, in as few replays as show them: two in batches of `batchSize`, whose machines must be
 * whole and stay as they were, one event by event, and one of all events at once. The machine at the end.
 */
export function expectLaws(boot: () => Machine, events: readonly Batch[], batchSize: number): Machine {
  const machines = [boot()];
  const before = machines.map(stateDigest);
  const { machine, ...first } = replay(machines[0]!, events, batchSize, (machine) => {
    expect(checkMachine(machine), `after batch ${machines.length - 1}`).toEqual([]);
    machines.push(machine);
    before.push(stateDigest(machine));
  });
  expect(replay(boot(), events, batchSize), 'the same again').toMatchObject(first);
  for (const size of [1, ALL_AT_ONCE])
    expect(replay(machines[0]!, events, size), `in batches of ${size}`).toMatchObject(first);
  expect(machines.map(stateDigest), 'machines after all folds').toEqual(before);
  return machine;
}

const ALL_AT_ONCE = 2 ** 16;

/** Law 1: the same events on the same machine give the same bits. */
export function expectDeterminism(boot: () => Machine, events: readonly Batch[]): void {
  const { machine: _, ...first } = replay(boot(), events, 64);
  expect(replay(boot(), events, 64)).toMatchObject(first);
}

/** Law 2: no fold changes the machine that it was given, nor any before it. */
export function expectPurity(start: Machine, events: readonly Batch[], batchSize: number): void {
  const machines = [start];
  const before = [stateDigest(start)];
  replay(start, events, batchSize, (machine) => {
    machines.push(machine);
    before.push(stateDigest(machine));
  });
  expect(machines.map(stateDigest)).toEqual(before);
}

/** Law 4: where the stream is cut changes neither outcomes nor state. */
export function expectBatchingInvisible(
  start: Machine,
  events: readonly Batch[],
  batchSizes: readonly number[],
): void {
  const [first, ...others] = batchSizes.map((size) => {
    const { outcomes, state } = replay(start, events, size);
    return { outcomes, state };
  });
  for (const other of others) expect(other).toEqual(first);
}

/** Law 6: every machine on the way is whole. */
export function expectConservation(start: Machine, events: Iterable<Batch>, batchSize: number): Machine {
  let batches = 0;
  return replay(start, events, batchSize, (machine) => {
    expect(checkMachine(machine), `after batch ${batches++}`).toEqual([]);
  }).machine;
}

/** A machine that is written to bytes and read back in the middle is the same, and goes on in the same way. */
export function expectSurvivesBytes(machine: Machine, events: readonly Batch[]): void {
  const all = [...rebatch(events, 512)];
  const middle = all.length >>> 1;
  const half = replay(machine, all.slice(0, middle), 512);
  const again = machineFromBytes(machineBytes(half.machine));
  expect(stateDigest(again)).toBe(half.state);
  const rest = all.slice(middle);
  const { machine: _, ...went } = replay(half.machine, rest, 512);
  expect(replay(again, rest, 512)).toMatchObject(went);
}

/** What /proc/buddyinfo shows: free pages of each zone, and blocks of each order. */
export function buddyinfo(machine: Machine): { zone: string; free: number; blocks: number[] }[] {
  return machine.platform.zones.map(({ name, index }) => ({
    zone: name,
    free: freePagesOf(machine, index),
    blocks: Array.from({ length: MAX_ORDER }, (_, order) => nrFree(machine, index, order)),
  }));
}

/**
 * The same machine when nothing is kept for later: no empty slabs, no shadows of pages that files had, no vmalloc
 * areas to purge, empty per-cpu lists.
 */
export function drained(machine: Machine): Machine {
  const draft = new Draft(machine);
  for (const file of Object.values(machine.records.files)) dropFileTree(draft, file);
  for (let cache = 0; cache < draft.vars[SLAB_VAR.cacheRows]!; cache++) shrinkCache(draft, cache);
  purgeAreas(draft, 0);
  pruneWindow(draft, draft.platform.kernelRoot, 0, 0);
  drainAllPcps(draft);
  return draft.seal(false).machine;
}

/** Frees the empty tables of the vmalloc window below `table`, which the kernel keeps; `vpn` is its first page. */
function pruneWindow(draft: Draft, table: number, level: number, vpn: number): void {
  const { mmu, layout, vmallocVpn } = draft.platform;
  const end = pageNumber(layout, layout.vmalloc.end - 1n) + 1;
  const { span, mask } = mmu.levels[level]!;
  for (let i = 0; level < mmu.levels.length - 1 && i <= mask; i++) {
    const row = table * mmu.entriesPerTable + i;
    const entry = draft.ptes.get(row, 0);
    const first = vpn + i * span;
    if (entry === 0 || (entry & PTE_LARGE) !== 0 || first + span <= vmallocVpn || first >= end) continue;
    const below = pteFrame(entry);
    pruneWindow(draft, below, level + 1, first);
    if (draft.tables.get(below, TABLE.entries) > 0) continue;
    writePte(draft, row, 0);
    freeTable(draft, below);
  }
}

/** By zone, migrate type and order: the first frames of the free blocks, head first. */
export type FreeLists = number[][][][];

export function freeLists(machine: Machine): FreeLists {
  return machine.platform.zones.map(({ index }) =>
    Array.from({ length: MIGRATE_PCPTYPES }, (_, type) =>
      Array.from({ length: MAX_ORDER }, (_, order) => {
        const list: number[] = [];
        let at = headOf(machine, index, order, type);
        for (; at >= 0; at = machine.frames.get(at, FRAME.next) - 1) list.push(at);
        return list;
      }),
    ),
  );
}
