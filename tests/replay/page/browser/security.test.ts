/** The page under attack: what its policy blocks, names that would be markup, traces that are none. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect } from 'vitest';
import { buildLayout, exportLayout } from '../../../../replay/vmsplit.ts';
import { MemorySink, memorySource, openTrace, TraceWriter } from '../../../../traces/index.ts';
import { workload } from '../../../../workloads/index.ts';
import { assembled, recordsOf } from '../../../fuzz/vmt-mutations.ts';
import { atDepth, FULL } from '../../../support/depth.ts';
import { temporaryFolder, vmsplit } from '../../cli/vmsplit.ts';
import { pageTest } from './support/page-test.ts';

/** Ends a script, begins a comment and an element that runs. */
const MARKUP = '</script><!--<img src=x onerror="globalThis.hit=1">';
/** With a line and a text that end early, and one that goes from right to left. */
const EVIL = `${MARKUP}\u2028\0\u202e"'\``;
const HIT = 'globalThis.hit ?? document.querySelectorAll("img, svg script, iframe").length';

/** What `record` would have written, with other texts. */
async function drivers(events: number, tool: string, names: object = {}): Promise<Uint8Array> {
  const sink = new MemorySink();
  const parameters = { workload: tool, [tool]: tool, options: { cpus: 1 } };
  const writer = await TraceWriter.create(sink, { tool, toolVersion: tool, seed: 1, parameters });
  for (const batch of workload('drivers').generate(1, {}, events)) await writer.write(batch);
  writer.note({ names, [tool]: tool });
  await writer.finish();
  return sink.bytes();
}

const runOf = (trace: string, lanes: readonly object[] = [{ layout: 'linux-3g1g' }]): string =>
  JSON.stringify({ version: 1, events: { trace }, machine: { ram: '1G' }, lanes });

/** What is tried, and the directive that it is blocked by. */
const ATTACKS = [
  [
    'a handler in markup',
    'script-src-attr',
    `document.body.insertAdjacentHTML('beforeend', '<img src="data:," onerror="globalThis.hit=1">')`,
  ],
  [
    'another script',
    'script-src-elem',
    `document.body.append(Object.assign(document.createElement('script'), { text: 'globalThis.hit=1' }))`,
  ],
  [
    'a script from elsewhere',
    'script-src-elem',
    `document.body.append(Object.assign(document.createElement('script'), { src: 'https://example.com/a.js' }))`,
  ],
  ['eval', 'script-src', `setTimeout(() => { try { eval('globalThis.hit=1') } catch {} })`],
  [
    'another style',
    'style-src-elem',
    `document.body.append(Object.assign(document.createElement('style'), { textContent: 'p {}' }))`,
  ],
  [
    'a style in markup',
    'style-src-attr',
    `document.body.insertAdjacentHTML('beforeend', '<p style="color: red">')`,
  ],
  ['a request to elsewhere', 'connect-src', `fetch('https://example.com/').catch(() => {})`],
  ['a beacon', 'connect-src', `navigator.sendBeacon('https://example.com/', 'trace')`],
  [
    'a picture from elsewhere',
    'img-src',
    `document.body.append(Object.assign(new Image(), { src: 'https://example.com/a.png' }))`,
  ],
  [
    'a frame',
    'frame-src',
    `document.body.append(Object.assign(document.createElement('iframe'), { src: 'https://example.com/' }))`,
  ],
  [
    'a form',
    'form-action',
    `{ const form = Object.assign(document.createElement('form'), { action: 'https://example.com/' }); document.body.append(form); form.submit() }`,
  ],
  [
    'another base',
    'base-uri',
    `document.head.append(Object.assign(document.createElement('base'), { href: 'https://example.com/' }))`,
  ],
] as const;

pageTest('the policy blocks what is no part of the page', async ({ serve }) => {
  const shown = await serve('');
  const blocked: [string, string][] = [];
  for (const [what, , attack] of ATTACKS) {
    const directive = await shown.page.evaluate<string>(`new Promise((resolve) => {
      addEventListener('securitypolicyviolation', (event) => resolve(event.effectiveDirective), { once: true });
      ${attack};
    })`);
    blocked.push([what, directive]);
  }
  expect(blocked).toEqual(ATTACKS.map(([what, directive]) => [what, directive]));
  expect(await shown.page.evaluate('globalThis.hit')).toBeUndefined();
  expect(shown.complaints.filter((text) => !text.includes('Content Security Policy'))).toEqual([]);
  shown.complaints = [];
});

