/**
 * Who imports whom: the rules of import-rules.ts over the sources as they run. They are compiled first, so that
 * imports of types, which nobody waits for, do not count.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import { afterAll, expect, test } from 'vitest';
import { CORE_FLOORS, FORBIDDEN, HOMES } from './import-rules.ts';

const FOLDERS = ['core', 'workloads', 'traces', 'replay', 'bench'];
const compiled = mkdtempSync(join(tmpdir(), 'vmsplit-architecture-'));
execFileSync(process.execPath, [
  'node_modules/typescript/bin/tsc',
  '-p',
  'tsconfig.build.json',
  '--outDir',
  compiled,
]);
symlinkSync(resolve('node_modules'), join(compiled, 'node_modules'));
afterAll(() => rmSync(compiled, { recursive: true }));

const { output } = await cruise(FOLDERS, {
  doNotFollow: { path: 'node_modules' },
  enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  baseDir: compiled,
  preserveSymlinks: true,
  validate: true,
  ruleSet: { forbidden: FORBIDDEN },
});
const { summary, modules } = output as ICruiseResult;

test('everything is looked at', () => {
  const sources = FOLDERS.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
      (file) => file.endsWith('.ts') && !join(folder, file).startsWith('replay/page/browser/'),
    ),
  );
  const cruised = modules.filter(({ source }) => FOLDERS.includes(source.split('/')[0]!));
  expect(cruised).toHaveLength(sources.length);
  expect(summary.totalDependenciesCruised).toBeGreaterThan(1500);
});

test('no import breaks a rule', () => {
  expect(summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} imports ${to}`)).toEqual([]);
});

test('every package that runs has a home', () => {
  const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as { dependencies: object };
  expect(Object.keys(HOMES)).toEqual(expect.arrayContaining(Object.keys(dependencies)));
});

test('the README of core shows the floors as they are', () => {
  const rows = [...readFileSync('core/README.md', 'utf8').matchAll(/^\| `(\w+)\/`/gm)].map(
    ([, floor]) => floor,
  );
  expect(rows).toEqual(CORE_FLOORS);
  const files = execFileSync('git', ['ls-files', 'core'], { encoding: 'utf8' }).split('\n');
  const folders = new Set(
    files.map((file) => file.split('/')[1]!).filter((name) => name && !name.includes('.')),
  );
  expect([...folders].sort()).toEqual([...CORE_FLOORS].sort());
});
