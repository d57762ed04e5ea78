/** The direct map against a naive one that decides page by page. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildLayout, directMap, directMapPages, type Layout } from '../../../core/layout/catalog/index.ts';
import { anyX86Layout } from '../../generators/any-layout.ts';

describe('laws', () => {
  test('pieces ascend, are made of aligned whole pages, and differ from their neighbours', () => {
    fc.assert(
      fc.property(anyX86Layout, (layout) => {
        const pieces = directMap(layout);
        for (const [index, { startPfn, endPfn, pageFrames }] of pieces.entries()) {
          expect(startPfn).toBeGreaterThanOrEqual(pieces[index - 1]?.endPfn ?? 0);
          expect([startPfn % pageFrames, endPfn % pageFrames]).toEqual([0, 0]);
          expect(endPfn).toBeGreaterThan(startPfn);
          const next = pieces[index + 1];
          if (next?.startPfn === endPfn) expect({ ...next, startPfn, endPfn }).not.toEqual(pieces[index]);
        }
      }),
    );
  });

  test('it maps the first MiB, and of the rest what is RAM and low memory', () => {
    fc.assert(
      fc.property(anyX86Layout, fc.nat(2 ** 30), (layout, somewhere) => {
        const pfn = somewhere % (layout.maxPfn + 1000);
        const isMapped = directMap(layout).some(({ startPfn, endPfn }) => startPfn <= pfn && pfn < endPfn);
        expect(isMapped).toBe(shouldBeMapped(layout, pfn));
      }),
    );
  });

  test('a page is as large as it can be without holes and with one set of rights', () => {
    fc.assert(
      fc.property(anyX86Layout, fc.nat(2 ** 30), (layout, somewhere) => {
        const pfn = somewhere % layout.maxLowPfn;
        const piece = directMap(layout).find(({ startPfn, endPfn }) => startPfn <= pfn && pfn < endPfn);
        if (piece) expect(piece.pageFrames).toBe(naivePage(layout, pfn));
      }),
    );
  });

  test('meminfo counts at least what is mapped', () => {
    fc.assert(
      fc.property(anyX86Layout, (layout) => {
        const mapped = directMap(layout).reduce((sum, { startPfn, endPfn }) => sum + endPfn - startPfn, 0);
        const counted = directMapPages(layout).reduce(
          (sum, { pageBytes, pages }) => sum + pageBytes * pages,
          0,
        );
        expect(counted).toBeGreaterThanOrEqual(mapped * 4096);
        expect(directMapPages(layout).every(({ pages }) => Number.isInteger(pages) && pages >= 0)).toBe(true);
      }),
    );
  });
});

function shouldBeMapped({ family, arch, ram, maxLowPfn }: Layout, pfn: number): boolean {
  if (pfn < 256) return true;
  if (family === 'textbook' && arch.wordBits === 32) return pfn < maxLowPfn;
  const isRam = ram.some(({ start, end }) => start <= BigInt(pfn) << 12n && BigInt(pfn + 1) << 12n <= end);
  return isRam && pfn < maxLowPfn;
}

/** The largest page around a frame. */
function naivePage(layout: Layout, pfn: number): number {
  const sizes =
    layout.arch.wordBits === 64 ? [2 ** 18, 512] : [layout.arch.translation.entryBytes === 8 ? 512 : 1024];
  const isBook32 = layout.family === 'textbook' && layout.arch.wordBits === 32;
  const fits = sizes.find((size) => {
    const start = Math.floor(pfn / size) * size;
    if (start === 0 && !isBook32) return false;
    const edges = [start, start + size - 1, ...holesAround(layout), ...rightsEdges(layout)];
    const inside = edges.filter((edge) => edge >= start && edge < start + size);
    return inside.every(
      (edge) => shouldBeMapped(layout, edge) && rightsAt(layout, edge) === rightsAt(layout, start),
    );
  });
  return fits ?? 1;
}

/** Frames beside which RAM begins or ends. */
function holesAround({ ram }: Layout): number[] {
  return ram.flatMap(({ start, end }) => [Number(start >> 12n) - 1, Number(end >> 12n)]);
}

