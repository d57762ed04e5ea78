/**
 * Mutated traces of programs (strace, ltrace, mtrace, valgrind): each is imported or refused by an error that names the
 * place; every line and every event of what is imported is accounted for, and a machine that replays it stays sound.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { checkMachine } from '../../core/check/invariants.ts';
import type { Batch } from '../../core/event/batch.ts';
import { fold } from '../../core/fold/fold.ts';
import { IMPORTERS, ImportError, importTrace } from '../../traces/index.ts';
import type { Prng } from '../../workloads/engine/prng.ts';
import { machineOf } from '../support/rows.ts';
import { inBlocks } from '../traces/support.ts';
import { fuzz, law, pick } from './fuzz.ts';
import { mutatedText } from './text-mutations.ts';

const TIMEOUT = { timeout: 36_000_000 };
const FIXTURES = join(import.meta.dirname, '../fixtures');
/** Of a real trace: enough for several processes, and few enough for many cases. */
const LINES = 60;

interface Trace {
  readonly format: string;
  readonly text: string;
}

function tracesIn(folder: string): Trace[] {
  return readdirSync(join(FIXTURES, folder)).flatMap((name) => {
    const format = IMPORTERS.find((importer) => new RegExp(`\\b${importer.name}\\b`).test(name))?.name;
    if (format === undefined || name.includes('-bad')) return [];
    const bytes = readFileSync(join(FIXTURES, folder, name));
    const text = (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('latin1');
    const lines = text.split('\n');
    // the beginning, and a part of what comes later
    const middle = Math.floor(lines.length / 2);
    const parts = [lines.slice(0, LINES), lines.slice(middle, middle + LINES)];
    return parts.filter((part) => part.length > 1).map((part) => ({ format, text: `${part.join('\n')}\n` }));
  });
}

const TRACES = ['small', 'strace', 'heap', 'lackey'].flatMap(tracesIn);

interface Tried {
  readonly outcome: string;
  readonly batches: readonly Batch[];
}

async function tryImport({ format, text }: Trace, isSniffed: boolean): Promise<Tried> {
  const batches: Batch[] = [];
  const output = { write: (batch: Batch) => void batches.push(batch) };
  const input = { name: 'a.trace', blocks: inBlocks(Buffer.from(text, 'latin1'), 1_000) };
  try {
    const importer = IMPORTERS.find(({ name }) => name === format)!;
    const result = isSniffed ? await importTrace(input, output) : await importer.import(input, output);
    const lines = text.split('\n').length - Number(text.endsWith('\n') || text === '');
    const sum = (counts: Readonly<Record<string, number>>) =>
      Object.values(counts).reduce((total, count) => total + count, 0);
    law(result.lines === lines, `${result.lines} lines of ${lines}`);
    law(result.lines === result.eventLines + sum(result.ignored), 'every line an event or ignored');
    law(result.events === result.eventLines + sum(result.implied), 'every event said or implied');
    law(result.events === batches.reduce((all, { count }) => all + count, 0), 'as many events as written');
    return { outcome: 'imported', batches };
  } catch (error) {
    if (!(error instanceof ImportError)) throw error;
    law(error.message.startsWith('a.trace: '), `a message with the place: ${error.message.slice(0, 200)}`);
    return { outcome: 'refused', batches: [] };
  }
}

const MACHINE = machineOf('linux-x86_64', 64);

async function tryOne(random: Prng, traces: readonly Trace[]): Promise<string> {
  const { format, text } = pick(random, traces);
  const hostile = mutatedText(random, text, pick(random, traces).text);
  const { outcome, batches } = await tryImport({ format, text: hostile }, random.chance(1, 200));
  if (!random.chance(1, 50)) return outcome;
  const machine = batches.reduce((before, batch) => fold(before, batch).machine, MACHINE);
  const faults = checkMachine(machine);
  law(faults.length === 0, `a sound machine: ${faults.slice(0, 3)}`);
  return outcome;
}

test.each([
  ['strace', 50],
  ['ltrace', 25],
  ['vgmalloc', 10],
  ['mtrace', 10],
  ['lackey', 5],
])('%s', TIMEOUT, async (name, percent) => {
  const traces = TRACES.filter(({ format }) => format === name);
  expect(traces.length).toBeGreaterThan(0);
  const outcomes = await fuzz({ name, percent }, (random) => tryOne(random, traces));
  expect(Object.keys(outcomes).sort()).toEqual(['imported', 'refused']);
});
