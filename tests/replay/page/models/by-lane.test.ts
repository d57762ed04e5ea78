/** What the views ask of a moment: each lane answers for its own machine. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { Wanted } from '../../../../replay/page/engine/protocol.ts';
import type { AddressSpace } from '../../../../replay/page/models/address-space.ts';
import type { Selected } from '../../../../replay/page/models/by-lane.ts';
import type { PhysicalMap } from '../../../../replay/page/models/physical.ts';
import type { WalkModel } from '../../../../replay/page/models/walk.ts';
import { driversRun, type OpenPage, openPage } from '../engine/opened.ts';

let page: OpenPage;
beforeAll(async () => {
  page = await openPage(driversRun(4000, 'linux-3g1g', 'linux-2g2g'));
  await page.passed();
});

async function answerOf<T>(event: number, one: Wanted): Promise<T> {
  const { answers } = await page.moment({ event, wanted: { one } });
  const answer = answers.one!;
  if ('error' in answer) throw new Error(answer.error);
  return answer.result as T;
}

/** The first event of the trace that allocates by vmalloc, as the page would find it. */
async function firstVmalloc(): Promise<{ event: number; object: number }> {
  const rows = await page.session.rows(Array.from({ length: 4000 }, (_, event) => event));
  const row = rows.find(({ kind, outcomes }) => kind === 'vmalloc' && outcomes.every(({ ok }) => ok))!;
  return { event: row.event, object: Number(/object (\d+)/.exec(row.text)![1]) };
}

test('address spaces: each has its own windows', async () => {
  const spaces = await answerOf<AddressSpace[]>(4000, { model: 'addressSpaces', params: {} });
  const starts = spaces.map(({ regions }) => regions.find(({ kind }) => kind === 'direct')!.start);
  expect(starts).toEqual([0xc0000000n, 0x80000000n]);
});

test('a process that is not there is no failure: user space is as without one', async () => {
  const params = { pid: 999 };
  const spaces = await answerOf<AddressSpace[]>(4000, { model: 'addressSpaces', params });
  expect(spaces.map(({ pid }) => pid)).not.toContain(999);
});

test('physical memory: all frames of each lane are of some class', async () => {
  const params = { colourBy: 'use', cells: 500 } as const;
  const maps = await answerOf<PhysicalMap[]>(4000, { model: 'physicalMaps', params });
  for (const { classes, firstPfn, endPfn } of maps)
    expect(classes.reduce((sum, { frames }) => sum + frames, 0)).toBe(endPfn - firstPfn);
});

describe('what is picked', () => {
  test('an object: linked in each lane, with its five addresses and its walk', async () => {
    const { event, object } = await firstVmalloc();
    const selection = { kind: 'object', object } as const;
    const selected = await answerOf<Selected[]>(event + 1, { model: 'selected', params: { selection } });
    const walks = await answerOf<WalkModel[]>(event + 1, { model: 'walks', params: { selection } });
    expect(selected.map(({ linked }) => linked.places[0]!.by)).toEqual(['vmalloc', 'vmalloc']);
    expect(selected[0]!.linked.address).not.toBe(selected[1]!.linked.address);
    selected.forEach(({ linked, types }, i) => {
      const asked = types.find(({ isAsked }) => isAsked)!;
      expect([asked.type, asked.addresses[0]!.address]).toEqual(['kernel-virtual', linked.address]);
      expect(walks[i]!.explained.address).toBe(linked.address);
      expect(walks[i]!.explained.physical).toBe(
        types.find(({ type }) => type === 'physical')!.addresses[0]!.address,
      );
    });
  });

  test('the event that is met next: what it gives, after it', async () => {
    const { event, object } = await firstVmalloc();
    const selection = { kind: 'event', event } as const;
    const selected = await answerOf<Selected[]>(event, { model: 'selected', params: { selection } });
    expect(selected.map(({ linked }) => [linked.when, linked.objects])).toEqual([
      ['after', [object]],
      ['after', [object]],
    ]);
    const walks = await answerOf<(WalkModel | null)[]>(event, { model: 'walks', params: { selection } });
    expect(walks.map((walk) => walk?.rows.at(-1)?.leadsTo)).toEqual(['page', 'page']);
  });

  test('another event than the next is named, and no more', async () => {
    const selection = { kind: 'event', event: 3 } as const;
    const selected = await answerOf<Selected[]>(100, { model: 'selected', params: { selection } });
    expect(selected[0]!.linked).toMatchObject({ text: 'event 3', isThere: false });
  });

  test('nothing: nothing is told', async () => {
    const params = { selection: undefined };
    expect(await answerOf(100, { model: 'selected', params })).toEqual([]);
    expect(await answerOf(100, { model: 'walks', params })).toEqual([]);
  });
});