function sections({ family, kernelImage }: Layout): readonly { start: bigint; end: bigint }[] {
  if (family === 'textbook') return [];
  const { code, rodata, idtTable } = kernelImage;
  return [code, rodata, { start: idtTable, end: idtTable + 1n }];
}

function rightsEdges(layout: Layout): number[] {
  return sections(layout).flatMap(({ start, end }) => [Number(start >> 12n), Number((end + 4095n) >> 12n)]);
}

/** Which section a frame belongs to; only code can be executed, and on 64 bits not even that. */
function rightsAt(layout: Layout, pfn: number): string {
  const index = sections(layout).findIndex(
    ({ start, end }) => start >> 12n <= BigInt(pfn) && BigInt(pfn) < (end + 4095n) >> 12n,
  );
  const isExecutable = index === 0 && layout.arch.wordBits === 32 && layout.arch.translation.nx;
  return index < 0 ? 'data' : isExecutable ? 'code' : 'read-only';
}

describe('a 1 GiB page is counted by every step of the mapping that meets it', () => {
  const counted = (ramMib: number): number | undefined =>
    directMapPages(buildLayout('linux-x86_64', { ramBytes: BigInt(ramMib) << 20n })).at(-1)?.pages;

  test.each([
    ['none below 2 GiB', 2047, 0],
    ['the second GiB alone: met once, above it there is RAM for the first steps', 3000, 1],
    ['4 to 5 GiB: by the steps of 2 MiB, of 512 MiB and the last, and the second GiB', 4096, 4],
    ['5.3 GiB: the step of 512 MiB is repeated, so the fifth GiB is met twice', 3072 + 1324, 3],
  ])('%s', (_, ramMib, pages) => {
    expect(counted(ramMib)).toBe(pages);
  });
});

test('the trampoline takes the highest RAM below 1 MiB that holds it', () => {
  const trampoline = (...low: readonly (readonly [start: bigint, end: bigint])[]): number | undefined => {
    const memoryMap = [...low, [0x100000n, 0x20000000n] as const].map(([start, end]) => ({ start, end }));
    const pieces = directMap(buildLayout('linux-3g1g-pae', { memoryMap }));
    return pieces.find(({ executable, startPfn }) => executable && startPfn < 256)?.startPfn;
  };
  expect(trampoline([0x1000n, 0x50000n], [0x60000n, 0x9f000n])).toBe(0x9c);
  expect(trampoline([0x1000n, 0x50000n], [0x60000n, 0x62000n])).toBe(0x4d);
});

describe('rights', () => {
  const rightsOf = (name: string, pfn: number) => {
    const piece = directMap(buildLayout(name)).find(
      ({ startPfn, endPfn }) => startPfn <= pfn && pfn < endPfn,
    )!;
    return `${piece.writable ? 'RW' : 'ro'} ${piece.executable ? 'x' : 'NX'} ${piece.pageFrames}`;
  };

  test.each([
    ['data', 'linux-3g1g', 0x2000, 'RW x 1024'],
    ['code', 'linux-3g1g', 0x1000, 'ro x 1'],
    ['read-only data', 'linux-3g1g', 0x1299, 'ro x 1'],
    ['the page of the IDT', 'linux-3g1g', 0x14bd, 'ro x 1'],
    ['the page behind it', 'linux-3g1g', 0x14be, 'RW x 1'],
    ['data', 'linux-3g1g-pae', 0x2000, 'RW NX 512'],
    ['code that fills a large page', 'linux-3g1g-pae', 0x1000, 'ro x 512'],
    ['code', 'linux-3g1g-pae', 0x1200, 'ro x 1'],
    ['read-only data', 'linux-3g1g-pae', 0x124d, 'ro NX 1'],
    ['the code of the trampoline', 'linux-3g1g-pae', 0x9c, 'ro x 1'],
    ['code, executed elsewhere', 'linux-x86_64', 0x1000, 'ro NX 512'],
    ['the code of the trampoline', 'linux-x86_64', 0x9a, 'ro x 1'],
    ['everything in the books', '3g1g', 0x100, 'RW x 1024'],
  ])('%s: %s, frame 0x%x is %s', (_, name, pfn, rights) => {
    expect(rightsOf(name, pfn)).toBe(rights);
  });
});
