/** Requests that failed where they were recorded, from a kernel's trace to what each command says of them. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder, vmsplit } from './vmsplit.ts';

/** 28 areas of 4 MiB, then 14 of 8 MiB that failed. */
const RECORDED = 'tests/fixtures/cases/ftrace-vmalloc-failed.txt';

async function imported(): Promise<string> {
  const file = join(temporaryFolder(), 'board.vmt');
  await vmsplit(`import ${RECORDED} -o ${file}`);
  return file;
}

it('info counts them, stats names their kind', async () => {
  const file = await imported();
  expect((await vmsplit(`info ${file}`)).out).toMatch(/^failed +14 requests where they were recorded$/m);
  expect((await vmsplit(`stats ${file}`)).out).toMatch(/^vm_area\n.*\n.*\n +failed where recorded +14$/m);
});

it('diff tells where they would have succeeded', async () => {
  const { out, code } = await vmsplit(`diff ${await imported()} --layouts linux-3g1g,linux-2g2g --ram 1G`);
  expect(code).toBe(1);
  expect(out).toMatch(
    /^requests that failed where they were recorded\n +succeed here +- +14\n +fail here too +14 +-$/m,
  );
  expect(out).toContain('(and 13 more like it), refused where recorded\n');
});

it('events lists those that would have succeeded, and nothing of them is left at the end', async () => {
  const file = await imported();
  const count = async (layout: string, outcome: string): Promise<number> => {
    const { out } = await vmsplit(
      `events ${file} --layout ${layout} --ram 1G --kind refused --outcome ${outcome}`,
    );
    return out.split('\n').filter((line) => line.includes('refused(')).length;
  };
  expect([await count('linux-3g1g', 'ok'), await count('linux-3g1g', 'refused-too')]).toEqual([0, 14]);
  expect([await count('linux-2g2g', 'ok'), await count('linux-2g2g', 'refused-too')]).toEqual([14, 0]);
  const { out } = await vmsplit(`at ${file} vmallocinfo --layout linux-2g2g --ram 1G`);
  const held = out.split('\n').filter((line) => line.includes('object_'));
  expect(held).toHaveLength(28);
});
