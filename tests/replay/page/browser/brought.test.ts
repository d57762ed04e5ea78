/** The page without a run: files dropped and chosen, workloads, examples, other lanes; and the page that saves itself. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { PAGE_START } from '../../../../replay/page/html/page-html.ts';
import { EXAMPLES } from '../../../../workloads/index.ts';
import { builtPage } from '../../../support/build.ts';
import { FULL } from '../../../support/depth.ts';
import { recordedDrivers, temporaryFolder, vmsplit } from '../../cli/vmsplit.ts';
import { pageTest } from './support/page-test.ts';

const EMPTY = (): string => pathToFileURL(builtPage()).href;
const KERNEL = 'tests/fixtures/kernel/oddcomm';

/** 1 GiB under 3G/1G. */
const VMAP = [
  'vmap allocation for size 37806080 failed: use vmalloc=<size> to increase size.',
  '262000 pages RAM',
  '34710 pages HighMem/MovableOnly',
].join('\n');

/** As if a person let it fall onto the page. */
async function drop(page: Page, name: string, bytes: Uint8Array): Promise<void> {
  const letters = Buffer.from(bytes).toString('base64');
  await page.evaluate(
    `(async () => {
      const { body } = document;
      const dataTransfer = new DataTransfer();
      const bytes = Uint8Array.from(atob('${letters}'), (letter) => letter.charCodeAt(0));
      dataTransfer.items.add(new File([bytes], '${name}'));
      for (const type of ['dragover', 'drop'])
        body.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
    })()`,
  );
}

describe('files', () => {
  pageTest('a trace that is dropped is replayed, and can be saved again', async ({ open }) => {
    const bytes = readFileSync(await recordedDrivers('--events 5000'));
    const shown = await open(EMPTY());
    await shown.page.getByText('Choose files').waitFor();
    await drop(shown.page, 'mine.vmt', bytes);
    await shown.passed();
    await shown.press('End');
    expect(await shown.event()).toBe(5000);
    const coming = shown.page.waitForEvent('download');
    await shown.page.getByText('File', { exact: true }).click();
    await shown.page.getByRole('button', { name: 'Save the trace (.vmt)' }).click();
    const download = await coming;
    expect(download.suggestedFilename()).toBe('mine.vmt');
    const saved = join(temporaryFolder(), 'saved.vmt');
    await download.saveAs(saved);
    expect(readFileSync(saved)).toEqual(bytes);
  });

  pageTest.runIf(FULL)('a recording that is chosen is imported with its /proc files', async ({ open }) => {
    const shown = await open(EMPTY());
    const names = ['trace.txt.gz', 'zoneinfo.before', 'buddyinfo.before'];
    await shown.page.getByLabel('Choose files').setInputFiles(names.map((name) => join(KERNEL, name)));
    await shown.passed();
    await shown.page.getByRole('button', { name: /^Import/ }).click();
    await shown.page.getByText('reproduce: vmsplit import trace.txt.gz').waitFor();
    expect(await shown.barriers()).toEqual([]);
  });

  pageTest.runIf(FULL)(
    'a failure report becomes advice, and the state that it failed in',
    async ({ open }) => {
      const shown = await open(EMPTY());
      await shown.page.getByText('Choose files').waitFor();
      await drop(shown.page, 'dmesg.txt', Buffer.from(VMAP));
      await shown.page.getByText('vmalloc=192M', { exact: true }).waitFor();
      expect(await shown.barriers()).toEqual([]);
      await shown.click('Open the state it failed in');
      await shown.passed();
      await shown.press('f');
      expect(await shown.event()).toBe(1);
    },
  );

  pageTest.runIf(FULL)('what nobody knows is refused in words', async ({ open }) => {
    const shown = await open(EMPTY());
    await shown.page.getByText('Choose files').waitFor();
    await drop(shown.page, 'noise.bin', Buffer.from('nothing that anybody knows\n'));
    const alert = shown.page.getByRole('alert');
    await alert.getByText('noise.bin: found text or data of no known format, expected a trace').waitFor();
  });
});

describe('without files', () => {
  pageTest.runIf(FULL)('a worked example is opened on its machine', async ({ open }) => {
    const shown = await open(EMPTY());
    const { name, layout } = EXAMPLES[2]!;
    await shown.page.getByRole('button', { name: new RegExp(`^${name}`) }).click();
    await shown.passed();
    const lanes = shown.page.getByRole('list', { name: /^Lanes/ }).getByRole('listitem');
    expect(await lanes.allInnerTexts()).toEqual([layout]);
  });

  pageTest.runIf(FULL)(
    'a workload is opened with other options, and what is wrong is said beside its field',
    async ({ open }) => {
      const shown = await open(EMPTY());
      await shown.page.getByRole('button', { name: 'Options of drivers' }).click();
      expect(await shown.barriers()).toEqual([]);
      await shown.page.getByLabel('events', { exact: true }).fill('3000');
      await shown.page.getByLabel('cpus', { exact: true }).fill('65');
      await shown.page.getByRole('button', { name: 'Open drivers' }).click();
      await shown.page.getByText('65 is out of range, expected 1 to 64 whole cpus').waitFor();
      await shown.page.getByLabel('cpus', { exact: true }).fill('4');
      await shown.page.getByRole('button', { name: 'Open drivers' }).click();
      await shown.passed();
      await shown.press('End');
      expect(await shown.event()).toBe(3000);
    },
  );
});

