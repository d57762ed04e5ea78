/** quiz: questions in a pipe, with and without their solutions, as JSON, and asked at a terminal. */
import { describe, expect, it } from 'vitest';
import { Interrupted } from '../../../replay/cli/terminal/failure.ts';
import { json, vmsplit } from './vmsplit.ts';

interface TestedPart {
  readonly id: string;
  readonly expected?: string;
}
interface TestedQuestion {
  readonly kind: string;
  readonly parts: readonly TestedPart[];
  readonly steps?: readonly string[];
}

const questionsOf = (found: Record<string, unknown>) => found.questions as TestedQuestion[];

describe('in a pipe', () => {
  it('prints questions only, with the seed', async () => {
    const { code, out, err } = await vmsplit('quiz --kind buddy --layout ostep --seed 7');
    expect([code, err]).toEqual([0, '']);
    expect(out).toBe(`1. Splits and merges of the buddy allocator (buddy 7.1)
    On ostep with 4.0 KiB of RAM.
    Free blocks of zone Normal, each by the number of its first frame. The first of a list is taken first, and what is freed or left of a split becomes the first.

    order  free blocks
    0      none
    1      none
    2      none
    3      0x70 0x28
    4      0x60
    5      0x40

    step  what is done
    1     a = alloc_pages, order 0
    2     b = alloc_pages, order 1
    3     c = alloc_pages, order 0
    4     free c
    5     free a

   a) the first frame of the block that step 1 gives
   b) the first frame of the block that step 2 gives
   c) the first frame of the block that step 3 gives
   d) the order of the free block that step 4 ends in
   e) the order of the free block that step 5 ends in
   f) the free blocks of order 1 in the end
   g) the free blocks of order 2 in the end
   h) the free blocks of order 3 in the end

seed 7; reproduce: vmsplit quiz --kind buddy --layout ostep --ram 4K --seed 7 (with -c: the solutions)
`);
  });

  it('with -c tells the solutions of the same questions', async () => {
    const [asked, solved] = [await vmsplit('quiz --seed 4'), await vmsplit('quiz --seed 4 -c')];
    const lines = (text: string) =>
      text
        .split('\n')
        .slice(0, -3)
        .filter((line) => line !== '');
    expect(lines(solved.out)).toEqual(expect.arrayContaining(lines(asked.out)));
    expect(asked.out).not.toContain('Solution');
    expect(solved.out.match(/^ {3}Solution$/gm)).toHaveLength(7);
    expect(solved.out).toMatch(/\nseed 4; reproduce: vmsplit quiz --seed 4 -c\n$/);
  });

  it('as JSON, where without -c nothing tells the answers', async () => {
    const asked = json(await vmsplit('quiz --seed 2 --json'));
    expect(Object.keys(asked)).toEqual(['seed', 'questions', 'leftOut', 'reproduce']);
    for (const { parts, steps } of questionsOf(asked)) {
      expect(steps).toBeUndefined();
      for (const part of parts) expect(Object.keys(part)).toEqual(['id', 'ask', 'answer']);
    }
    const solved = questionsOf(json(await vmsplit('quiz --seed 2 --json -c')));
    expect(solved.flatMap(({ parts }) => parts).every(({ expected }) => expected !== undefined)).toBe(true);
  });

  it('about one machine, with options of its own; kinds that it does not suit are named', async () => {
    const { code, out, err } = await vmsplit('quiz --layout linux-3g1g:vmalloc=256M --ram 512M');
    expect([code, err]).toEqual([0, 'kmap is left out: it has no high memory, and so no use for kmap()\n']);
    expect(out.match(/On linux-3g1g:vmalloc=256M with 512\.0 MiB of RAM\./g)).toHaveLength(6);
    expect(out).toContain('reproduce: vmsplit quiz --layout linux-3g1g:vmalloc=256M --ram 512M --seed 1');
  });

  it.each([
    ['--ram 1G', 'vmsplit: quiz: found --ram without a layout'],
    ['--kind tbl', 'Allowed choices are classify'],
    ['--layout ostep --kind kmap', 'vmsplit: quiz: found no question for ostep: kmap: it has no high memory'],
    ['--layout linux-3g1g,linux-2g2g', 'vmsplit: quiz: found 2 layouts'],
    ['--layout linux-3g1h', "vmsplit: unknown layout 'linux-3g1h'"],
  ])('refuses %s', async (words, message) => {
    const { code, err } = await vmsplit(`quiz ${words}`);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });
});

describe('at a terminal', () => {
  const LINE = 'quiz --kind tlb --layout ostep --seed 3';
  const sit = (typed: string) =>
    vmsplit(LINE, { stdin: Buffer.from(typed), terminal: ['stdin', 'stdout'], env: { NO_COLOR: '1' } });

  it('tells right from wrong, with the reason; the first try counts', async () => {
    const [{ parts }] = questionsOf(json(await vmsplit(`${LINE} --json -c`))) as [TestedQuestion];
    const [stream, hits, held] = parts.map(({ expected }) => expected!);
    const { code, out } = await sit(`${stream}\n1000\n${hits}\n?\n${held}\n`);
    expect(code).toBe(0);
    expect(out).toContain('right: the steps tell of each');
    expect(out).toContain('not so; try again, or press Enter for the answer');
    expect(out).toContain('Expected: numbers in hexadecimal');
    expect(out).toContain('Solution');
    expect(out).toContain('2 of 3 right at the first try');
  });

  it('asks again for what is no answer, and tells the answer to who gives up', async () => {
    const { out } = await sit('perhaps\n\n\n\n');
    expect(out).toContain('expected hit or miss for each, of which the first letters are enough');
    expect(out).toContain('0 of 3 right at the first try');
  });

  it('ends with Ctrl-C', async () => {
    const signal = AbortSignal.abort(new Interrupted(130));
    const { code, err } = await vmsplit(LINE, { terminal: ['stdin', 'stdout'], signal });
    expect([code, err]).toEqual([130, 'vmsplit: interrupted\n']);
  });

  it('ends where the typing ends', async () => {
    const { code, out } = await sit('');
    expect(code).toBe(0);
    expect(out).toMatch(
      /0 of 0 right at the first try\n\nseed 3; reproduce: vmsplit quiz --kind tlb --layout ostep/,
    );
  });
});
