/** Physical memory on the page: its figures are those of the kernel's files, and it can be looked at down to single frames. */
import { describe, expect } from 'vitest';
import { FULL } from '../../../support/depth.ts';
import { json, vmsplit } from '../../cli/vmsplit.ts';
import { pageTest } from './support/page-test.ts';
import type { ShownPage } from './support/shown-page.ts';

const RUN = 'workload:drivers --events 5000 --layouts linux-3g1g,linux-x86_64';
const LAYOUTS = ['linux-3g1g', 'linux-x86_64'];
const EVENT = 3000;
const AT = { fragment: `#event=${EVENT}` };

/** The view, of all frames by use. */
async function opened(shown: ShownPage): Promise<void> {
  await shown.passed();
  await shown.pane('Physical memory');
  await shown.page.getByRole('region', { name: 'Zone DMA' }).first().waitFor();
  const all = shown.page.getByRole('button', { name: 'All', exact: true });
  if (await all.isEnabled()) await all.click();
  await shown.click('Use');
}

const cellText = (shown: ShownPage) => shown.page.getByText(/a cell is (a|[\d,.]+) frames?/);

pageTest('free blocks are those of /proc/buddyinfo', async ({ goOn }) => {
  const shown = await goOn(RUN, AT);
  await opened(shown);
  const rows = await shown.page.getByRole('table', { name: 'Free blocks by order' }).getByRole('row').all();
  const told: string[][] = [];
  for (const row of rows.slice(1)) told.push(await row.getByRole('cell').allTextContents());
  const expected: string[][] = [];
  for (const layout of LAYOUTS) {
    const line = `at workload:drivers --events 5000 buddyinfo --event ${EVENT} --layout ${layout} --json`;
    const { figures } = json(await vmsplit(line)) as { figures: { freeBlocks: number[] }[] };
    expected.push(...figures.map(({ freeBlocks }) => freeBlocks.map(String)));
  }
  expect(told).toEqual(expected);
});

describe('colours', () => {
  pageTest.runIf(FULL)('each has a name and an amount; one can be looked at alone', async ({ goOn }) => {
    const shown = await goOn(RUN, AT);
    await opened(shown);
    const legend = shown.page.getByRole('table', { name: 'Legend' });
    const vmalloc = legend.getByRole('button', { name: 'vmalloc' });
    await vmalloc.click();
    expect(await vmalloc.getAttribute('aria-pressed')).toBe('true');
    await vmalloc.click();
    expect(await vmalloc.getAttribute('aria-pressed')).toBe('false');
  });

  pageTest.runIf(FULL).for(['Owner', 'Migrate type', 'Age'])('by %s', async (name, { goOn }) => {
    const shown = await goOn(RUN, AT);
    await opened(shown);
    await shown.click(name);
    const { physicalMaps } = (await shown.paneJson('Physical memory')) as {
      physicalMaps: { result: { classes: { frames: number }[]; firstPfn: number; endPfn: number }[] };
    };
    for (const { classes, firstPfn, endPfn } of physicalMaps.result)
      expect(classes.reduce((sum, { frames }) => sum + frames, 0)).toBe(endPfn - firstPfn);
  });
});

describe('from all of it to a frame', () => {
  pageTest.runIf(FULL)('by clicks, each of which goes into a cell', async ({ goOn }) => {
    const shown = await goOn(RUN, AT);
    await opened(shown);
    const cells = shown.page.getByRole('region', { name: 'Zone Normal' }).first().locator('.zone-cells');
    const click = async (): Promise<void> => {
      await cells.click({ position: { x: 20, y: 5 } });
      await shown.settled();
    };
    while (!(await cellText(shown).textContent())!.includes('a cell is a frame')) await click();
    await click();
    await shown.page
      .getByRole('region', { name: 'Selected' })
      .getByText(/^frame:0x/)
      .first()
      .waitFor();
    await shown.click('All');
    // What a cell is comes with the frames, after the range.
    await shown.page.getByText(/^all frames, a cell is \d+ frames$/).waitFor();
  });

  pageTest.runIf(FULL)('by keyboard', async ({ goOn }) => {
    const shown = await goOn(RUN, AT);
    await opened(shown);
    const map = shown.page.getByRole('group', { name: 'Physical memory of linux-3g1g' });
    await map.focus();
    while (!(await cellText(shown).textContent())!.includes('a cell is a frame')) {
      await map.press('+');
      await shown.settled();
    }
    await map.press('ArrowRight');
    const told = (await map.getByRole('status').textContent())!;
    const [, frame] = /frame (0x[0-9a-f]+)/.exec(told)!;
    await map.press('Enter');
    await shown.page.getByRole('region', { name: 'Selected' }).getByText(`frame:${frame}`).first().waitFor();
    expect(await shown.event()).toBe(EVENT);
  });

  pageTest.runIf(FULL)('of what is picked', async ({ goOn }) => {
    const shown = await goOn(RUN, { fragment: `#event=${EVENT}&select=frame:0x1234` });
    await opened(shown);
    await shown.click('To what is picked');
    await cellText(shown).getByText('a cell is a frame').waitFor();
    expect(await cellText(shown).textContent()).toContain('frames 0x1134 – 0x1333');
  });
});