describe('texts of others are never markup', () => {
  pageTest('names of the trace, its objects, its recorder and a layout', async ({ showData }) => {
    const { title: _, ...board } = exportLayout(buildLayout('linux-3g1g')) as unknown as Record<
      string,
      unknown
    >;
    const layout = `${EVIL}.json`;
    const shown = await showData({
      spec: runOf(EVIL, [{ layout }, { layout: 'linux-2g2g' }]),
      files: { [layout]: JSON.stringify({ ...board, title: MARKUP }) },
      trace: { bytes: await drivers(3000, EVIL, { '0-100000': EVIL }) },
    });
    await shown.passed();
    for (const event of atDepth({ quick: [1000], full: [0, 1000, 2999] })) await shown.goTo(event);
    for (const title of (await shown.panes()).slice(0, atDepth({ quick: 2, full: Infinity }))) {
      await shown.pane(title);
      await shown.press('ArrowLeft');
      expect(await shown.page.evaluate(HIT), title).toBe(0);
    }
    expect(await shown.page.getByRole('heading', { level: 1 }).innerText()).toContain('<img src=x onerror=');
  });

  pageTest.runIf(FULL)('a link', async ({ show }) => {
    const shown = await show('workload:drivers --events 100', {
      fragment: `#event=${encodeURIComponent(EVIL)}&select=${encodeURIComponent(EVIL)}&zoom=${encodeURIComponent(EVIL)}`,
    });
    await shown.page.getByRole('alert').getByText('the link: found selection').waitFor();
    expect(await shown.page.evaluate(HIT)).toBe(0);
  });
});

describe('a trace that is wrong is an error in words, as on the command line', () => {
  const flipped = (bytes: Uint8Array, at: number): Uint8Array =>
    bytes.map((byte, i) => (i === at ? byte ^ 0x10 : byte));

  /** The records again, with other fields and with checksums that are right. */
  const changed = (bytes: Uint8Array, record: number, fields: object): Uint8Array => {
    const records = recordsOf(bytes);
    return assembled(
      records.map((one, i) =>
        i === (record + records.length) % records.length ? { ...one, ...fields } : one,
      ),
      true,
    );
  };

  /** In two chunks. */
  let whole: Uint8Array;
  beforeAll(async () => {
    whole = await drivers(20_000, 'test');
  });

  const DAMAGES: [string, (bytes: Uint8Array) => Uint8Array][] = [
    ['a flipped bit in an event', (bytes) => flipped(bytes, bytes.length >> 1)],
    ['nothing', () => new Uint8Array(0)],
    ['a text', () => new TextEncoder().encode('no trace\n'.repeat(100))],
    ['a flipped bit in the header', (bytes) => flipped(bytes, 40)],
    ['a chunk of 2^53 events', (bytes) => changed(bytes, 1, { count: 2 ** 53 })],
    ['a chunk whose columns are gone', (bytes) => changed(bytes, 1, { columns: {} })],
    ['a newer format', (bytes) => changed(bytes, 0, { version: 1000 })],
  ];
  pageTest.for(DAMAGES.slice(0, atDepth({ quick: 1, full: DAMAGES.length })))(
    '%s',
    async ([, damage], { showData }) => {
      const bytes = damage(whole);
      const file = join(temporaryFolder(), 'bad.vmt');
      writeFileSync(file, bytes);
      const { code, err } = await vmsplit(`replay ${file} --layout linux-3g1g`);
      expect(code).toBe(2);
      const shown = await showData({ spec: runOf(file), files: {}, trace: { bytes } });
      const told = await shown.page.getByRole('alert').locator('p').innerText();
      expect(`vmsplit: ${told}`).toBe(err.trimEnd());
    },
  );

  pageTest.runIf(FULL)('one that is cut is shown as far as it goes, and says so', async ({ showData }) => {
    const bytes = whole.subarray(0, whole.length - 500);
    const { lost, events } = await openTrace(memorySource(bytes));
    expect(events).toBeGreaterThan(0);
    const shown = await showData({ spec: runOf('cut.vmt'), files: {}, trace: { bytes } });
    await shown.passed();
    await shown.page.getByText(lost!.message).first().waitFor();
  });

  pageTest.runIf(FULL)('a run without its trace, and one that is no run', async ({ showData }) => {
    for (const [spec, words] of [
      [runOf('a.vmt'), 'no trace with it'],
      ['{"version": 1}', 'events: found nothing'],
      ['<img>', 'found no JSON'],
    ] as const) {
      const shown = await showData({ spec, files: {} });
      await shown.page.getByRole('alert').getByText(words).waitFor();
    }
  });
});
