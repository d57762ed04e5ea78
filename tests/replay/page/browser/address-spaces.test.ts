/** The address spaces on the page: what is drawn is what the kernel's files say, and can be pointed at, picked and zoomed. */
import type { Locator } from 'playwright-core';
import { describe, expect } from 'vitest';
import { FULL } from '../../../support/depth.ts';
import { json, vmsplit } from '../../cli/vmsplit.ts';
import { pageTest } from './support/page-test.ts';
import type { ShownPage } from './support/shown-page.ts';

const RUN = 'workload:drivers --events 5000 --layouts linux-3g1g,linux-2g2g,linux-x86_64';
const LAYOUTS = ['linux-3g1g', 'linux-2g2g', 'linux-x86_64'];
const EVENT = 3000;
const AT = { fragment: `#event=${EVENT}` };

const figureOf = (shown: ShownPage, layout: string): Locator =>
  shown.page.getByRole('group', { name: `Address space of ${layout}`, exact: true });

/** The view, of all addresses. */
async function opened(shown: ShownPage): Promise<void> {
  await shown.passed();
  await shown.pane('Address spaces');
  await figureOf(shown, LAYOUTS[0]!).getByRole('button').first().waitFor();
  const all = shown.page.getByRole('button', { name: 'Show all' });
  if (await all.isVisible()) await all.click();
  await all.waitFor({ state: 'detached' });
}

interface Range {
  readonly start: string;
  readonly end: string;
}

describe('what is drawn', () => {
  pageTest('areas of the vmalloc window are those of /proc/vmallocinfo', async ({ goOn }) => {
    const shown = await goOn(RUN, AT);
    await shown.passed();
    const { addressSpaces } = (await shown.paneJson('Address spaces')) as {
      addressSpaces: { result: { regions: { kind: string; pieces: Range[] }[] }[] };
    };
    for (const [lane, layout] of LAYOUTS.entries()) {
      const window = addressSpaces.result[lane]!.regions.find(({ kind }) => kind === 'vmalloc')!;
      const line = `at workload:drivers --events 5000 vmallocinfo --event ${EVENT} --layout ${layout} --json`;
      const { figures } = json(await vmsplit(line)) as { figures: Range[] };
      const ascending = figures.map(({ start, end }) => `${start} ${end}`).sort();
      expect(window.pieces.map(({ start, end }) => `${start} ${end}`)).toEqual(ascending);
    }
  });

  pageTest.runIf(FULL)('regions are named, those of each lane', async ({ goOn }) => {
    const shown = await goOn(RUN, AT);
    await opened(shown);
    for (const layout of LAYOUTS) {
      const { regions } = json(await vmsplit(`layouts ${layout} --ram 1G --json`)) as {
        regions: { name: string; start: string }[];
      };
      const buttons = figureOf(shown, layout).getByRole('button');
      await buttons.first().waitFor();
      const names = await buttons.allTextContents();
      const highestFirst = regions.map(({ name }) => name).reverse();
      expect(names.map((text, i) => text.startsWith(highestFirst[i]!))).toEqual(names.map(() => true));
      expect(names).toHaveLength(regions.length);
    }
  });
});

describe('by keyboard', () => {
  pageTest.runIf(FULL)('from thing to thing, each told, and picked with Enter', async ({ goOn }) => {
    const shown = await goOn(RUN, AT);
    await opened(shown);
    const figure = figureOf(shown, 'linux-3g1g');
    await figure.focus();
    const told: string[] = [];
    while (!told.at(-1)?.includes('in vmalloc area')) {
      await figure.press('ArrowDown');
      told.push((await figure.getByRole('status').textContent())!);
    }
    expect(told[0]).toContain('in fixmap');
    expect(new Set(told).size).toBe(told.length);
    const [, object] = /object (\d+)/.exec(told.at(-1)!)!;
    await figure.press('Enter');
    const selected = shown.page.getByRole('region', { name: 'Selected' });
    await selected.getByText(`object:${object}`, { exact: true }).waitFor();
  });

  pageTest.runIf(FULL)('zooms in, moves along, and back to all', async ({ goOn }) => {
    const shown = await goOn(RUN, AT);
    await opened(shown);
    const figure = figureOf(shown, 'linux-2g2g');
    const all = shown.page.getByRole('button', { name: 'Show all' });
    await figure.focus();
    await figure.press('+');
    await all.waitFor();
    await figure.press('0');
    await all.waitFor({ state: 'detached' });
    // Time stands still: these are keys of the figure.
    expect(await shown.event()).toBe(EVENT);
  });
});

describe('by pointer', () => {
  pageTest.runIf(FULL)('the wheel zooms lanes of one word size together', async ({ goOn }) => {
    const shown = await goOn(RUN, AT);
    await opened(shown);
    const heights = () =>
      Promise.all(LAYOUTS.map((layout) => heightOf(figureOf(shown, layout), 'direct map')));
    await figureOf(shown, 'linux-x86_64').getByRole('listitem').first().waitFor();
    const before = await heights();
    const place = (await figureOf(shown, 'linux-3g1g')
      .getByRole('button', { name: 'direct map' })
      .boundingBox())!;
    await shown.page.mouse.move(place.x + 5, place.y + place.height / 2);
    await shown.page.mouse.wheel(0, -100);
    await shown.settled();
    const after = await heights();
    expect(after.map((height, lane) => height !== before[lane])).toEqual([true, true, false]);
    await shown.page.mouse.wheel(0, 1000);
    await shown.settled();
    expect(await heights()).toEqual(before);
  });

  pageTest.runIf(FULL)('a name zooms to its region, a click picks what is under it', async ({ goOn }) => {
    const shown = await goOn(RUN, AT);
    await opened(shown);
    const figure = figureOf(shown, 'linux-3g1g');
    await figure.getByRole('button', { name: 'direct map' }).click();
    const box = (await figure.boundingBox())!;
    await shown.page.mouse.move(box.x + box.width - 30, box.y + box.height / 2);
    await figure.getByRole('status').getByText('in direct map').waitFor();
    await shown.page.mouse.click(box.x + box.width - 30, box.y + box.height / 2);
    await shown.page
      .getByRole('region', { name: 'Selected' })
      .getByText(/kernel logical, direct map/)
      .first()
      .waitFor();
  });
});

/** Of the part of the drawing that a region takes. */
async function heightOf(figure: Locator, name: string): Promise<number> {
  const box = await figure.getByRole('listitem').filter({ hasText: name }).first().boundingBox();
  return box?.height ?? 0;
}

describe('the five types of addresses', () => {
  pageTest.runIf(FULL)('of what is picked, as explain tells them', async ({ goOn }) => {
    const address = '0xc1234567';
    const shown = await goOn(RUN, { fragment: `#event=${EVENT}&select=address:${address}` });
    await opened(shown);
    const key = shown.page.getByRole('table', { name: 'The five types of addresses' });
    const line = `explain ${address} --trace workload:drivers --layout linux-3g1g --event ${EVENT} --json`;
    const { explanations } = json(await vmsplit(line)) as { explanations: { pa: { address: string } }[] };
    const cellOf = (type: string): Locator => key.getByRole('row', { name: type }).getByRole('cell').first();
    await cellOf('kernel logical').getByText(address).waitFor();
    await cellOf('physical').getByText(explanations[0]!.pa.address).waitFor();
    await cellOf('user virtual').getByText('no process has it mapped').waitFor();
    await cellOf('bus')
      .getByText(/mapped for no device/)
      .waitFor();
  });
});
