/** One replay for many TLBs: every result is that of a replay of its own, field by field. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nodeFiles } from '../../../replay/node/run-files.ts';
import { carryOut, type RunResult } from '../../../replay/run/carry-out.ts';
import { carryOutPass } from '../../../replay/run/carry-out-pass.ts';
import type { EventsSpec, RunSpec } from '../../../replay/spec/index.ts';
import { FULL } from '../../support/depth.ts';
import { temporaryFolder, vmsplit } from '../cli/vmsplit.ts';

/** Each number of sets and of ways comes up; all with all in the deeper run. */
const L2 = FULL
  ? [16, 64, 256].flatMap((sets) => [1, 4, 12].map((ways) => `l2=${sets}x${ways}`))
  : ['l2=16x12', 'l2=64x1', 'l2=256x4'];
const L1 = FULL
  ? [2, 16].flatMap((sets) => [1, 3, 4].map((ways) => `l1d=${sets}x${ways}`))
  : ['l1d=2x3', 'l1d=16x1', 'l1d=2x4'];
const MAKES = ['skylake', 'p6', 'replacement=fifo', 'replacement=random,seed=3', 'l2=none', 'pdeCache=none'];

const runsOf = (events: EventsSpec, layout: string, mmus: readonly string[], machine = {}): RunSpec[] =>
  mmus.map((mmu) => ({ events, machine: { ...machine, mmu }, lanes: [{ layout }] }));

/** Without what only the wall clock says. */
function exact(result: RunResult | undefined): unknown {
  return JSON.parse(
    JSON.stringify(result, (key, value: unknown) =>
      key === 'elapsedMs' || key === 'eventsPerSecond' ? undefined : value,
    ),
  );
}

async function expectEqual(runs: readonly RunSpec[]): Promise<void> {
  const passed = await carryOutPass(runs, nodeFiles);
  for (const [i, run] of runs.entries())
    expect(exact(passed[i]), run.machine.mmu!).toEqual(exact(await carryOut(run, nodeFiles)));
}

async function imported(fixture: string, ...options: string[]): Promise<EventsSpec> {
  const trace = join(temporaryFolder(), 'trace.vmt');
  await vmsplit(['import', `tests/fixtures/${fixture}`, '-o', trace, ...options].join(' '));
  return { trace };
}

describe('equal to its own replay', () => {
  const others: [string, string, string[]][] = [
    ['kvstore', 'linux-x86_64', [...L1, ...MAKES]],
    ['netrx', 'linux-arm64-48', L2],
  ];
  it.each<[string, string, string[]]>([
    ['prefork', 'linux-3g1g', [...L2, ...L1]],
    ['drivers', '3g1g', [...L2, ...MAKES]],
    ...(FULL ? others : []),
  ])('%s under %s', async (workload, layout, mmus) => {
    await expectEqual(runsOf({ workload, events: 4000 }, layout, mmus));
  });

  it('with isolation, huge pages and fault-around', async () => {
    const events = { workload: 'kvstore', events: 3000 };
    const isolated = [...L2, ...L1].map((mmu) => `${mmu},kpti=on`);
    await expectEqual(runsOf(events, 'linux-x86_64', isolated, { thp: 'always' }));
  });

  it('of a program, at each of its references', async () => {
    const events = await imported('lackey/true.lackey.gz');
    await expectEqual(runsOf(events, 'linux-3g1g', [...L2.slice(0, 4), ...L1.slice(0, 3), 'p6']));
  });

  it('of a program and its mappings', async () => {
    const events = await imported('userspace/true');
    await expectEqual(runsOf(events, 'linux-x86_64', [...L2.slice(0, 4), 'skylake']));
  });
});

describe('no part of a pass', () => {
  it('are TLBs of a machine that reclaims: it looks at accessed bits, which only walks set', async () => {
    const runs = runsOf({ workload: 'drivers', events: 500 }, 'linux-3g1g', L2.slice(0, 2), {
      reclaim: true,
    });
    const [own, other] = await carryOutPass(runs, nodeFiles);
    expect(exact(own)).toEqual(exact(await carryOut(runs[0]!, nodeFiles)));
    expect(other).toBeUndefined();
  });

  it('is what comes after it was broken off', async () => {
    const interruption = new AbortController();
    const { signal } = interruption;
    const runs = runsOf({ workload: 'drivers', events: 50_000 }, 'linux-3g1g', L2.slice(0, 2));
    const onProgress = (): void => interruption.abort();
    const results = await carryOutPass(runs, nodeFiles, { signal, onProgress });
    for (const result of results) {
      expect(result).toMatchObject({ complete: false });
      expect(result!.events).toBeLessThan(50_000);
    }
  });
});
