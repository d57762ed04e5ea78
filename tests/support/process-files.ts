/** What holds of the four files of one process, whoever printed them. */
import { expect } from 'vitest';
import { parseMaps, parsePagemap, parsePmap, parseSmaps } from '../../traces/index.ts';

/** The files by name, as text. They tell of the same mappings, and count the same pages. */
export function expectAgreement(read: (name: 'maps' | 'smaps' | 'pmap' | 'pagemap') => string): void {
  const maps = parseMaps(read('maps'));
  const smaps = parseSmaps(read('smaps'));
  const pmap = parsePmap(read('pmap'));
  const pagemap = parsePagemap(read('pagemap'));
  expect([smaps.length, pmap.mappings.length, pagemap.length]).toEqual([
    maps.length,
    maps.length,
    maps.length,
  ]);
  for (const [i, line] of maps.entries()) {
    const { kb } = smaps[i]!;
    const sizeKb = Number(line.end - line.start) / 1024;
    expect(smaps[i]).toMatchObject(line);
    expect(pagemap[i]).toMatchObject(line);
    expect(pmap.mappings[i]).toMatchObject({ start: line.start, kb: sizeKb, rssKb: kb.Rss });
    expect(kb.Size).toBe(sizeKb);
    expect(pmap.mappings[i]!.dirtyKb).toBe(kb.Shared_Dirty! + kb.Private_Dirty!);
    // Neither the zero page nor the kernel's own pages count.
    const frames = pagemap[i]!.pages.flatMap((page) => (page.frame ? [{ ...page, ...page.frame }] : []));
    const counted = frames.filter(({ mapcount }) => mapcount > 0);
    expect(kb.Rss).toBe(counted.length * 4);
    expect(kb.Shared_Clean! + kb.Shared_Dirty!).toBe(
      counted.filter(({ mapcount }) => mapcount > 1).length * 4,
    );
    expect(kb.Anonymous).toBe(counted.filter(({ file }) => !file).length * 4);
    const shares = counted.map(({ mapcount }) => 4 / mapcount).reduce((sum, share) => sum + share, 0);
    // Shares are rounded down, page by page; of a real process, others map its pages between two reads.
    expect(Math.abs(kb.Pss! - shares)).toBeLessThan(1.01 + shares / 100);
  }
}
