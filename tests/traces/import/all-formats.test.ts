/** Every fixture of every format is read as what it is, by its first lines alone and without a doubt. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { chooseFormat } from '../../../traces/import/choice.ts';
import { IMPORTERS } from '../../../traces/index.ts';
import { traceHead } from '../../../traces/text/evidence.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures');
const SNIFF_BYTES = 0x1_0000;

/** By folder or beginning of a name, the format: of formats/ it is the name itself. */
const FORMATS: readonly (readonly [prefix: string, format: string])[] = [
  ['cases/csim-', 'csim'],
  ['cases/ftrace-', 'ftrace'],
  ['cases/ltrace-', 'ltrace'],
  ['cases/mtrace-', 'mtrace'],
  ['cases/perf-', 'perf-script'],
  ['cases/strace-', 'strace'],
  ['cases/vgmalloc-', 'vgmalloc'],
  ['kernel/perf/', 'perf-script'],
  ['kernel/tracecmd/', 'trace-cmd'],
  ['kernel/', 'ftrace'],
  ['lackey/', 'lackey'],
  ['strace/', 'strace'],
];

const NAMES = IMPORTERS.map(({ name }) => name);

function formatOf(path: string): string | undefined {
  const heap = /^heap\/.*\.(\w+)\.gz$/.exec(path)?.[1];
  if (heap !== undefined) return heap;
  if (!path.startsWith('formats/')) return FORMATS.find(([prefix]) => path.startsWith(prefix))?.[1];
  const name = path.slice('formats/'.length);
  return NAMES.filter((format) => name.startsWith(format)).sort((a, b) => b.length - a.length)[0];
}

/** Traces, and not the reports of the kernel that lie beside some. */
const TRACES = ['cases', 'formats', 'heap', 'kernel', 'lackey', 'strace']
  .flatMap((folder) => {
    const names = readdirSync(join(FIXTURES, folder), { recursive: true, encoding: 'utf8' });
    return names.map((name) => `${folder}/${name}`);
  })
  .filter((path) => /\.(txt|html|gz)$/.test(path) && !path.includes('snaps'))
  .sort();

function headOf(path: string) {
  const bytes = readFileSync(join(FIXTURES, path));
  const text = path.endsWith('.gz') ? gunzipSync(bytes) : bytes;
  return traceHead(text.subarray(0, SNIFF_BYTES), text.length <= SNIFF_BYTES);
}

test('there is a fixture of every format', () => {
  expect(new Set(TRACES.map(formatOf))).toEqual(new Set(NAMES));
});

describe('the right format wins', () => {
  test.each(TRACES)('%s', (path) => {
    const choice = chooseFormat(IMPORTERS, headOf(path))?.choice;
    expect(choice).toMatchObject({ format: formatOf(path), doubts: [] });
  });
});

test('no two formats of one name, and each shows how its lines look', () => {
  expect(new Set(NAMES).size).toBe(NAMES.length);
  for (const { grammar, describe: line } of IMPORTERS) {
    expect(line).toMatch(/\w+ .*\w/);
    expect(grammar.length).toBeGreaterThan(0);
  }
});
