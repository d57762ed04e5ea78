/** What the bundle is, beyond that it works. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { builtCli } from '../../support/build.ts';

/** The code of a program, by file: what it imports too, and what that does. (A package may speak of files of its own.) */
function chunksOf(program: string): Map<string, string> {
  const chunks = new Map([[program, readFileSync(program, 'utf8')]]);
  for (const [file, code] of chunks)
    for (const [, name] of code.matchAll(/["'](\.{1,2}\/[\w/-]+\.js)["']/g)) {
      const imported = join(dirname(file), name!);
      if (!chunks.has(imported) && existsSync(imported)) chunks.set(imported, readFileSync(imported, 'utf8'));
    }
  return chunks;
}

/** The names by which a module knows what it exports. */
function exportedNames(code: string): string[] {
  const [, names = ''] = /^export \{([^}]*)\};$/m.exec(code) ?? [];
  return names.split(',').map((name) => name.trim().split(' as ')[0]!);
}

function declares(code: string, name: string): boolean {
  const escaped = name.replaceAll('$', '\\$');
  return new RegExp(`^((const|function) ${escaped}[ (]|var ${escaped} = class )`, 'm').test(code);
}

test('what a chunk exports it knows under another name, by which V8 takes it for the constant that it is', () => {
  const exported = [...chunksOf(builtCli())].flatMap(([file, code]) =>
    exportedNames(code).map((name) => ({ file, name, code })),
  );
  const [second, first] = [
    exported.filter(({ name }) => name.endsWith('$out')),
    exported.filter(({ name }) => !name.endsWith('$out')),
  ];

  expect(second.length).toBeGreaterThan(100);
  expect(
    first.filter(({ name, code }) => declares(code, name)).map(({ file, name }) => `${file}: ${name}`),
  ).toEqual([]);
});
