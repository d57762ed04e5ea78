/**
 * Streams of random events, lawful or not: any ids, sizes, offsets, modes, cpus, kinds that do not exist. Nine of ten
 * are tamed, so that they find what they name.
 */
import fc from 'fast-check';
import { KERNEL_MODE, READ, WRITE } from '../../core/event/access-mode.ts';
import { type Batch, BatchBuilder } from '../../core/event/batch.ts';
import { transferDevice } from '../../core/event/dma-flags.ts';
import { EVENT_KINDS, type KindName } from '../../core/event/kinds.ts';
import { allKinds } from '../../core/event/vocabulary.ts';
import { PAGE } from '../support/rows.ts';
import { cpu, RECIPES, thinkNs, U32_MAX } from './event-recipes.ts';
import { type Row, Tamer } from './tamer.ts';

export type { Row } from './tamer.ts';

const anyU32 = fc.nat(U32_MAX);
const unknownKind = fc.tuple(fc.constantFrom(0, 200, 255), cpu, thinkNs, anyU32, anyU32, anyU32, anyU32);

const ALL_KINDS = [...RECIPES.keys()];

function wildRow(kinds: readonly KindName[]): fc.Arbitrary<Row> {
  return fc.oneof(
    { weight: kinds === ALL_KINDS ? 1 : 0, arbitrary: unknownKind },
    ...kinds.map((name) => {
      const [weight, columns] = RECIPES.get(name)!;
      return {
        weight,
        arbitrary: fc.tuple(fc.constant(EVENT_KINDS[name].code), cpu, thinkNs, ...columns),
      };
    }),
  );
}

/** Process 1 runs from the beginning, so that short streams do something too. */
const START: readonly Row[] = [
  [EVENT_KINDS.spawn.code, 0, 0, 1, 0, 0, 0],
  [EVENT_KINDS.switch.code, 0, 0, 1, 0, 0, 0],
];

/**
 * Streams of random events, of the given kinds only: mostly tame ones (see Tamer), so that much happens and memory
 * runs out. `wild` leaves every so manieth as it is; 0 tames them all.
 */
export function randomEvents(
  maxLength: number,
  kinds: readonly KindName[] = ALL_KINDS,
  wild = 10,
): fc.Arbitrary<Row[]> {
  const choice = fc.tuple(wildRow(kinds), fc.nat(2 ** 16), fc.nat(Math.max(wild - 1, 0)));
  return fc.array(choice, { maxLength, size: 'max' }).map((choices) => {
    const tamer = new Tamer();
    const rows = choices.flatMap(([row, which, n]) =>
      burst(tamer.next(row, which, wild > 0 && n === 0), which),
    );
    return [...START, ...rows];
  });
}

/**
 * Checks something of random streams. To shrink a failing stream of a thousand events takes minutes, so that is
 * done with VMSPLIT_SHRINK=1 only; VMSPLIT_SEED=n gives other streams.
 */
export function forStreams(
  streams: fc.Arbitrary<Row[]>,
  numRuns: number,
  check: (rows: Row[]) => void,
): void {
  const endOnFailure = process.env.VMSPLIT_SHRINK !== '1';
  fc.assert(fc.property(streams, check), { numRuns, endOnFailure });
}

/** Makes of every fourth access a dozen: loads and stores that stay on a page for a while, then go to the next. */
function burst(row: Row, which: number): Row[] {
  const [code, cpu, thinkNs, object, offset, size, mode] = row;
  if (code !== EVENT_KINDS.access.code || which % 4 !== 0) return [row];
  return Array.from({ length: 12 }, (_, i): Row => {
    const at = offset + Math.floor(i / (1 + (which % 3))) * PAGE;
    const operation = ((which >> 4) >> i) & 1 ? WRITE : READ;
    return [
      code,
      cpu,
      thinkNs,
      object,
      at % 2 ** 32,
      size,
      i === 0 ? mode : operation | (mode & KERNEL_MODE),
    ];
  });
}

export function batchOfRows(rows: readonly Row[]): Batch {
  const builder = new BatchBuilder(rows.length);
  for (const columns of rows) builder.push(...columns);
  return builder.take();
}

/** Ends whatever a stream may have left: every process exits, every object is freed, every file dropped. */
export function cleanUp(rows: readonly Row[]): Row[] {
  const ids = [...new Set(rows.map((columns) => columns[3]))];
  const each = (kind: KindName): Row[] => ids.map((id) => [EVENT_KINDS[kind].code, 0, 0, id, 0, 0, 0]);
  const exits = each('switch').flatMap((row): Row[] => [row, [EVENT_KINDS.exit.code, 0, 0, 0, 0, 0, 0]]);
  const frees = FREES.flatMap(each);
  // The first file_drop writes what is dirty; what is clean then goes with the next.
  return [...exits, ...unmaps(rows), ...frees, ...each('file_drop'), ...each('device_remove')];
}

const MAPS = (['dma_map_single', 'dma_map_page', 'dma_map_sg'] as const).map(
  (kind) => EVENT_KINDS[kind].code,
);

/** Undoes every DMA mapping that there may be. */
function unmaps(rows: readonly Row[]): Row[] {
  return rows
    .filter(([code]) => (MAPS as readonly number[]).includes(code))
    .map(([, , , object, transfer, offset]) => [
      EVENT_KINDS.dma_unmap.code,
      0,
      0,
      object,
      transferDevice(transfer),
      offset,
      0,
    ]);
}

/** Devices go last, when nothing is mapped for them. */
const FREES: readonly KindName[] = allKinds()
  .filter(({ name, row }) => (row.destroys && name !== 'device_remove') || name === 'file_drop')
  .map(({ name }) => name);
