/**
 * Tests of the page in a browser:
 *
 *     pageTest('steps by keys', async ({ show }) => {
 *       const shown = await show('workload:drivers --events 20000');
 *       await shown.press('ArrowRight');
 *       expect(await shown.event()).toBe(1);
 *     });
 *
 * `show` takes what `vmsplit report` takes and opens the page from disk, `serve` what `vmsplit view` takes, `showData` data that
 * nobody has checked. `goOn` shows what `show` does, but where the test before looked at the same run its page stays open, and
 * follows a link: for tests of what is there to see, since to open a page takes longer than to look at it. Its views are as the
 * test before left them.
 *
 * A page that writes an error or a warning to the console, or throws, fails its test, unless the test looks at `complaints`
 * itself.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Page } from 'playwright-core';
import { expect, inject, test } from 'vitest';
import { type PageData, pageParts } from '../../../../../replay/page/html/page-html.ts';
import { builtPage } from '../../../../support/build.ts';
import { vmsplit } from '../../../cli/vmsplit.ts';
import { served } from './served.ts';
import { ShownPage } from './shown-page.ts';

export interface ShowOptions {
  readonly width?: number;
  readonly height?: number;
  readonly theme?: 'light' | 'dark';
  /** `#event=5` */
  readonly fragment?: string;
}

type Show = (line: string, options?: ShowOptions) => Promise<ShownPage>;

type Arrive = (shown: ShownPage, url: string, fragment: string) => Promise<void>;

declare module 'vitest' {
  interface ProvidedContext {
    /** By chromium.mjs. */
    readonly browser: { readonly endpoint: string } | { readonly missing: string };
  }
}

interface Fixtures {
  /** One tab for all tests of a process: a new one takes longer than what is shown in it. Or why there is none. */
  readonly tab: Page | { readonly missing: string };
  readonly openBy: (arrive: Arrive, url: string, options?: ShowOptions) => Promise<ShownPage>;
  /** Opens an address; the others do so after they have made one. */
  readonly open: Show;
  readonly show: Show;
  readonly goOn: Show;
  readonly serve: Show;
  /** A page from disk with whatever is put into it, checked by nobody. */
  readonly showData: (data: PageData, options?: ShowOptions) => Promise<ShownPage>;
}

export const pageTest = test.extend<Fixtures>({
  tab: [
    // biome-ignore lint/correctness/noEmptyPattern: vitest reads the names of fixtures out of the pattern
    async ({}, use) => {
      const found = inject('browser');
      if ('missing' in found) return use(found);
      builtPage();
      const browser = await chromium.connect(found.endpoint);
      const context = await browser.newContext();
      await use(await context.newPage());
      await browser.close();
    },
    { scope: 'worker' },
  ],
  async openBy({ tab, skip, onTestFailed }, use) {
    if ('missing' in tab) return skip(tab.missing);
    onTestFailed(async () => void (await tab.goto('about:blank')));
    const shown: ShownPage[] = [];
    await use(async (arrive, url, { width = 1280, height = 900, theme = 'light', fragment = '' } = {}) => {
      const page = shown.length === 0 ? tab : await tab.context().newPage();
      shown.push(new ShownPage(page));
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme: theme });
      await arrive(shown.at(-1)!, url, fragment);
      return shown.at(-1)!;
    });
    const complaints = shown.flatMap((page) => page.complaints);
    for (const { page } of shown) await (page === tab ? forgotten(page) : page.close());
    expect(complaints).toEqual([]);
  },
  async open({ openBy }, use) {
    await use((url, options) => openBy(loaded, url, options));
  },
  async show({ open }, use) {
    await use(async (line, options) => open(pathToFileURL(await report(line)).href, options));
  },
  async goOn({ openBy }, use) {
    await use(async (line, options) => openBy(followed, pathToFileURL(await report(line)).href, options));
  },
  async showData({ open }, use) {
    await use(async (data, options) => {
      const file = join(folder, `data-${pages++}.html`);
      writeFileSync(file, [...pageParts(readFileSync(builtPage(), 'utf8'), data)].join(''));
      return open(pathToFileURL(file).href, options);
    });
  },
  async serve({ open }, use) {
    const servers: (() => Promise<void>)[] = [];
    await use(async (line, options) => {
      const { url, close } = await served(line);
      servers.push(close);
      return open(url, options);
    });
    for (const close of servers) await close();
  },
});

/** To a part of what the tab holds already a browser goes without loading it again. */
async function loaded({ page: tab }: ShownPage, url: string, fragment: string): Promise<void> {
  const isHere = tab.url().split('#')[0] === url.split('#')[0];
  await tab.goto(url + fragment);
  if (isHere) await tab.reload();
}

/** To a link into what the tab holds already. The address may lag behind what is shown: only one that it never had is followed. */
async function followed(shown: ShownPage, url: string, fragment: string): Promise<void> {
  const { page } = shown;
  if (page.url().split('#')[0] !== url) return loaded(shown, url, fragment);
  await page.goto(`${url}${fragment || '#event=0'}&link=${links++}`);
  await shown.settled();
}
let links = 0;

/** For the next test the tab is as new. */
async function forgotten(tab: Page): Promise<void> {
  tab.removeAllListeners();
  await tab.evaluate('localStorage.clear()');
  await tab.context().clearPermissions();
  await tab.mouse.move(0, 0);
}

const folder = mkdtempSync(join(tmpdir(), 'vmsplit-pages-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
let pages = 0;
const reports = new Map<string, Promise<string>>();

/** Made once for each command line. */
function report(line: string): Promise<string> {
  const known = reports.get(line);
  if (known !== undefined) return known;
  const file = join(folder, `${reports.size}.html`);
  const made = vmsplit(`report ${line} -o ${file} --fail-on never`).then(({ code, err }) => {
    if (code !== 0) throw new Error(err);
    return file;
  });
  reports.set(line, made);
  return made;
}
