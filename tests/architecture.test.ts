/**
 * Who imports whom: the rules of import-rules.ts over the sources as they run; and who names a processor. They are compiled
 * first, so that imports of types, which nobody waits for, and comments do not count.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import { afterAll, describe, expect, test } from 'vitest';
import { CORE_FLOORS, FORBIDDEN, HOMES } from './import-rules.ts';
import { namesProcessor, OTHERS, OWN_FILES } from './processor-names.ts';

const FOLDERS = ['core', 'workloads', 'traces', 'replay', 'bench'];
const compiled = mkdtempSync(join(tmpdir(), 'vmsplit-architecture-'));
const options = {
  outDir: compiled,
  declaration: false,
  emitDeclarationOnly: false,
  noCheck: true,
  removeComments: true,
  // What is newer, dependency-cruiser's parser has to guess at.
  target: 'es2020',
};
const project = join(compiled, 'tsconfig.json');
writeFileSync(
  project,
  JSON.stringify({
    extends: resolve('tsconfig.build.json'),
    compilerOptions: { ...options, rootDir: resolve('.'), typeRoots: [resolve('node_modules/@types')] },
    include: FOLDERS.map((folder) => resolve(folder)),
    exclude: [resolve('replay/page/browser')],
  }),
);
execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', project]);
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

describe('a processor is named in its own files', () => {
  const naming = modules
    .map(({ source }) => source)
    .filter((source) => /^(core|workloads|traces|replay)\//.test(source))
    .filter((source) => namesProcessor(readFileSync(join(compiled, source), 'utf8')))
    .map((source) => source.replace(/\.js$/, '.ts'))
    .filter((source) => !OWN_FILES.some((own) => own.test(source)));

  test('and else only where the table says why', () => {
    expect(naming.sort()).toEqual(Object.keys(OTHERS).sort());
  });

  test.each([
    ["if (arch === 'arm64')", true],
    ['armSplitOf(facts)', true],
    ['const MOST_ARM_MODULES = 1', true],
    ["name.startsWith('x86')", true],
    ["buildLayout('linux-x86_64')", false],
    ["{ since: '5.11', source: 'arch/arm64/mm/init.c' }", false],
    ['alarm(warmUp, charm)', false],
  ])('%s', (text, names) => {
    expect(namesProcessor(text)).toBe(names);
  });
});
