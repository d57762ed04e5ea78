/** The page as a whole: it opens from disk and served, goes through time, and tells what the command line tells. */
import { describe, expect } from 'vitest';
import { atDepth, FULL } from '../../../support/depth.ts';
import { json, recordedDrivers, vmsplit } from '../../cli/vmsplit.ts';
import { pageTest } from './support/page-test.ts';

/** With a window so small that a module soon does not find room. */
const LANES = '--layouts linux-3g1g:vmalloc=16M,linux-2g2g';
const EVENTS = 20_000;
const RUN = `workload:drivers --events ${EVENTS} ${LANES}`;
/** The first failure is the first difference; what comes of it fails too, and is no difference of its own. */
const [FIRST, BEFORE_SECOND, SECOND] = [3216, 3929, 3946];

describe('a page', () => {
  pageTest('from disk tells what came of all events, as the command line does', async ({ show }) => {
    const shown = await show(RUN);
    await shown.passed();
    const { differences } = json(await vmsplit(`diff ${RUN} --json`)) as { differences: { total: number } };
    const verdict = shown.page.getByRole('region', { name: 'Verdict' });
    await verdict.getByText(`${differences.total} of 20,000 events`).waitFor();
  });
});

describe('through time', () => {
  pageTest('by keys and by buttons', async ({ goOn }) => {
    const shown = await goOn(RUN);
    await shown.passed();
    const stations = async (names: readonly string[], go: (name: string) => Promise<void>) => {
      const events: number[] = [];
      for (const name of names) {
        await go(name);
        events.push(await shown.event());
      }
      return events;
    };
    const keys = ['ArrowRight', 'ArrowRight', 'ArrowLeft', 'f', 'd', 'Shift+F', 'Shift+D', 'End', 'Home'];
    expect(await stations(keys, (key) => shown.press(key))).toEqual([
      1,
      2,
      1,
      FIRST,
      SECOND,
      BEFORE_SECOND,
      FIRST,
      EVENTS,
      0,
    ]);
    const buttons = [
      'On an event',
      'On a batch',
      'Back an event',
      'To the start',
      'Next failure',
      'To the end',
    ];
    expect(await stations(buttons, (name) => shown.click(name))).toEqual([
      1,
      16_385,
      16_384,
      0,
      FIRST,
      EVENTS,
    ]);
  });

  pageTest.runIf(FULL)('by dragging on the timeline', async ({ goOn }) => {
    const shown = await goOn(RUN);
    await shown.passed();
    const plot = (await shown.page.locator('.u-over').boundingBox())!;
    const y = plot.y + plot.height / 2;
    await shown.page.mouse.move(plot.x + plot.width / 4, y);
    await shown.page.mouse.down();
    await shown.page.mouse.move(plot.x + plot.width / 2, y, { steps: 20 });
    await shown.page.mouse.up();
    await shown.settled();
    expect(Math.abs((await shown.event()) - EVENTS / 2)).toBeLessThan(EVENTS / 100);
  });

  pageTest.runIf(FULL)('to moments whose figures are those of a replay that ends there', async ({ goOn }) => {
    const shown = await goOn(RUN);
    await shown.passed();
    for (const event of [1, FIRST, 16_384, EVENTS]) {
      await shown.goTo(event);
      const { figures } = (await shown.paneJson('Figures')) as { figures: { result: { lanes: Lane[] } } };
      const replayed = json(await vmsplit(`diff workload:drivers --events ${event} ${LANES} --json`));
      expect(untimed(figures.result.lanes)).toEqual(untimed(replayed.layouts as Lane[]));
    }
  });
});

interface Lane {
  readonly eventsPerSecond: number;
}

function untimed(lanes: readonly Lane[]): Lane[] {
  return lanes.map((lane) => ({ ...lane, eventsPerSecond: 0 }));
}

