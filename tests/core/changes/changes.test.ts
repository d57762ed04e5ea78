/** What one event changed, in words: a machine is told one thing at a time, and says what became of it. */
import { describe, expect, test } from 'vitest';
import { UsageError } from '../../../core/base/errors.ts';
import { changes } from '../../../core/changes/changes.ts';
import { batchOf } from '../../../core/event/batch.ts';
import { GFP_KERNEL } from '../../../core/event/gfp.ts';
import type { MemoryEvent } from '../../../core/event/kinds.ts';
import { PROT_READ, PROT_WRITE } from '../../../core/event/mmap-flags.ts';
import { stateDigest } from '../../../core/machine/digest.ts';
import { machineOf } from '../../support/rows.ts';

const PAGE = 4096;
const RW = PROT_READ | PROT_WRITE;
const on = { cpu: 0, thinkNs: 0 };

const STORY: readonly MemoryEvent[] = [
  { kind: 'spawn', ...on, pid: 1 },
  { kind: 'switch', ...on, pid: 1 },
  { kind: 'mmap', ...on, object: 5, length: 16 * PAGE, flags: RW, file: 0 },
  { kind: 'access', ...on, object: 5, offset: 0, size: 4, mode: 0 },
  { kind: 'access', ...on, object: 5, offset: 0, size: 4, mode: 1 },
  { kind: 'munmap', ...on, object: 5, offset: 4 * PAGE, length: 2 * PAGE },
  { kind: 'mprotect', ...on, object: 5, offset: 0, length: 4 * PAGE, prot: PROT_READ },
  { kind: 'kmalloc', ...on, object: 9, size: 100, gfp: GFP_KERNEL },
  { kind: 'vmalloc', ...on, object: 11, size: 5 * PAGE },
  { kind: 'vfree', ...on, object: 11 },
  { kind: 'kmalloc', ...on, object: 5, size: 100, gfp: GFP_KERNEL },
  { kind: 'exit', ...on },
];

const MACHINE = machineOf('linux-3g1g', 64, {}, { reclaim: {} });
const BATCH = batchOf(STORY);

function words(kind: MemoryEvent['kind'], occurrence = 0): readonly string[] {
  const places = STORY.map((event, at) => (event.kind === kind ? at : -1)).filter((at) => at >= 0);
  return changes(MACHINE, BATCH, places[occurrence]!).words;
}

