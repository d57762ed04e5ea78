/** Sources as a test: what a replay reaches, banned identifiers, lengths, files that nobody needs. (Imports: architecture.test.ts.) */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

const FILES = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.ts', '*.tsx'], {
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => /^(core|workloads|traces|replay|bench)\//.test(file));

const sources = new Map(FILES.map((file) => [file, readFileSync(file, 'utf8')]));

/** Statements only: an import's name, a bare import's, a dynamic one's. */
const IMPORT = /^(?:import|export)\b[^;'"`]*?\bfrom '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm;

interface Import {
  readonly from: string;
  readonly to: string;
}

/** Static and dynamic imports and re-exports, relative ones resolved to a path from the root. */
function importsOf(file: string): Import[] {
  const text = sources.get(file)!;
  return [...text.matchAll(IMPORT)]
    .map(([, named, bare, dynamic]) => (named ?? bare ?? dynamic)!)
    .map((specifier) => ({
      from: file,
      to: specifier.startsWith('.') ? normalize(join(dirname(file), specifier)) : specifier,
    }));
}

const BUILD = 'rolldown.config.ts';
sources.set(BUILD, readFileSync(BUILD, 'utf8'));

const IMPORTS = [...FILES, BUILD].flatMap(importsOf);
describe('imports', () => {
  it('keep Node out of a replay altogether: nothing that the pipeline or a seek is made of imports it', () => {
    const graph = runtimeGraph();
    const reached = new Set(['replay/run/pipeline.ts', 'replay/seek/seek.ts', 'replay/report/index.ts']);
    for (const file of reached) for (const next of graph.get(file) ?? []) reached.add(next);
    expect(reached.size).toBeGreaterThan(100);
    expect(IMPORTS.filter(({ from, to }) => to.startsWith('node:') && reached.has(from))).toEqual([]);
    expect([...reached].filter((file) => file.startsWith('traces/'))).toEqual([]);
  });
});

describe('the top level', () => {
  it('is the folders, what npm and a reader look for, and the configuration of tools', () => {
    const files = execFileSync('git', ['ls-files'], { encoding: 'utf8' }).trim().split('\n');
    const entries = new Set(files.map((file) => file.split('/')[0]!).filter((name) => !name.startsWith('.')));
    const folders = ['core', 'workloads', 'traces', 'replay', 'bench', 'tests'];
    const read = ['LICENSE', 'README.md', 'package.json', 'package-lock.json'];
    const configured = [
      'biome.json',
      'rolldown.config.ts',
      'tsconfig.build.json',
      'tsconfig.json',
      'vitest.config.ts',
    ];
    expect([...entries].sort()).toEqual([...folders, ...read, ...configured].sort());
  });
});

describe('sources', () => {
  it.each([
    ['Math.random', /\bMath\.random\b/],
    ['Date.now', /\bDate\.now\b/],
    ['new Date', /\bnew Date\b/],
  ])('decide nothing by %s', (_name, pattern) => {
    const engine = FILES.filter((file) => /^(core|workloads|traces|replay)\//.test(file));
    expect(engine.filter((file) => pattern.test(sources.get(file)!))).toEqual([]);
  });

  it('are free of any, ts-ignore and notes to self', () => {
    const pattern = /\bas any\b|[\w\])>]: any\b|@ts-(ignore|nocheck|expect-error)|\b(TODO|FIXME|XXX|HACK)\b/;
    expect(FILES.filter((file) => pattern.test(sources.get(file)!))).toEqual([]);
  });

  it('open with a comment that says what the file is for', () => {
    expect(FILES.filter((file) => !/^(#!.*\n)?\/\*\*/.test(sources.get(file)!))).toEqual([]);
  });

  it('stay short enough to read: at most 400 lines', () => {
    expect(FILES.filter((file) => sources.get(file)!.split('\n').length > 400)).toEqual([]);
  });

  it('are all used: every file is imported, or is an entry', () => {
    const imported = new Set(IMPORTS.map(({ to }) => to));
    const isEntry = (file: string): boolean =>
      /^(replay\/cli\/main|replay\/page\/browser\/(main|worker|styles\.d)|replay\/vmsplit|bench\/((page|fleet|sweep)\/)?run|bench\/page\/picture|bench\/limit\/serve|traces\/host\/browser|(core|workloads|traces|replay|replay\/page\/models)\/index)\.tsx?$/.test(
        file,
      );
    expect(FILES.filter((file) => !imported.has(file) && !isEntry(file))).toEqual([]);
  });
});

/** File to the files it needs when it runs: type-only imports are gone by then. */
function runtimeGraph(): Map<string, string[]> {
  return new Map(
    FILES.map((file) => {
      const text = sources.get(file)!.replace(/\b(import|export) type [^;]*;/g, '');
      const targets = [...text.matchAll(/\bfrom\s*'(\.[^']+)'/g)].map(([, to]) =>
        normalize(join(dirname(file), to!)),
      );
      return [file, targets];
    }),
  );
}
