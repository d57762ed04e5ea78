import { describe, expect, test } from 'vitest';
import { IMPORTERS, importTrace } from '../../../traces/index.ts';
import { inBlocks } from '../support.ts';

const nowhere = { write() {} };

async function formatOf(text: string, from?: string): Promise<string> {
  const blocks = inBlocks(Buffer.from(text), 10);
  return (await importTrace({ name: 'some.file', blocks, from }, nowhere)).format;
}

describe('the format is found by the first bytes', () => {
  test.each([
    ['lackey', '==7== Lackey, an example Valgrind tool\nI  00400000,3\n'],
    ['lackey', 'I  00400000,3\n'],
    ['lackey', 'output of the program\n L 1fff000d18,8\n'],
  ])('%s: %j', async (format, text) => {
    expect(await formatOf(text)).toBe(format);
  });

  test.each([
    ['an empty file', ''],
    ['text or data of no known format', 'dear diary\n'],
  ])('%s is refused', async (found, text) => {
    await expect(formatOf(text)).rejects.toMatchObject({
      name: 'ImportError',
      file: 'some.file',
      found,
      expected: expect.stringContaining('lackey'),
    });
  });
});

test('a format that does not exist is refused, with those that do', async () => {
  await expect(formatOf('I  00400000,3\n', 'laceky')).rejects.toThrow(/'laceky', expected one of: .*lackey/);
});

test('names are unique, and every importer says what it reads', () => {
  expect(new Set(IMPORTERS.map(({ name }) => name)).size).toBe(IMPORTERS.length);
  for (const { describe: line } of IMPORTERS) expect(line).toMatch(/\w+ .*\w/);
});

test('progress counts the bytes of the file, up to all of them', async () => {
  const bytes = Buffer.from('I  00400000,3\n'.repeat(100));
  const seen: [number, number | undefined][] = [];
  const request = { name: 'x', blocks: inBlocks(bytes, 100), byteLength: bytes.length };
  await importTrace(request, nowhere, { onProgress: (done, total) => seen.push([done, total]) });
  expect(seen).toHaveLength(14);
  expect(seen.at(-1)).toEqual([1400, 1400]);
});
