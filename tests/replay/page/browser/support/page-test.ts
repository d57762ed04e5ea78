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
 * nobody has checked. A page that
 * writes an error or a warning to the console, or throws, fails its test, unless the test looks at `complaints` itself.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, type BrowserContext, chromium } from 'playwright-core';
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

declare module 'vitest' {
  interface ProvidedContext {
    /** By chromium.mjs. */
    readonly browser: { readonly endpoint: string } | { readonly missing: string };
  }
}

interface Fixtures {
  /** Shared by the tests of a file; or why there is none. */
  readonly browser: Browser | { readonly missing: string };
  /** Opens an address; the others do so after they have made one. */
  readonly open: Show;
  readonly show: Show;
  readonly serve: Show;
  /** A page from disk with whatever is put into it, checked by nobody. */
  readonly showData: (data: PageData, options?: ShowOptions) => Promise<ShownPage>;
}

export const pageTest = test.extend<Fixtures>({
  browser: [
    // biome-ignore lint/correctness/noEmptyPattern: vitest reads the names of fixtures out of the pattern
    async ({}, use) => {
      const found = inject('browser');
      if ('missing' in found) return use(found);
      builtPage();
      const browser = await chromium.connect(found.endpoint);
      await use(browser);
      await browser.close();
    },
    { scope: 'file' },
  ],
  async open({ browser, skip }, use) {
    if ('missing' in browser) return skip(browser.missing);
    const contexts: BrowserContext[] = [];
    const shown: ShownPage[] = [];
    await use(async (url, { width = 1280, height = 900, theme = 'light', fragment = '' } = {}) => {
      const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme });
      contexts.push(context);
      const page = new ShownPage(await context.newPage());
      shown.push(page);
      await page.page.goto(url + fragment);
      return page;
    });
    for (const context of contexts) await context.close();
    expect(shown.flatMap(({ complaints }) => complaints)).toEqual([]);
  },
  async show({ open }, use) {
    await use(async (line, options) => open(pathToFileURL(await report(line)).href, options));
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
