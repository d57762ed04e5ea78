/** Both roots of an isolated process, and requests of a disk behind bounce buffers: the rules, on small examples. */
import { describe, expect, test } from 'vitest';
import { bouncePhases, DiskRequests } from '../../../replay/verify/pressure/disk-requests.ts';
import { parsePageTables, userRootOf } from '../../../replay/verify/pressure/page-tables.ts';

const PAE = {
  ...{ kernelStart: 0xc0000000n, bits: [9, 9, 2], directMap: 0xc0000000n, espfix: undefined },
  ...{ entryArea: 0xff400000n, entryAreaEnd: 0xff800000n, preallocated: true, userNoExecute: false },
};
const dump = `CPL=3, CR3=5001000 CR4=0

## kernel root at 5000000: table pages by level (1 = last): 1: 4, 2: 4, 3: 1
# top-level entries: 0=1001, 1=2001, 2=3001, 3=4001
# a legend
8048000-8049000 4K 1 U-x [us x] 1000 1
bffff000-c0000000 4K 1 Uw- [rw us nx] 2000 1
c1000000-c1200000 2M 1 kw- [rw nx] 1000000 1
c1400000-c1402000 4K 2 k-x [a g x] 1400000 1
ff400000-ff402000 4K 2 k-- [a g nx] 3000 2
`;

describe('the user root', () => {
  const [kernel] = parsePageTables(dump)!.roots;

  test('of PAE has entry text in a table of its own, and the tables of the entry area with the kernel', () => {
    const { runs, tables, shared, topIndexes } = userRootOf(kernel!, PAE);
    expect(runs.map(({ start }) => start.toString(16))).toEqual([
      '8048000',
      'bffff000',
      'c1400000',
      'ff400000',
    ]);
    // Two for the user, one for entry text, and two of the entry area, of which one maps nothing.
    expect(tables).toEqual([5, 4, 1]);
    expect(shared).toEqual([4, 3, 0]);
    expect(topIndexes).toEqual([0, 1, 2, 3]);
  });

  test('of four levels lets user code run that the kernel root forbids', () => {
    const text = dump.replace('U-x [us x]', 'U-- [us x]');
    const { runs } = userRootOf(parsePageTables(text)!.roots[0]!, { ...PAE, userNoExecute: true });
    expect(runs[0]!.rights).toBe('U-x');
  });

  test('is none of another text', () => {
    expect(parsePageTables('### MARK begin')).toBeUndefined();
  });
});

describe('a disk behind bounce buffers', () => {
  const bounced = (address: number, size: number): string =>
    `a-1 [000] 1.0: swiotlb_bounced: dev_name: x dma_mask=f dev_addr=${address.toString(16)} size=${size} FORCE`;
  const trace = (sizes: readonly (readonly [number, number])[]): string =>
    [
      'a-1 [000] 1.0: tracing_mark_write: read 12288 bytes O_DIRECT',
      ...[[0x9000, 16] as const, ...sizes, [0x9010, 1] as const, [0xa000, 64] as const].map(([at, size]) =>
        bounced(at, size),
      ),
    ].join('\n');

  test('copies header, each run of frames, status and the table of descriptors', () => {
    const text = trace([
      [0x4000, 8192],
      [0x7000, 4096],
    ]);
    const disk = new DiskRequests(bouncePhases(text));
    disk.direct(12288);
    expect(disk.bounced).toEqual(bouncePhases(text)[0]!.bounces.map(({ bytes }) => bytes));
    disk.direct(8192);
    expect(disk.bounced.slice(5)).toEqual([16, 8192, 1, 48]);
    disk.direct(512);
    expect(disk.bounced.slice(9)).toEqual([16, 512, 1, 48]);
  });

  test('copies at most 256 KiB at a time', () => {
    const disk = new DiskRequests(bouncePhases(trace([[0x100000, 2 ** 19]])));
    disk.direct(2 ** 19);
    expect(disk.bounced).toEqual([16, 2 ** 18, 2 ** 18, 1, 64]);
  });

  test('is read ahead by windows of 128 KiB once it is read in order', () => {
    const disk = new DiskRequests(bouncePhases(trace([[0x100000, 4096]]).replace('O_DIRECT', 'buffered')));
    for (let i = 0; i < 6; i++) disk.buffered(2048 + 16 * i, 16);
    // Of 64 KiB first, then as soon as a window's first page is read the next one.
    expect(disk.bounced.filter((size) => size === 1)).toHaveLength(5);
    expect(disk.bounced.filter((size) => size === 4096)).toHaveLength(16 + 4 * 32);
  });
});
