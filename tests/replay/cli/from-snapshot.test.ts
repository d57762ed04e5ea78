/** --from-snapshot: a replay begins with the free blocks of the kernel that the trace was recorded on. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parsePagetypeinfo, parseZoneinfo } from '../../../traces/index.ts';
import { temporaryFolder, vmsplit } from './vmsplit.ts';

const CAPTURE = join(import.meta.dirname, '../../fixtures/kernel/oddcomm');
const MACHINE = '--layout linux-x86_64 --ram 24G --from-snapshot';

async function imported(): Promise<string> {
  const file = join(temporaryFolder(), 'oddcomm.vmt');
  await vmsplit(`import ${join(CAPTURE, 'trace.txt.gz')} -o ${file} --snapshot ${CAPTURE}`);
  return file;
}

describe('--from-snapshot', () => {
  it('begins with as many blocks of each order and type as /proc/pagetypeinfo counted', async () => {
    const { out } = await vmsplit(`at ${await imported()} pagetypeinfo --event 0 ${MACHINE}`);
    const theirs = parsePagetypeinfo(readFileSync(join(CAPTURE, 'pagetypeinfo.before'), 'utf8')).free;
    const ours = parsePagetypeinfo(out).free;
    expect(ours.length).toBeGreaterThan(8);
    for (const row of ours)
      expect(theirs).toContainEqual(expect.objectContaining({ ...row, freeBlocks: row.freeBlocks }));
  });

  it('replays, and the line that reproduces it says so', async () => {
    const { code, out } = await vmsplit(`replay ${await imported()} ${MACHINE}`);
    expect(code).toBe(0);
    expect(out).toMatch(/reproduce: vmsplit replay \S+ --layout linux-x86_64 --ram 24G --from-snapshot\n/);
  });

  it('starts the machine that the snapshot was taken on, unless told how much RAM there is', async () => {
    const { out } = await vmsplit(
      `at ${await imported()} zoneinfo --event 0 --layout linux-x86_64 --from-snapshot`,
    );
    const theirs = parseZoneinfo(readFileSync(join(CAPTURE, 'zoneinfo.before'), 'utf8'));
    for (const { zone, ...ours } of parseZoneinfo(out).filter(({ present }) => present > 0)) {
      const { spanned, present, managed, min, low, high, startPfn } = theirs.find(
        (one) => one.zone === zone,
      )!;
      expect(ours).toMatchObject({ spanned, present, managed, min, low, high, startPfn });
    }
  });

  it('needs a trace with a snapshot, and enough RAM for it', async () => {
    const other = join(temporaryFolder(), 'other.vmt');
    await vmsplit(`record drivers --events 10 -o ${other}`);
    expect(await vmsplit(`replay ${other} --from-snapshot`)).toMatchObject({
      code: 2,
      err: expect.stringMatching(
        /found no snapshot, expected one for --from-snapshot; import the trace with/,
      ),
    });
    expect(
      await vmsplit(`replay ${await imported()} --layout linux-x86_64 --ram 1G --from-snapshot`),
    ).toMatchObject({
      code: 2,
      err: expect.stringMatching(/zone DMA32 of \d+ MiB has no room for all free blocks of the snapshot/),
    });
  });
});
