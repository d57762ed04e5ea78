/** What is said of machines that were tried, and in which order. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ranked, type TriedCandidate } from '../../../replay/advise/cures/judging.ts';
import type { LaneFigures } from '../../../replay/advise/cures/trial.ts';
import { advise, recognise, together } from '../../../replay/advise/index.ts';
import { viewNamed } from '../../../replay/views/index.ts';
import { machineOf, Session } from '../../support/rows.ts';

const MIB = 2 ** 20;
const FIGURES: LaneFigures = {
  lowBytes: 800 * MIB,
  lowFreeBytes: 0,
  vmallocBytes: 120 * MIB,
  vmallocHoleBytes: 0,
  userBytes: 3072 * MIB,
  usedBytes: 2048 * MIB,
};

function tried(
  name: string,
  means: TriedCandidate['means'],
  cures: boolean,
  lowBytes = 800 * MIB,
): TriedCandidate {
  return { name, means, cures, lane: name, why: '', figures: { ...FIGURES, lowBytes } };
}

test('cures come first, a word on the command line before a build, and of equal means what loses least', () => {
  const list = [
    tried('more RAM', 'hardware', true),
    tried('no use', 'boot option', false),
    tried('64 bits', '64-bit kernel', true),
    tried('2G', 'other build', true),
    tried('dear', 'boot option', true, 600 * MIB),
    tried('cheap', 'boot option', true, 700 * MIB),
    { ...tried('impossible', 'boot option', false), figures: undefined },
  ];
  expect(ranked(list, FIGURES).map(({ name }) => name)).toEqual([
    'cheap',
    'dear',
    '2G',
    '64 bits',
    'more RAM',
    'no use',
    'impossible',
  ]);
});

test('a smaller vmalloc window that does not hold what was in it is no cure', async () => {
  const reports = JSON.parse(
    readFileSync(join(import.meta.dirname, '../../fixtures/reports/grammar.json'), 'utf8'),
  ) as { readonly id: string; readonly log: readonly string[] }[];
  const log = reports.find(({ id }) => id === 'i386-2.6.9-oom-zones')!.log.join('\n');
  const session = new Session(machineOf('linux-3g1g', 1024));
  for (let object = 1; object <= 5; object++) session.do({ kind: 'vmalloc', object, size: 16 * MIB });
  const areas = viewNamed('vmallocinfo').text(session.machine);
  const verdictOf = async (...texts: readonly string[]) => {
    const evidence = together(texts.map((text, i) => recognise(text, `file ${i}`)));
    const { tried } = await advise(evidence, { text: async () => log });
    return tried!.candidates.find(({ name }) => name.startsWith('vmalloc='))!;
  };
  expect(await verdictOf(log, areas)).toMatchObject({
    cures: false,
    why: expect.stringMatching(/^what the vmalloc window held does not fit into \d+\.\d MiB$/),
  });
  expect((await verdictOf(log)).why).not.toMatch(/^what the vmalloc window held/);
});