describe('for everybody', () => {
  pageTest('axe-core finds no barrier, nor one of colours in the dark', async ({ goOn }) => {
    const shown = await goOn(RUN, { fragment: `#event=${FIRST}` });
    await shown.passed();
    const check = async (where: string, part?: string) => {
      expect(await shown.barriers(undefined, part), where).toEqual([]);
      await shown.page.emulateMedia({ colorScheme: 'dark' });
      expect(await shown.barriers(['color-contrast'], part), `${where}, dark`).toEqual([]);
      await shown.page.emulateMedia({ colorScheme: 'light' });
    };
    await check('page');
    // One of them is open.
    for (const title of FULL ? await shown.panes() : []) {
      const pane = await shown.pane(title);
      await shown.settled();
      await check(title, `#${await pane.getAttribute('id')}`);
    }
  });

  pageTest('a screen of 390 px is wide enough, and so are larger ones', async ({ goOn }) => {
    const shown = await goOn(RUN, { width: 390, fragment: `#event=${FIRST}` });
    await shown.passed();
    for (const width of atDepth({ quick: [390], full: [390, 1280, 2560] })) {
      await shown.page.setViewportSize({ width, height: 900 });
      for (const title of (await shown.panes()).slice(0, atDepth({ quick: 3, full: Infinity }))) {
        await shown.pane(title);
        expect(await shown.scrollsSideways(), `${title}, ${width} px`).toBe(false);
      }
    }
  });
});

describe('a link', () => {
  const TYPED = 'lanes=linux-1g3g:ram=1G,linux-2g2g:ram=1G:mmu=skylake+kpti=off';

  pageTest('holds moment, selection and lanes, and going back leads back', async ({ goOn }) => {
    const shown = await goOn(RUN, { fragment: `#event=${FIRST}&${TYPED}&select=object:12` });
    const names = shown.page.getByRole('banner').getByRole('listitem');
    await names.filter({ hasText: 'linux-1g3g' }).waitFor();
    await shown.settled();
    expect(shown.page.url()).toContain(TYPED);
    expect(await shown.event()).toBe(FIRST);
    await shown.page.getByRole('region', { name: 'Selected' }).getByText('object:12').first().waitFor();
    await shown.page.evaluate(`location.hash = '#event=5'`);
    await names.filter({ hasText: 'vmalloc=16M' }).waitFor();
    await expect.poll(() => shown.event()).toBe(5);
    await expect.poll(() => new URL(shown.page.url()).hash).toBe('#event=5');
  });

  pageTest.runIf(FULL)('is followed before the address tells of where one is', async ({ show }) => {
    const shown = await show(RUN);
    await shown.page.addInitScript(`
      const { setTimeout: later, history } = globalThis;
      const replaceState = history.replaceState.bind(history);
      globalThis.setTimeout = (call, ms, ...rest) => later(call, Math.min(ms, 1), ...rest);
      globalThis.told = [];
      history.replaceState = (state, title, address) => {
        told.push(address);
        replaceState(state, title, address);
      };
    `);
    await shown.page.evaluate(`location.hash = '#event=${FIRST}&${TYPED}'`);
    await shown.page.reload();
    await shown.page.getByRole('banner').getByRole('listitem').filter({ hasText: 'linux-1g3g' }).waitFor();
    await shown.settled();
    const told = await shown.page.evaluate<string[]>('told');
    expect(told.filter((address) => !address.includes(TYPED))).toEqual([]);
    expect(shown.page.url()).toContain(TYPED);
  });

  pageTest.runIf(FULL)('that cannot be is told in words, and the rest of it counts', async ({ show }) => {
    const shown = await show(RUN, { fragment: `#event=${FIRST}&lanes=linux-3g2g` });
    await shown.page.getByRole('alert').getByText('linux-3g2g').waitFor();
    await shown.settled();
    expect(await shown.event()).toBe(FIRST);
  });
});

describe('a page that is served', () => {
  pageTest('reads its trace by ranges, and follows a link', async ({ serve }) => {
    const trace = await recordedDrivers(`--events ${EVENTS}`);
    const shown = await serve(`${trace} ${LANES}`, { fragment: `#event=${SECOND}` });
    await shown.passed();
    await shown.settled();
    expect(await shown.event()).toBe(SECOND);
    const traces = shown.responses.filter((response) => response.url().endsWith('/trace'));
    expect(new Set(traces.map((response) => response.status()))).toEqual(new Set([206]));
  });
});
