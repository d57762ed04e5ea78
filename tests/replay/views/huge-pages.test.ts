/** What the kernel's files and explain say of huge pages, and that the files go on to agree with one another. */
import { describe, expect, test } from 'vitest';
import { WRITE } from '../../../core/event/access-mode.ts';
import { MADV_HUGEPAGE } from '../../../core/event/mmap-flags.ts';
import { fold } from '../../../core/fold/fold.ts';
import { explainAddress } from '../../../core/index.ts';
import { viewNamed } from '../../../replay/views/index.ts';
import { parseMeminfo, parsePagemap, parseSmaps, parseZoneinfo } from '../../../traces/index.ts';
import { hugeEvents } from '../../generators/huge-events.ts';
import { batchOfRows, forStreams } from '../../generators/random-events.ts';
import { expectAgreement } from '../../support/process-files.ts';
import {
  access,
  MIB,
  machineOf,
  madvise,
  mlock,
  mmap,
  munmap,
  PAGE,
  RUNNING,
  Session,
} from '../../support/rows.ts';

/** Aligned at both ends: mappings go downwards from a multiple of 2 MiB less the stack's gap. */
const SIZE = 16 * MIB;

/** Four huge pages, one of them cut by a page; a second mapping that nobody touched, and one too small. */
function program(): Session {
  const thp = { mode: 'madvise', usesZeroPage: true } as const;
  const session = new Session(machineOf('linux-x86_64', 256, {}, { thp })).given(
    ...RUNNING,
    mmap(1, SIZE),
    madvise(1, 0, 0, MADV_HUGEPAGE),
    mmap(2, SIZE),
    mmap(3, MIB),
    madvise(3, 0, 0, MADV_HUGEPAGE),
  );
  const at = alignedOffset(session);
  for (const n of [0, 1, 2, 3]) session.given(access(1, at + n * 2 * MIB, 8, WRITE));
  return session.given(munmap(1, at + 2 * MIB, PAGE), access(1, at + 8 * MIB, 8));
}

function alignedOffset({ machine }: Session): number {
  const vma = machine.records.mms[1]!.vmas.toArray().find(({ object }) => object === 1)!;
  return (Math.ceil(vma.startVpn / 512) * 512 - vma.startVpn) * PAGE;
}

const session = program();
const { machine } = session;

test('smaps counts what one entry maps, and tells where huge pages may come', () => {
  const smaps = parseSmaps(viewNamed('smaps', 1).text(machine)).map(({ kb, numbers, vmFlags }) => ({
    huge: kb.AnonHugePages,
    rss: kb.Rss,
    eligible: numbers.THPeligible,
    asked: vmFlags!.includes('hg'),
  }));
  // From below: the small one, the untouched one, and what munmap left of the first, before and after the hole.
  expect(smaps).toEqual([
    { huge: 0, rss: 0, eligible: 0, asked: true },
    { huge: 0, rss: 0, eligible: 0, asked: false },
    { huge: 2048, rss: 2048, eligible: 1, asked: true },
    { huge: 4096, rss: 3 * 2048 - 4, eligible: 1, asked: true },
  ]);
});

test('pagemap gives every base page its frame, and kpageflags the place in the compound page', () => {
  const pages = parsePagemap(viewNamed('pagemap', 1).text(machine)).flatMap(({ pages }) => pages);
  const first = pages[0]!.frame!;
  const [head, tail, thp] = [15n, 16n, 22n].map((bit) => 1n << bit);
  expect(pages.slice(0, 512).map(({ frame }) => frame!.pfn - first.pfn)).toEqual([...Array(512).keys()]);
  expect([first.kpageflags & thp!, first.kpageflags & head!, first.kpageflags & tail!]).toEqual([
    thp,
    head,
    0n,
  ]);
  expect(pages[1]!.frame!.kpageflags & (head! | tail!)).toBe(tail);
});

test('meminfo and zoneinfo count them; page tables in reserve are page tables', () => {
  const meminfo = parseMeminfo(viewNamed('meminfo').text(machine));
  // PMD table, and a table for each of four huge pages and for the huge zero page.
  expect(meminfo).toMatchObject({ AnonHugePages: 3 * 2048, AnonPages: 4 * 2048, PageTables: 4 * 6 });
  const [zone] = parseZoneinfo(viewNamed('zoneinfo').text(machine));
  expect(zone!.nodeStatistics!.nr_anon_transparent_hugepages).toBe(3);
  const without = parseMeminfo(viewNamed('meminfo').text(machineOf('linux-x86_64', 256)));
  expect(without).not.toHaveProperty('AnonHugePages');
});

test('locked memory counts page by page', () => {
  const locked = program().given(mlock(1, alignedOffset(session), 2 * MIB)).machine;
  expect(parseMeminfo(viewNamed('meminfo').text(locked)).Mlocked).toBe(2048);
});

describe('explain', () => {
  const vma = machine.records.mms[1]!.vmas.toArray().findLast(({ object }) => object === 1)!;
  const at = (offset: number) => {
    const base = BigInt(vma.startVpn - vma.objectPage) * 4096n + BigInt(alignedOffset(session));
    return explainAddress(machine, 'virtual', base + BigInt(offset), { pid: 1, caches: true });
  };

  test('ends the chain at the entry of the page middle directory, and adds the offset in the huge page', () => {
    const { walk, physical, frame, uses } = at(5 * PAGE + 0x123);
    expect(walk.map(({ level }) => level)).toEqual(['pgd', 'pud', 'pmd']);
    expect(walk[2]).toMatchObject({
      page: { bytes: 2 * MIB },
      flags: expect.arrayContaining(['large page', 'user']),
    });
    expect(physical! - BigInt(walk[2]!.page!.pfn) * 4096n).toBe(BigInt(5 * PAGE + 0x123));
    expect(frame).toMatchObject({
      use: 'anonymous',
      order: 9,
      owner: 'a huge page: 512 base pages in a row',
    });
    expect(uses[0]).toMatchObject({ possible: false, reason: 'within its huge page only' });
  });

  test('knows which TLBs hold it as one page', () => {
    expect(at(8 * MIB + 77 * PAGE).caches).toMatchObject([{ tlbs: ['l1d', 'l2'], entriesRead: 3 }]);
  });

  test('tells the frames of a split one, and the huge zero page', () => {
    expect(at(2 * MIB + PAGE).walk.map(({ level }) => level)).toEqual(['pgd', 'pud', 'pmd', 'pte']);
    expect(at(2 * MIB + PAGE).frame).toMatchObject({ order: 9, references: 511 });
    expect(at(8 * MIB).frame!.owner).toMatch(/huge zero page/);
  });
});

test.each(['linux-3g1g', 'linux-3g1g-pae', 'linux-x86_64'])('the files of a process agree: %s', (layout) => {
  const boot = machineOf(layout, 1024, { cpus: 2 }, { thp: 'always' });
  forStreams(hugeEvents(120), 4, (rows) => {
    const { machine: after } = fold(boot, batchOfRows(rows));
    for (const pid of Object.keys(after.records.processes).map(Number))
      expectAgreement((name) => viewNamed(name, pid).text(after));
  });
});
