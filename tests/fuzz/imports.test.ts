/**
 * Mutated traces of every format: each is imported, with all of its lines and events accounted for, or refused by one of
 * our errors, with a message that helps; read as what it was made of, or as whatever it looks like.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { UsageError } from '../../core/base/errors.ts';
import type { Batch } from '../../core/event/batch.ts';
import { kindOf } from '../../core/event/vocabulary.ts';
import { chooseFormat } from '../../traces/import/choice.ts';
import { IMPORTERS, importTrace } from '../../traces/index.ts';
import { traceHead } from '../../traces/text/evidence.ts';
import type { Prng } from '../../workloads/engine/prng.ts';
import { inBlocks } from '../traces/support.ts';
import { fuzz, law, pick } from './fuzz.ts';
import { mutatedText } from './text-mutations.ts';

const TIMEOUT = { timeout: 36_000_000 };
const FIXTURES = join(import.meta.dirname, '../fixtures');
/** Long traces by their beginning: what follows is alike. */
const LINES_SHOWN = 40;

const texts = ['cases', 'formats', 'heap', 'kernel', 'lackey', 'strace'].flatMap((folder) =>
  readdirSync(join(FIXTURES, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(txt|html|gz)$/.test(name) && !name.includes('snaps'))
    .sort()
    .map((name) => shortened(join(FIXTURES, folder, name))),
);

function shortened(path: string): string {
  const bytes = readFileSync(path);
  const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('latin1');
  return text.split('\n').slice(0, LINES_SHOWN).join('\n');
}

const formats = texts.map(
  (text) => chooseFormat(IMPORTERS, traceHead(Buffer.from(text), true))!.importer.name,
);

async function tryImport(random: Prng): Promise<string> {
  const at = random.below(texts.length);
  const hostile = Buffer.from(mutatedText(random, texts[at]!, pick(random, texts)), 'latin1');
  const from = random.chance(1, 4) ? undefined : formats[at];
  const blocks = inBlocks(hostile, random.chance(1, 4) ? random.range(1, 64) : 1 << 16);
  let events = 0;
  const output = {
    write(batch: Batch) {
      events += checked(batch);
    },
  };
  try {
    const result = await importTrace({ name: 'fuzz.txt', blocks, from }, output);
    law(
      result.lines === result.eventLines + sum(result.ignored),
      'every line is an event, or ignored by a rule',
    );
    law(
      result.events === result.eventLines + sum(result.implied),
      'every event is said, or implied by a rule',
    );
    law(result.events === events, 'all events are written');
    return 'read';
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    law(/found|expected/.test(error.message), `a message that helps: ${error.message.slice(0, 200)}`);
    return 'refused';
  }
}

/** Number of events, all of them of the vocabulary. */
function checked({ count, kind }: Batch): number {
  for (let i = 0; i < count; i++) law(kindOf(kind[i]!) !== undefined, `kind ${kind[i]}`);
  return count;
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

test('traces of every format', TIMEOUT, async () => {
  expect(new Set(formats)).toEqual(new Set(IMPORTERS.map(({ name }) => name)));
  const outcomes = await fuzz({ name: 'imports', percent: 10 }, tryImport);
  expect(Object.keys(outcomes).sort()).toEqual(['read', 'refused']);
});
