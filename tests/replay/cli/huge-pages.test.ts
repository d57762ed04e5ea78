/** Settings of huge pages on the command line: what khugepaged makes of a real program. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder, vmsplit } from './vmsplit.ts';

async function imported(): Promise<string> {
  const trace = join(temporaryFolder(), 'hugepage.vmt');
  await vmsplit(`import tests/fixtures/userspace/hugepage -o ${trace}`);
  return trace;
}

const FIGURES = '--format csv --figures faults,thpFaultAlloc,thpPagesCollapsed';

it('are varied like other options, and counted', async () => {
  const vary = '--vary max-ptes-none=0,64,511 --vary scan-sleep-millisecs=1,10000';
  const { out } = await vmsplit(
    `sweep ${await imported()} --layout linux-x86_64 --thp always ${vary} ${FIGURES} --jobs 1`,
  );
  const rows = out.trim().split('\n').slice(1);
  expect(rows.map((row) => row.split(',').slice(0, 5).map(Number))).toEqual([
    [0, 1, 100, 11, 0],
    [0, 10_000, 100, 11, 0],
    [64, 1, 100, 11, 2],
    [64, 10_000, 100, 11, 0],
    [511, 1, 100, 11, 3],
    [511, 10_000, 100, 11, 0],
  ]);
});

it('are told with the rest of what a replay came to', async () => {
  const { out } = await vmsplit(
    `replay ${await imported()} --layout linux-x86_64 --thp always --scan-sleep-millisecs 1`,
  );
  expect(out).toMatch(/huge pages\n +given by page faults +11\n +made by khugepaged +3\n/);
});

it('are refused in the words of the kernel where they are out of a huge page', async () => {
  const { code, err } = await vmsplit(
    `replay ${await imported()} --layout linux-x86_64 --thp always --max-ptes-none 512`,
  );
  expect(code).toBe(2);
  expect(err).toMatch(/khugepaged\/max_ptes_none 512: expected a whole number from 0 to 511/);
});
