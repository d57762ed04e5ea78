#!/usr/bin/env node
/** `npm run picture`: the page that README shows, of the run of its tour, at the first difference. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseRunSpec } from '../../replay/index.ts';
import { reportPage } from '../../replay/node/report-page.ts';
import { launch } from './browser.ts';
import { PASSED } from './in-page.ts';

const PICTURE = 'replay/page/page.webp';
const RUN = {
  events: { workload: 'drivers', seed: 1, events: 500_000 },
  machine: { ram: '1G' },
  lanes: [{ layout: 'linux-3g1g' }, { layout: 'linux-2g2g' }],
};
const FIRST_DIFFERENCE = 88_538;
const SIZE = { width: 1360, height: 860 };

const folder = mkdtempSync(join(tmpdir(), 'vmsplit-picture-'));
const browser = await launch();
try {
  const file = join(folder, 'drivers.html');
  writeFileSync(file, await reportPage(parseRunSpec(JSON.stringify(RUN))));
  const page = await browser.newPage({ viewport: SIZE, colorScheme: 'light' });
  await page.goto(`${pathToFileURL(file).href}#event=${FIRST_DIFFERENCE}`);
  await page.evaluate(PASSED);
  await page.locator('main[aria-busy="false"]').waitFor();
  await page.waitForTimeout(1000); // canvases are drawn, rows are there
  const protocol = await page.context().newCDPSession(page);
  const { data } = await protocol.send('Page.captureScreenshot', { format: 'webp', quality: 80 });
  writeFileSync(PICTURE, Buffer.from(data, 'base64'));
} finally {
  await browser.close();
  rmSync(folder, { recursive: true });
}
