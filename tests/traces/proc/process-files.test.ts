/** The files of a real process agree with one another, as the parsers read them. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseMaps, parsePagemap, parsePmap, parseSmaps } from '../../../traces/index.ts';
import { reportsIn, TRACED } from '../../support/proc-files.ts';

/** Folders in which all four files of one process lie. */
const processes = reportsIn(TRACED)
  .filter(({ name }) => name === 'maps')
  .map(({ place }) => dirname(place.file!))
  .filter((folder) => ['smaps', 'pmap-x', 'pagemap'].every((name) => existsSync(join(folder, name))));

test('there are some', () => {
  expect(processes.length).toBeGreaterThan(0);
});

describe.each(processes)('%s', (folder) => {
  const read = (name: string): string => readFileSync(join(folder, name), 'latin1');
  const maps = parseMaps(read('maps'));
  const smaps = parseSmaps(read('smaps'));
  const pmap = parsePmap(read('pmap-x'));
  const pagemap = parsePagemap(read('pagemap'));

  test('they tell of the same mappings', () => {
    for (const [i, { start, end, name }] of maps.entries()) {
      expect(smaps[i]).toMatchObject({ start, end, name });
      expect(pagemap[i]).toMatchObject({ start, end, name });
      expect(pmap.mappings[i]).toMatchObject({ start, kb: Number(end - start) / 1024 });
    }
  });

  test('smaps follows from pagemap: resident, anonymous, private and shared pages', () => {
    for (const [i, { kb }] of smaps.entries()) {
      const frames = pagemap[i]!.pages.flatMap((page) => (page.frame ? [{ ...page, ...page.frame }] : []));
      // Neither the zero page nor the kernel's own pages count.
      const counted = frames.filter(({ mapcount }) => mapcount > 0);
      const shared = counted.filter(({ mapcount }) => mapcount > 1).length * 4;
      expect(kb.Rss).toBe(counted.length * 4);
      expect(kb.Shared_Clean! + kb.Shared_Dirty!).toBe(shared);
      expect(kb.Anonymous).toBe(counted.filter(({ file }) => !file).length * 4);
      expect(pmap.mappings[i]!.rssKb).toBe(kb.Rss);
      expect(pmap.mappings[i]!.dirtyKb).toBe(kb.Shared_Dirty! + kb.Private_Dirty!);
    }
  });
});
