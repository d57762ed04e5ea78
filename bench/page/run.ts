#!/usr/bin/env node
/**
 * `npm run bench:page`: the page in Chromium, beside the command line: a trace of 10,000,000 events served, and a report of
 * 1,000,000 from disk.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { parseRunSpec } from '../../replay/index.ts';
import { servePage } from '../../replay/node/page-server.ts';
import { nodePageFiles } from '../../replay/node/report-page.ts';
import { pageContents } from '../../replay/page/html/page-run.ts';
import { cpuSecondsOfEnded, launch, watchedTab } from './browser.ts';
import { drag, FIRST_VIEW, jumps, PASSED } from './in-page.ts';

const EVENTS = Number(process.env.VMSPLIT_BENCH_EVENTS ?? '10000000');
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

interface Took {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/** What the command line takes for the same. */
function replayed(trace: string): Took {
  const cpuSeconds = cpuSecondsOfEnded();
  const start = performance.now();
  vmsplit('replay', trace, '--layout', LAYOUT);
  return {
    seconds: (performance.now() - start) / 1000,
    cpuSeconds: cpuSecondsOfEnded() - cpuSeconds,
  };
}

/** How often the page's time goes into that of the command line. */
function ratioText(commandLine: number, page: number): string {
  return `${(commandLine / page).toFixed(2)} (${page.toFixed(1)} s, ${commandLine.toFixed(1)} s)`;
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
  const before = replayed(trace);
  const spec = { version: 1, events: { trace }, machine: { ram: '1G' }, lanes: [{ layout: LAYOUT }] };
  const contents = await pageContents(parseRunSpec(JSON.stringify(spec)), nodePageFiles);
  const server = await servePage(contents);
  const page = await openPage(browser, server.url);
  const tab = await watchedTab(browser);
  const firstView = await page.evaluate<number>(FIRST_VIEW);
  const passed = await page.evaluate<number>(PASSED);
  const passCpu = tab.cpuSeconds();
  const after = replayed(trace);
  const times = (await page.evaluate<number[]>(jumps(places(EVENTS)))).sort((a, b) => a - b);
  const dragged = await page.evaluate<{ drawn: number; shown: number }>(drag(DRAG_MS));
  const row = (what: string, figure: string): void => void rows.push([`${workload}: ${what}`, figure]);
  row('first view', `${firstView.toFixed(0)} ms`);
  const pass = (passed - firstView) / 1000;
  row('first pass, of the speed of the command line', ratioText((before.seconds + after.seconds) / 2, pass));
  row('  by CPU time', ratioText((before.cpuSeconds + after.cpuSeconds) / 2, passCpu));
  row(
    'a moment, median and 95 %',
    `${quantile(times, 0.5).toFixed(0)} ms, ${quantile(times, 0.95).toFixed(0)} ms`,
  );
  row('dragging', `${dragged.drawn.toFixed(0)} draws/s, ${dragged.shown.toFixed(0)} changes of views/s`);
  row('memory of the tab at most', `${(tab.peak() / 2 ** 20).toFixed(0)} MiB`);
  row('kept', (await page.locator('.timeline-pass').textContent())!.trim());
  tab.stop();
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

const browser = await launch();
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
