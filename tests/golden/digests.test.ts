/**
 * What every workload comes to under every layout: maybe wrong, but it must not change silently.
 *
 * Each is a short run of a fixed seed. When a change is meant, write the file anew with
 * `VMSPLIT_UPDATE=1 npx vitest run tests/golden` and say in the commit what changed and why.
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildLayout } from '../../core/layout/catalog/index.ts';
import { countersOf } from '../../core/outcome/counters.ts';
import { CPU } from '../../core/state/cpus.ts';
import { RESULTS_VERSION } from '../../replay/run/results-version.ts';
import { WORKLOADS } from '../../workloads/index.ts';
import { FULL } from '../support/depth.ts';
import { DISTINCT_LAYOUTS } from '../support/distinct-layouts.ts';
import { replay } from '../support/laws.ts';
import { machineOf } from '../support/rows.ts';

const FILE = join(import.meta.dirname, 'digests.json');
const SEED = 1;
const EVENTS = 25_000;
/** So little that it runs out, and enough for high memory where there is any. */
const LITTLE_MIB = 128;
const PLENTY_MIB = 1024;

const runs = WORKLOADS.flatMap((workload, i) => {
  const events = [...workload.generate(SEED, {}, EVENTS)];
  return DISTINCT_LAYOUTS.flatMap(({ name: layout }) => ramsOf(layout).map((mib) => ({ layout, mib }))).map(
    ({ layout, mib }, machine) => ({
      ...{ key: `${workload.name} ${layout} ${mib}M`, layout, mib, events },
      // Every workload, and every machine once.
      isQuick: (i + machine) % WORKLOADS.length === 0,
    }),
  );
});

function ramsOf(layout: string): number[] {
  const { highstartPfn } = buildLayout(layout, { ramBytes: BigInt(PLENTY_MIB) << 20n });
  return highstartPfn === undefined ? [LITTLE_MIB] : [PLENTY_MIB, LITTLE_MIB];
}

/** The digest says whether anything changed; the figures behind it, what kind of thing. */
function goldenOf({ layout, mib, events }: (typeof runs)[number]): string {
  const { machine, outcomes } = replay(machineOf(layout, mib, { cpus: 2 }), events, 4096);
  const counters = countersOf(machine.counters);
  const { failures, walks, pageTablePagesPeak, demandZeroFaults, zeroPageFaults } = counters;
  const { copyOnWriteFaults, fileMinorFaults, fileMajorFaults } = counters;
  const faults = demandZeroFaults + zeroPageFaults + copyOnWriteFaults + fileMinorFaults + fileMajorFaults;
  const clockNs = Math.max(machine.cpus.get(0, CPU.clockNs), machine.cpus.get(1, CPU.clockNs));
  const figures = Object.entries({ failures, walks, faults, pageTablePagesPeak, clockNs });
  return [outcomes, ...figures.map(([name, value]) => `${name}=${value}`)].join(' ');
}

if (process.env.VMSPLIT_UPDATE === '1') {
  const entries = runs.map((run) => [run.key, goldenOf(run)]);
  writeFileSync(FILE, `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`);
}

const golden = JSON.parse(readFileSync(FILE, 'utf8')) as Record<string, string>;

test.each(runs.filter(({ isQuick }) => FULL || isQuick))('$key', (run) => {
  expect(goldenOf(run)).toBe(golden[run.key]);
});

test('there is no run in the file that is not made any more', () => {
  expect(Object.keys(golden)).toEqual(runs.map(({ key }) => key));
});

/** When it fails: raise RESULTS_VERSION by one, and write here what it says; else sweeps go on with results of before. */
test('the version of results was raised with the last change of them', () => {
  const sha256 = createHash('sha256').update(readFileSync(FILE)).digest('hex');
  expect([RESULTS_VERSION, sha256.slice(0, 16)]).toEqual([9, '4fa7d57b67691ffe']);
});
