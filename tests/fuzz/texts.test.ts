/**
 * Mutated files of layouts, of /proc, and logs of boots: each is read, or refused by one of our errors; a layout that is
 * taken boots, and its machine is sound after a run.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { UsageError } from '../../core/base/errors.ts';
import { checkBoots } from '../../core/explain/boots.ts';
import {
  bootMachine,
  buildCustomLayout,
  buildLayout,
  checkMachine,
  fold,
  type Layout,
  layoutNames,
  parseLayoutFile,
} from '../../core/index.ts';
import { parseMemoryMap, readMemoryReport } from '../../core/layout/catalog/dialects.ts';
import { exportLayout } from '../../core/layout/catalog/index.ts';
import { mainVerdict, reportExplanation, verdictOf } from '../../replay/advise/index.ts';
import { failureReports, ImportError, PROC_PARSERS, procSections } from '../../traces/index.ts';
import type { Prng } from '../../workloads/engine/prng.ts';
import { WORKLOADS } from '../../workloads/index.ts';
import { FIXTURES, reportsIn, reportsOf } from '../captures/proc-files.ts';
import { fuzz, law, pick } from './fuzz.ts';
import { mutatedJson, mutatedText } from './text-mutations.ts';

const TIMEOUT = { timeout: 36_000_000 };

/** Long reports by their beginning and end: what is in between is alike. */
function shortened(text: string): string {
  const lines = text.split('\n');
  return lines.length <= 40 ? text : [...lines.slice(0, 30), ...lines.slice(-10)].join('\n');
}

const reports = [
  ...reportsOf(join(FIXTURES, 'oracle/i386-3g_1024.txt.gz')),
  ...reportsIn(join(FIXTURES, 'linux-6.18/sleep')),
].map(({ kind, text }) => ({ kind, text: shortened(text) }));

async function readOrRefused(
  read: () => unknown,
  error: typeof UsageError | typeof ImportError,
): Promise<string> {
  try {
    await read();
    return 'read';
  } catch (thrown) {
    if (!(thrown instanceof error)) throw thrown;
    law(/found|expected/.test(thrown.message), `a message that helps: ${thrown.message.slice(0, 200)}`);
    return 'refused';
  }
}

test('reports of /proc', TIMEOUT, async () => {
  const outcomes = await fuzz({ name: 'proc', percent: 40 }, (random) => {
    const { kind, text } = pick(random, reports);
    const hostile = mutatedText(random, text, pick(random, reports).text);
    return readOrRefused(() => PROC_PARSERS[kind](hostile, { file: 'dump.txt', firstLine: 1 }), ImportError);
  });
  expect(Object.keys(outcomes).sort()).toEqual(['read', 'refused']);
});

test('several reports in one text', TIMEOUT, async () => {
  const all = reports
    .map(({ kind, text }) => `--- ${kind}\n${text.split('\n').slice(0, 6).join('\n')}`)
    .join('\n');
  await fuzz({ name: 'sections', percent: 3 }, (random) =>
    readOrRefused(() => procSections(mutatedText(random, all, all), 'dump.txt'), UsageError),
  );
});

function logs(): string[] {
  const boards = JSON.parse(readFileSync('tests/fixtures/boards/cases.json', 'utf8')) as unknown;
  const texts: string[] = [];
  JSON.stringify(boards, (_, value: unknown) => {
    if (typeof value === 'string' && value.includes('\n')) texts.push(value);
    return value;
  });
  for (const name of readdirSync('tests/fixtures/memory-map'))
    texts.push(gunzipSync(readFileSync(join('tests/fixtures/memory-map', name))).toString('latin1'));
  for (const { kind, text } of reports) if (kind === 'iomem') texts.push(text);
  return texts.map(shortened);
}

test('logs of boots, and memory maps', TIMEOUT, async () => {
  const texts = logs();
  expect(texts.length).toBeGreaterThan(1);
  const outcomes = await fuzz({ name: 'logs', percent: 10 }, async (random) => {
    const hostile = mutatedText(random, pick(random, texts), pick(random, texts));
    return readOrRefused(
      () => (random.chance(1, 2) ? parseMemoryMap : readMemoryReport)(hostile),
      UsageError,
    );
  });
  expect(Object.keys(outcomes).sort()).toEqual(['read', 'refused']);
});

const MIB = 1n << 20n;
const VAX = layoutNames().filter(({ family }) => family === 'vax');
const exported = [
  ...['3g1g', 'linux-3g1g', 'linux-3g1g-pae', 'linux-x86_64', 'ia64-16k'],
  ...VAX.map(({ name }) => name),
].map((name): unknown =>
  JSON.parse(JSON.stringify(exportLayout(buildLayout(name, { ramBytes: 64n * MIB })))),
);
const layouts = [
  JSON.parse(readFileSync('tests/fixtures/layouts/board.json', 'utf8')) as unknown,
  ...exported,
];
const batches = [...WORKLOADS[0]!.generate(1, {}, 300)];

/** No more RAM than a case has time for. */
const options = { ramBytes: 48n * MIB };
const MOST_PAGES = 0x4_0000;

function tryLayout(random: Prng): string {
  const hostile = mutatedJson(random, pick(random, layouts));
  const text = random.chance(1, 10)
    ? mutatedText(random, JSON.stringify(hostile), '{')
    : JSON.stringify(hostile);
  let layout: Layout;
  try {
    layout = buildCustomLayout(parseLayoutFile(text, 'fuzz.json'), options);
    if (layout.maxPfn > MOST_PAGES) return 'too great';
    checkBoots(layout, 'fuzz.json');
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    law(!/internal error/.test(error.message), error.message);
    return 'refused';
  }
  if (random.chance(3, 4)) return 'taken';
  let machine = bootMachine(layout);
  for (const batch of batches) machine = fold(machine, batch).machine;
  const faults = checkMachine(machine);
  law(faults.length === 0, `a layout that was taken, and its machine: ${faults[0]}\n${text}`);
  return 'taken';
}

test('layout files', TIMEOUT, async () => {
  const outcomes = await fuzz({ name: 'layouts', percent: 2 }, tryLayout);
  expect(outcomes.taken).toBeGreaterThan(0);
  expect(outcomes.refused).toBeGreaterThan(0);
});

const FAILURES = ['reports.json', 'grammar.json'].flatMap(
  (file) => JSON.parse(readFileSync(join('tests/fixtures/reports', file), 'utf8')) as { log: string[] }[],
);

test('failure reports: whatever is told of them, it is told', TIMEOUT, async () => {
  const texts = FAILURES.map(({ log }) => log.join('\n'));
  const outcomes = await fuzz({ name: 'failures', percent: 3 }, (random) => {
    const hostile = mutatedText(random, pick(random, texts), pick(random, texts));
    const main = mainVerdict(failureReports(hostile));
    if (main === undefined) return Promise.resolve('nothing failed');
    law(verdictOf(main.report)?.kind === main.verdict.kind, 'the same of the same report');
    const text = reportExplanation(main, 80);
    const isTheirs = /undefined|NaN/.test(hostile);
    law(isTheirs || !/undefined|NaN/.test(text), `words for all: ${text.slice(0, 300)}`);
    return Promise.resolve('told');
  });
  expect(Object.keys(outcomes)).toContain('told');
});
