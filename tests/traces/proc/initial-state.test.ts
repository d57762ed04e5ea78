import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  type InitialState,
  initialStateFrom,
  initialStateOf,
  MemorySink,
  memorySource,
  openTrace,
  type ProcSection,
  pagesOfBlocks,
  TraceWriter,
} from '../../../traces/index.ts';
import { ORIGIN } from '../support.ts';

const FOLDER = join(import.meta.dirname, '../../fixtures/kernel/oddcomm');
const NAMES = ['zoneinfo', 'buddyinfo', 'pagetypeinfo', 'slabinfo'];

const report = (name: string): ProcSection => ({
  label: undefined,
  name,
  text: readFileSync(join(FOLDER, `${name}.before`), 'latin1'),
  place: { file: name, firstLine: 1 },
});

describe('a snapshot of a real kernel', () => {
  const state = initialStateFrom(NAMES.map(report), 'oddcomm');

  test('has the zones with pages: DMA, DMA32, Normal, and neither Movable nor Device', () => {
    expect(state.zones.map(({ zone, startPfn, spanned }) => [zone, startPfn, spanned])).toEqual([
      ['DMA', 1, 4095],
      ['DMA32', 0x1000, 0x100000 - 0x1000],
      ['Normal', 0x100000, 0x640000 - 0x100000],
    ]);
  });

  test('has as many free blocks by type as in all', () => {
    for (const { freeBlocks, freeByType } of state.zones) {
      const byType = Object.values(freeByType!);
      expect(freeBlocks.map((_, order) => byType.reduce((sum, blocks) => sum + blocks[order]!, 0))).toEqual(
        freeBlocks,
      );
    }
  });

  test('has no more free than managed pages, those on per-cpu lists included', () => {
    for (const { freeBlocks, pagesets, managed, present, pageblocks } of state.zones) {
      const onLists = pagesets.reduce((sum, { count }) => sum + count, 0);
      expect(pagesOfBlocks(freeBlocks) + onLists).toBeLessThanOrEqual(managed);
      expect(managed).toBeLessThanOrEqual(present);
      expect(pagesets.map(({ cpu }) => cpu)).toEqual([0, 1]);
      expect(Object.keys(pageblocks!)).toContain('Movable');
    }
    expect(state.pageblockOrder).toBe(9);
  });

  test('has the slab caches that have objects', () => {
    expect(state.slabCaches).toContainEqual(
      expect.objectContaining({ name: 'filp', objectBytes: 192, objectsPerSlab: 21, pagesPerSlab: 1 }),
    );
    expect(state.slabCaches!.every(({ slabs }) => slabs > 0)).toBe(true);
  });

  test('goes into the header of a trace and comes out of it', async () => {
    expect(await throughHeader(state)).toEqual(state);
    expect(await throughHeader(undefined)).toBeUndefined();
  });
});

test('pagetypeinfo and slabinfo may be missing, as for those who are not root', () => {
  const state = initialStateFrom(['buddyinfo', 'zoneinfo'].map(report), 'x');
  expect(Object.keys(state)).toEqual(['zones']);
  expect(state.zones[0]).not.toHaveProperty('freeByType');
});

test.each([
  [[], 'found no report of a kernel'],
  [['zoneinfo', 'slabinfo'], 'found zoneinfo, slabinfo'],
])('%j is no snapshot', (names, message) => {
  expect(() => initialStateFrom(names.map(report), 'some/folder')).toThrow(
    `some/folder: ${message}, expected`,
  );
});

test.each([{ zones: 3 }, { zones: [{ zone: 'DMA' }] }, [], 'zones'])(
  'a header with %j in its place is refused',
  async (value) => {
    await expect(throughHeader(value as unknown as InitialState)).rejects.toThrow(
      /initialState of another form/,
    );
  },
);

test('a header whose last zone alone is wrong is refused: one without a name, or with fewer than no blocks', async () => {
  const { zones } = initialStateFrom(['buddyinfo', 'zoneinfo'].map(report), 'x');
  const last = zones.at(-1)!;
  for (const wrong of [
    { ...last, zone: 7 },
    { ...last, freeBlocks: [...last.freeBlocks.slice(1), -1] },
  ]) {
    const value = { zones: [...zones.slice(0, -1), wrong] };
    await expect(throughHeader(value as unknown as InitialState)).rejects.toThrow(
      /initialState of another form/,
    );
  }
});

async function throughHeader(initialState: InitialState | undefined): Promise<InitialState | undefined> {
  const sink = new MemorySink();
  const parameters = initialState === undefined ? {} : { initialState };
  const writer = await TraceWriter.create(sink, { ...ORIGIN, parameters });
  await writer.finish();
  return initialStateOf((await openTrace(memorySource(sink.bytes()))).header);
}
