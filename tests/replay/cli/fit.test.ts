/** fit: what each try prints, the answer, exit codes and JSON. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { json, temporaryFolder, vmsplit } from './vmsplit.ts';

/** 28 areas of 4 MiB, then 14 of 8 MiB that failed where they were recorded. */
const RECORDED = 'tests/fixtures/cases/ftrace-vmalloc-failed.txt';

async function board(): Promise<string> {
  const file = join(temporaryFolder(), 'board.vmt');
  await vmsplit(`import ${RECORDED} -o ${file}`);
  return file;
}

describe('fit', () => {
  it('finds the smallest vmalloc=, and the line that it prints replays it', async () => {
    const { code, out } = await vmsplit(`fit ${await board()} --vary vmalloc`);
    expect(code).toBe(0);
    const lines = out.trimEnd().split('\n');
    expect(lines[0]).toMatch(
      /^120M {5}fails at event 30: vm_area\(object 29, 8\.0 MiB, .*\): vmalloc-space$/,
    );
    expect(lines[1]).toMatch(/^240M {5}fits: nothing fails in 72 events$/);
    const [, answer] = /^answer {2}vmalloc=(\d+)M: /m.exec(out)!;
    const replay = /^try it {2}vmsplit (.*)$/m.exec(out)![1]!;
    expect(replay).toContain(`--layout linux-3g1g:vmalloc=${answer}M --ram 1G`);
    expect((await vmsplit(`${replay} --fail-on failure`)).code).toBe(0);
    const below = replay.replace(`vmalloc=${answer}M`, `vmalloc=${Number(answer) - 4}M`);
    expect((await vmsplit(`${below} --fail-on failure`)).code).toBe(1);
    expect(lines.at(-1)).toMatch(/^reproduce: vmsplit fit .* --vary vmalloc --layout linux-3g1g --ram 1G$/);
  });

  it('finds the amount of RAM, in steps of its own, as JSON', async () => {
    const line =
      'fit workload:highmem --events 14000 --vary ram --step 4M --around 1 --layout linux-3g1g --json';
    const result = json(await vmsplit(line)) as Record<string, never> & {
      answer: { bytes: number };
      tries: { bytes: number; verdict: string }[];
    };
    const { answer, tries } = result;
    expect(result).toMatchObject({ vary: 'ram', stepBytes: 4 * 2 ** 20, complete: true, failsAbove: [] });
    const verdictOf = (bytes: number) => tries.find((tried) => tried.bytes === bytes)?.verdict;
    expect([-1, 0, 1].map((steps) => verdictOf(answer.bytes + steps * 4 * 2 ** 20))).toEqual([
      'fails',
      'fits',
      'fits',
    ]);
    expect(result.command).toMatch(/^vmsplit replay workload:highmem .* --layout linux-3g1g:ram=\d+M$/);
  });

  it('does not replay a size that makes the same machine as another, and tells it under its own name', async () => {
    // ARM takes 16 MiB at least.
    const { out } = await vmsplit(`fit ${await board()} --vary vmalloc --layout linux-arm-3g1g --ram 512M`);
    expect(out).toMatch(/^8M {7}fits: nothing fails in 72 events \(the same machine as with 12M\)$/m);
    expect(out).toMatch(/^answer {2}vmalloc=4M: the smallest of 9 values tried that fits$/m);
  });

  it('tries layouts, those of --layouts if there are several; exit code 1 where none fits', async () => {
    const file = await board();
    expect((await vmsplit(`fit ${file} --vary layout`)).out).toMatch(/^answer {2}layout linux-3g1g-opt: /m);
    const none = await vmsplit(`fit ${file} --vary layout --layouts linux-3g1g,linux-3g1g-pae`);
    expect([none.code, none.out]).toEqual([
      1,
      expect.stringMatching(/^answer {2}none: under all 2 values of layout/m),
    ]);
    expect((await vmsplit(`fit ${file} --vary layout --layouts linux-3g1g,3g1g --fail-on never`)).code).toBe(
      0,
    );
  });

  it('of a trace that is cut tells so, with exit code 1', async () => {
    const cut = join(temporaryFolder(), 'cut.vmt');
    const whole = readFileSync(await board());
    writeFileSync(cut, whole.subarray(0, whole.length - 30));
    const { code, err } = await vmsplit(`fit ${cut} --vary layout`);
    expect([code, err]).toEqual([
      1,
      expect.stringContaining('incomplete: the answer is of what there is of it'),
    ]);
  });

  it.each([
    ['fit - --vary ram', 'found events from a pipe, expected a file'],
    ['fit workload:drivers', "required option '--vary <what>' not specified"],
    [
      'fit workload:drivers --vary vmalloc --layout linux-x86_64',
      'has no effect: the vmalloc area of this layout is a constant',
    ],
    ['fit workload:drivers --vary ram --layouts linux-3g1g,linux-2g2g', 'expected one'],
    [
      'fit workload:drivers --vary ram --memory-map tests/fixtures/memory-map/i386-3g-pae_4096.dmesg.gz --layout linux-3g1g-pae',
      'found a memory map',
    ],
  ])('%s is wrong use', async (line, message) => {
    const { code, err } = await vmsplit(line);
    expect([code, err.replaceAll(/\s+/g, ' ')]).toEqual([2, expect.stringContaining(message)]);
  });
});

it('tells failures that are not monotone, with the value from which on nothing tried fails', async () => {
  const { out } = await vmsplit(
    `fit ${await board()} --vary layout --layouts linux-2g2g,linux-3g1g,linux-1g3g`,
  );
  expect(out).toMatch(/^answer {2}layout linux-2g2g: /m);
  expect(out).toMatch(
    /^beware {2}larger values fail again: linux-3g1g; from layout linux-1g3g on nothing that was tried fails$/m,
  );
});