describe('what one event changed', () => {
  test.each<[what: string, told: readonly string[], sentences: readonly RegExp[]]>([
    [
      'a process brings its address space, a kernel stack and a root table',
      words('spawn'),
      [
        /^address space 1 comes into being$/,
        /^process 1 comes into being$/,
        /^frames \d+ to \d+ taken: kernel stack of process 1$/,
        /^frame \d+ taken: page table$/,
        /^zone Normal: free blocks of order 3: \d+ → \d+$/,
        /^address space 1: page table of level 0 for pages from 0 is made$/,
      ],
    ],
    [
      'mmap makes a VMA and takes no memory',
      words('mmap'),
      [
        /^address space 1: VMA b7ff0-b8000 maps object 5$/,
        /^object 5 comes into being at page b7ff0: 65536 bytes$/,
      ],
    ],
    [
      'a first read maps the zero page, and takes a page table',
      words('access'),
      [
        /^frame \d+ taken: page table$/,
        /^zone Normal: free blocks/,
        /^address space 1: page table of level 1 for pages from b7c00 is made$/,
        /^address space 1: page b7ff0: not mapped → frame \d+ \(read-only, accessed\)$/,
        /^TLBs of cpu 0: \d+ entries filled, 0 dropped$/,
      ],
    ],
    [
      'a first store takes a page of its own',
      words('access', 1),
      [
        /^frame \d+ taken: anonymous$/,
        /^zone Normal: free blocks/,
        /^1 page: no LRU list → inactive anonymous$/,
        /^address space 1: page b7ff0: frame \d+ \(read-only, accessed\) → frame \d+ \(writable, accessed, dirty\)$/,
      ],
    ],
    [
      'munmap in the middle splits the VMA',
      words('munmap'),
      [/^address space 1: VMA b7ff0-b8000 of object 5 is split into b7ff0-b7ff4 and b7ff6-b8000$/],
    ],
    [
      'mprotect of a whole VMA changes its rights, and those of its entries',
      words('mprotect'),
      [
        /^address space 1: VMA b7ff0-b7ff4 of object 5 has other rights or flags$/,
        /page b7ff0: frame \d+ \(writable, accessed, dirty\) → frame \d+ \(read-only, accessed, dirty\)$/,
        /^TLBs of cpu 0: 0 entries filled, \d+ dropped$/,
      ],
    ],
    [
      'kmalloc makes a slab if it needs one',
      words('kmalloc'),
      [
        /^object 9 comes into being at page c\w+: 128 bytes$/,
        /^frame \d+ taken: slab of kmalloc-128$/,
        /^zone Normal: free blocks/,
        /^slab \d+ of kmalloc-128 is made: 32 objects$/,
      ],
    ],
    [
      'vmalloc maps frames wherever they are, in one window',
      words('vmalloc'),
      [
        /^object 11 comes into being/,
        /^frames? \d+.* taken: vmalloc, object 11$/,
        /^kernel: page table of level 1 /,
        /^kernel: pages c\w+ to c\w+: not mapped → from frame \d+ \(writable, accessed, dirty\)$/,
        /^vmalloc window, free: 239646 pages in one piece → 239640 pages in one piece$/,
      ],
    ],
    [
      'vfree leaves the area unpurged',
      words('vfree'),
      [
        /^object 11 is gone$/,
        /given back: vmalloc, object 11$/,
        /^vmalloc window, freed but not purged: nothing → 6 pages in one piece$/,
      ],
    ],
    ['an event that fails changes nothing', words('kmalloc', 1), []],
    [
      'exit gives everything back',
      words('exit'),
      [
        /^address space 1 is gone$/,
        /^process 1 is gone$/,
        /given back: kernel stack of process 1$/,
        /^1 page: inactive anonymous → no LRU list$/,
        /^address space 1: page table of level 1 for pages from b7c00 is freed$/,
      ],
    ],
  ])('%s', (_what, told, sentences) => {
    for (const sentence of sentences) expect(told).toContainEqual(expect.stringMatching(sentence));
    if (sentences.length === 0) expect(told).toEqual([]);
  });

  test('patches name the field, the VMA, the process: never the whole record', () => {
    const { records } = changes(MACHINE, BATCH, 6);
    expect(records.map(({ op, path }) => [op, ...path])).toEqual([
      ['replace', 'mms', '1', 'vmas', 0, 'prot'],
    ]);
  });

  test('tables tell every cell that is not as it was', () => {
    const { tables, before, after } = changes(MACHINE, BATCH, 4);
    for (const { table, cells } of tables) {
      for (const cell of cells) {
        const [from, to] = [before[table], after[table]] as { get(row: number, field: number): number }[];
        expect(from!.get(cell.row, cell.field)).toBe(cell.before);
        expect(to!.get(cell.row, cell.field)).toBe(cell.after);
      }
    }
    expect(tables.map(({ table }) => table)).toEqual(['cpus', 'frames', 'lru', 'ptes', 'usage']);
  });

  test('the machine that is asked about stays as it was', () => {
    const digest = stateDigest(MACHINE);
    changes(MACHINE, BATCH, STORY.length - 1);
    expect(stateDigest(MACHINE)).toBe(digest);
  });

  test.each([-1, 0.5, STORY.length])('event %d is refused', (at) => {
    expect(() => changes(MACHINE, BATCH, at)).toThrow(UsageError);
    expect(() => changes(MACHINE, BATCH, at)).toThrow(`found no event ${at} in the batch, expected 0 to 11`);
  });
});
