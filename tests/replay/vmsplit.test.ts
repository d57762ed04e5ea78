/** The library as its callers see it: how much there is of it, and that the example of the README runs. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import * as vmsplit from '../../replay/vmsplit.ts';

/** Namespaces of the kernel's constants and of what few need. */
const NAMESPACES = ['access', 'clone', 'convert', 'dma', 'fields', 'gfp', 'mapping', 'proc', 'slab', 'tlb'];

describe('the public surface', () => {
  const surface: Readonly<Record<string, unknown>> = { ...vmsplit };
  const names = Object.keys(surface);

  test('is small: a name more is a decision', () => {
    expect(names.length).toBe(130);
  });

  test('keeps flags and fields in namespaces', () => {
    expect(names.filter((name) => /^(__)?(GFP|MAP|PROT|MADV|CLONE|SLAB|DMA|TLB|FAULT)_/.test(name))).toEqual(
      [],
    );
    const isSpace = (name: string): boolean =>
      Object.prototype.toString.call(surface[name]) === '[object Module]';
    const spaces = names.filter(isSpace);
    expect(spaces.sort()).toEqual(NAMESPACES);
  });
});

describe('the README', () => {
  const folder = mkdtempSync(join(tmpdir(), 'vmsplit-readme-'));
  const example = readFileSync('README.md', 'utf8').match(/```ts\n(.*?)```/s)![1]!;
  afterAll(() => rmSync(folder, { recursive: true }));

  test('has an example that runs as it stands', async () => {
    const file = join(folder, 'example.ts');
    const code = example
      .replaceAll("'vmsplit'", `'${resolve('replay/vmsplit.ts')}'`)
      .replaceAll("'drivers.vmt'", `'${join(folder, 'drivers.vmt')}'`);
    writeFileSync(file, code);
    const told: unknown[] = [];
    const log = vi.spyOn(console, 'log').mockImplementation((...words) => void told.push(...words));
    await import(/* @vite-ignore */ file);
    log.mockRestore();
    expect(told).toContainEqual(expect.stringMatching(/^slab 1 of kmalloc-128 is made/));
    expect(told).toContainEqual(expect.stringMatching(/100,000 events/));
    expect(told.at(-1)).toBeGreaterThan(0);
  });
});
