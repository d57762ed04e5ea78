#!/usr/bin/env node
/**
 * `npm run bench:page`: the page in Chromium, beside the command line: a trace of 10,000,000 events served, and a report of
 * 1,000,000 from disk.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { parseRunSpec } from '../../replay/index.ts';
import { servePage } from '../../replay/node/page-server.ts';
import { nodePageFiles } from '../../replay/node/report-page.ts';
import { pageContents } from '../../replay/page/html/page-run.ts';
import { launch, watchedMemory } from './browser.ts';
import { drag, FIRST_VIEW, jumps, PASSED } from './in-page.ts';

const { VMSPLIT_CHROMIUM = '/usr/bin/chromium', VMSPLIT_BENCH_EVENTS = '10000000' } = process.env;
const EVENTS = Number(VMSPLIT_BENCH_EVENTS);
const LAYOUT = 'linux-3g1g';
const WORKLOADS = ['prefork', 'kvstore'];
const JUMPS = 200;
const DRAG_MS = 4000;

const folder = mkdtempSync(join(tmpdir(), 'vmsplit-bench-'));
const rows: [string, string][] = [];

function vmsplit(...args: string[]): string {
  const { stdout, stderr, status } = spawnSync(process.execPath, ['dist/vmsplit.js', ...args], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

/** Seconds that the command line takes for the same. */
function replaySeconds(trace: string): number {
  const start = performance.now();
  vmsplit('replay', trace, '--layout', LAYOUT);
  return (performance.now() - start) / 1000;
}

function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]!;
}

/** Evenly over the trace, in an order that jumps about. */
function places(events: number): number[] {
  return Array.from({ length: JUMPS }, (_, i) => Math.floor((((i * 79) % JUMPS) / JUMPS) * events) + i);
}

async function openPage(browser: Browser, url: string): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  page.on('pageerror', (error) => console.error(error.message));
  await page.goto(url);
  return page;
}

async function benchServed(browser: Browser, workload: string): Promise<void> {
  const trace = join(folder, `${workload}.vmt`);
  vmsplit('record', workload, '--events', String(EVENTS), '-o', trace);
  const before = replaySeconds(trace);
  const spec = { version: 1, events: { trace }, machine: { ram: '1G' }, lanes: [{ layout: LAYOUT }] };
  const contents = await pageContents(parseRunSpec(JSON.stringify(spec)), nodePageFiles);
  const server = await servePage(contents);
  const page = await openPage(browser, server.url);
  const memory = await watchedMemory(browser);
  const firstView = await page.evaluate<number>(FIRST_VIEW);
  const passed = await page.evaluate<number>(PASSED);
  const seconds = (before + replaySeconds(trace)) / 2;
  const times = (await page.evaluate<number[]>(jumps(places(EVENTS)))).sort((a, b) => a - b);
  const dragged = await page.evaluate<{ drawn: number; shown: number }>(drag(DRAG_MS));
  const row = (what: string, figure: string): void => void rows.push([`${workload}: ${what}`, figure]);
  row('first view', `${firstView.toFixed(0)} ms`);
  const passSeconds = (passed - firstView) / 1000;
  row(
    'first pass, of the speed of the command line',
    `${(seconds / passSeconds).toFixed(2)} (${passSeconds.toFixed(1)} s, ${seconds.toFixed(1)} s)`,
  );
  row(
    'a moment, median and 95 %',
    `${quantile(times, 0.5).toFixed(0)} ms, ${quantile(times, 0.95).toFixed(0)} ms`,
  );
  row('dragging', `${dragged.drawn.toFixed(0)} draws/s, ${dragged.shown.toFixed(0)} changes of views/s`);
  row('memory of the tab at most', `${(memory.stop() / 2 ** 20).toFixed(0)} MiB`);
  row('kept', (await page.locator('.timeline-pass').textContent())!.trim());
  await page.close();
  await server.close();
  await contents.trace!.close();
}

async function benchReport(browser: Browser): Promise<void> {
  const [trace, report] = [join(folder, 'report.vmt'), join(folder, 'report.html')];
  vmsplit('record', WORKLOADS[0]!, '--events', String(EVENTS / 10), '-o', trace);
  vmsplit('report', trace, '-o', report);
  const page = await openPage(browser, pathToFileURL(report).href);
  rows.push([
    'a report of a tenth of the events, first view',
    `${(await page.evaluate<number>(FIRST_VIEW)).toFixed(0)} ms`,
  ]);
  await page.close();
}

if (!existsSync(VMSPLIT_CHROMIUM))
  throw new Error(`found no ${VMSPLIT_CHROMIUM}: name a Chromium in VMSPLIT_CHROMIUM`);
const browser = await launch(VMSPLIT_CHROMIUM);
try {
  await benchReport(browser);
  for (const workload of WORKLOADS) await benchServed(browser, workload);
} finally {
  await browser.close();
  rmSync(folder, { recursive: true });
}
const widest = Math.max(...rows.map(([what]) => what.length));
for (const [what, figure] of rows) console.log(`${what.padEnd(widest)}  ${figure}`);
console.log(
  `load ${loadavg()
    .map((load) => load.toFixed(1))
    .join(' ')}, ${browser.version()}, node ${process.version}`,
);
