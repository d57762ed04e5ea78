#!/usr/bin/env node
/**
 * One pass for 64 makes of TLBs against one replay, in cpu time of this process, alternating: the ratio is what counts
 * (SCALE.md).
 *
 *     node dist/bench/sweep/run.js TRACE... [--layout linux-x86_64] [--rounds 5]
 */
import { parseArgs } from 'node:util';
import { nodeFiles } from '../../replay/node/run-files.ts';
import { carryOut } from '../../replay/run/carry-out.ts';
import { carryOutPass } from '../../replay/run/carry-out-pass.ts';
import type { RunSpec } from '../../replay/spec/index.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    layout: { type: 'string', default: 'linux-x86_64' },
    rounds: { type: 'string', default: '5' },
  },
});

const SIZES = [16, 32, 64, 128, 256, 512, 1024, 2048].flatMap((sets) =>
  [2, 4, 6, 8, 10, 12, 14, 16].map((ways) => `${sets}x${ways}`),
);
/** What is varied: all sizes of the second level, then of the first one for data. */
const LEVELS = ['l2', 'l1d'];

for (const trace of positionals) for (const level of LEVELS) await compare(trace, level);

async function compare(trace: string, level: string): Promise<void> {
  const runs = SIZES.map(
    (size): RunSpec => ({
      events: { trace },
      machine: { mmu: `${level}=${size}` },
      lanes: [{ layout: values.layout }],
    }),
  );
  const [replays, passes]: [number[], number[]] = [[], []];
  let references = 0;
  for (let round = 0; round <= Number(values.rounds); round++) {
    const replay = await cpuSeconds(async () => {
      const { layouts } = await carryOut(runs[0]!, nodeFiles);
      references = layouts[0]!.references.total;
    });
    const pass = await cpuSeconds(async () => void (await carryOutPass(runs, nodeFiles)));
    // The first one is compiled meanwhile.
    if (round === 0) continue;
    replays.push(replay);
    passes.push(pass);
  }
  const [replay, pass] = [median(replays), median(passes)];
  const ratio = median(passes.map((seconds, i) => seconds / replays[i]!));
  console.log(
    `${trace} ${level}: ${runs.length} makes in ${ratio.toFixed(2)} times one replay of ${(1000 * replay).toFixed(0)} ms, ` +
      `${((references * runs.length) / pass / 1e9).toFixed(2)} G references x makes/s`,
  );
}

async function cpuSeconds(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)]!;
}
