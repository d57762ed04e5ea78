/** The files of real processes agree with one another, as the parsers read them. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { reportsIn, TRACED } from '../../captures/proc-files.ts';
import { expectAgreement } from '../../support/process-files.ts';

/** Folders in which all four files of one process lie. */
const processes = reportsIn(TRACED)
  .filter(({ name }) => name === 'maps')
  .map(({ place }) => dirname(place.file!))
  .filter((folder) => ['smaps', 'pmap-x', 'pagemap'].every((name) => existsSync(join(folder, name))));

test('there are some', () => {
  expect(processes.length).toBeGreaterThan(0);
});

test.each(processes)('%s', (folder) => {
  expectAgreement((name) => readFileSync(join(folder, name === 'pmap' ? 'pmap-x' : name), 'latin1'));
});