describe('what if', () => {
  pageTest('another lane runs beside the others, at the same moment', async ({ show }) => {
    const shown = await show('workload:drivers --events 5000 --layouts linux-3g1g:vmalloc=16M');
    await shown.passed();
    await shown.goTo(1234);
    await shown.page.getByRole('button', { name: 'What if' }).click();
    await shown.page.getByRole('button', { name: 'Copy lane 1' }).click();
    await shown.page.getByText('are the same').waitFor();
    await shown.page.getByLabel('vmalloc of lane 2').fill('lots');
    await shown.page.getByText("found 'lots', expected a size").waitFor();
    if (FULL) expect(await shown.barriers()).toEqual([]);
    await shown.page.getByLabel('vmalloc of lane 2').fill('256M');
    await shown.page.getByRole('button', { name: 'Replay' }).click();
    const lanes = shown.page.getByRole('list', { name: /^Lanes/ }).getByRole('listitem');
    await lanes.nth(1).waitFor();
    await shown.passed();
    expect(await shown.event()).toBe(1234);
    expect(await lanes.allInnerTexts()).toEqual(['linux-3g1g vmalloc=16M', 'linux-3g1g vmalloc=256M']);
    await shown.page.getByRole('button', { name: 'Why' }).click();
    const lane = (mib: number): string => `linux-3g1g:vmalloc=${mib}M`;
    await shown.page
      .getByText(`--layouts ${lane(16)},${lane(256)}`)
      .first()
      .waitFor();
  });

  pageTest.runIf(FULL)("a layout of one's own is one more lane, at the same moment", async ({ show }) => {
    const shown = await show('workload:drivers --events 2000 --layouts linux-3g1g');
    await shown.passed();
    await shown.goTo(777);
    await shown.page.keyboard.press('o');
    await shown.page.getByLabel('Choose files').setInputFiles('tests/fixtures/layouts/board.json');
    const lanes = shown.page.getByRole('list', { name: /^Lanes/ }).getByRole('listitem');
    await lanes.getByText('board').waitFor();
    await shown.passed();
    expect(await shown.event()).toBe(777);
  });

  pageTest.runIf(FULL)('a lane that cannot be leaves what was open, and says why', async ({ show }) => {
    const shown = await show('workload:drivers --events 2000 --layouts linux-3g1g --vmalloc 200M');
    await shown.passed();
    await shown.goTo(777);
    await drop(shown.page, 'board.json', readFileSync('tests/fixtures/layouts/board.json'));
    const alert = shown.page.getByRole('alert');
    await alert.getByText('vmalloc=200M has no effect').waitFor();
    await alert.getByRole('button', { name: 'Close' }).click();
    await shown.passed();
    expect(await shown.event()).toBe(777);
  });

  pageTest.runIf(FULL)('the lanes are the same as text', async ({ show }) => {
    const shown = await show('workload:drivers --events 2000 --layouts linux-3g1g');
    await shown.passed();
    await shown.page.getByRole('button', { name: 'What if' }).click();
    await shown.page.getByLabel('The same as text').fill('linux-3g1g:reclaim,linux-x86_64:thp=always');
    await shown.page.getByLabel('thp of lane 2').waitFor();
    expect(await shown.page.getByLabel('reclaim of lane 1').inputValue()).toBe('on');
    expect(await shown.page.getByLabel('thp of lane 2').inputValue()).toBe('always');
  });
});

pageTest.runIf(FULL)(
  'a page saves itself with its run, and is the page that report makes',
  async ({ open }) => {
    const trace = await recordedDrivers('--events 4000');
    const report = join(temporaryFolder(), 'report.html');
    await vmsplit(`report ${trace} --layouts linux-3g1g,linux-2g2g -o ${report} --fail-on never`);
    const shown = await open(pathToFileURL(report).href);
    await shown.passed();
    await shown.press('t');
    const coming = shown.page.waitForEvent('download');
    await shown.page.getByText('File', { exact: true }).click();
    await shown.page.getByRole('button', { name: 'Save this page with its run' }).click();
    const saved = join(temporaryFolder(), 'saved.html');
    await (await coming).saveAs(saved);
    const html = readFileSync(saved, 'utf8');
    expect(html.startsWith(PAGE_START)).toBe(true);
    const plain = (text: string): string =>
      text.replace(/<script[^>]*id="run">[^<]*/, '').replace(/\s+/g, '');
    expect(plain(html)).toBe(plain(readFileSync(report, 'utf8')));
    const again = await open(pathToFileURL(saved).href);
    await again.passed();
    await again.press('End');
    expect(await again.event()).toBe(4000);
  },
);
