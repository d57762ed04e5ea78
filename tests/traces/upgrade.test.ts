/** Traces of all versions are read: step by step from each to the next, and every version has a golden file. */
import { readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { FORMAT, VERSION } from '../../traces/index.ts';
import { parseHeader } from '../../traces/vmt/parse.ts';
import { UPGRADES, type Upgrade, upgradeFrom } from '../../traces/vmt/upgrade.ts';

const VERSIONS = Array.from({ length: VERSION }, (_, i) => i + 1);

test('each version but the present one has a step to the next', () => {
  expect(Object.keys(UPGRADES).map(Number)).toEqual(VERSIONS.slice(0, -1));
});

test('each version has a golden file, which golden.test.ts reads', async () => {
  const files = await readdir(new URL('../fixtures/vmt/', import.meta.url));
  for (const version of VERSIONS)
    for (const ending of ['vmt', 'json']) expect(files).toContain(`version-${version}.${ending}`);
});

/** Appends to a list which steps a record went through. */
const step = (name: string): Upgrade => {
  const through = (record: Readonly<Record<string, unknown>>) => ({
    ...record,
    steps: [...((record.steps as string[] | undefined) ?? []), name],
  });
  return { header: through, chunk: through, index: through };
};
const steps = { 1: step('1 to 2'), 2: step('2 to 3'), 3: step('3 to 4') };

test.each([
  [1, ['1 to 2', '2 to 3', '3 to 4']],
  [3, ['3 to 4']],
  [4, undefined],
])('version %i of 4 goes through its steps, in order', (version, expected) => {
  const upgrade = upgradeFrom(version, steps, 4);
  for (const part of ['header', 'chunk', 'index'] as const)
    expect(upgrade[part]({ a: 1 })).toEqual({ a: 1, ...(expected && { steps: expected }) });
});

test.each([
  [5, /^found a trace of format version 5, expected version 4 or an older one/],
  [0, /^found a trace of format version 0, expected versions 1 to 4/],
])('version %i of 4 is refused', (version, message) => {
  expect(() => upgradeFrom(version, steps, 4)).toThrow(message);
});

test('what a step makes of a header is checked as if it had been written so', () => {
  const old = { format: FORMAT, version: 1, maker: 'x 1', random: 7, unit: 'ns', kinds: {} };
  const upgrade: Upgrade = {
    ...step('unused'),
    header: ({ maker, random, unit, ...rest }) => {
      const [tool, toolVersion] = String(maker).split(' ');
      return { ...rest, tool, toolVersion, seed: random, tickUnit: unit, parameters: {} };
    },
  };
  const header = parseHeader(upgradeFrom(1, { 1: upgrade }, 2).header(old));
  expect(header).toMatchObject({ tool: 'x', toolVersion: '1', seed: 7, tickUnit: 'ns' });
});
