/**
 * The swarm: any layout, machine, workload and options, drawn from one seed, folded in batches of any size; all that
 * must hold of a machine (core/check/invariants.ts) is checked after every 31st batch and at the end of each run.
 *
 * VMSPLIT_SWARM=N folds N batches instead of 1,000, VMSPLIT_SEED draws others. What fails prints the line that
 * repeats just that run, checked after every batch.
 */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { batchOf } from '../core/event/batch.ts';
import { __GFP_HIGHMEM, GFP_KERNEL } from '../core/event/gfp.ts';
import {
  type Batch,
  bootMachine,
  buildCustomLayout,
  buildLayout,
  checkMachine,
  DEFAULT_MMU,
  fold,
  type Layout,
  type LayoutOptions,
  layoutNames,
  type Machine,
  type MachineOptions,
  type MmuOptions,
  parseLayoutFile,
  rebatch,
  THP_MODES,
  type ThpMode,
  UsageError,
} from '../core/index.ts';
import { type CounterName, countersOf } from '../core/outcome/counters.ts';
import { Prng } from '../workloads/engine/prng.ts';
import type { Workload } from '../workloads/engine/workload.ts';
import { WORKLOADS } from '../workloads/index.ts';
import { hugeEvents } from './generators/huge-events.ts';
import { anyMmu } from './generators/mmu-options.ts';
import { batchOfRows, randomEvents } from './generators/random-events.ts';
import { atDepth } from './support/depth.ts';
import { eventOf, type Step } from './support/rows.ts';

const BATCHES = Number(process.env.VMSPLIT_SWARM ?? atDepth({ quick: 500, full: 10_000, long: 100_000 }));
const SEED = Number(process.env.VMSPLIT_SEED ?? 1);
/** A number picks one run. */
const ONLY = process.env.VMSPLIT_SWARM_RUN;
const MOST_BATCHES_A_RUN = 100;
/** Checking takes longer than folding, and what is wrong once stays wrong. */
const BATCHES_A_CHECK = ONLY === undefined ? 31 : 1;
const KIB = 1n << 10n;
const MIB = 1n << 20n;
/** Page-table isolation is theirs. */
const X86 = ['textbook', 'linux-6.1'];

interface Run {
  readonly what: string;
  readonly machine: Machine;
  readonly events: Iterable<Batch>;
  readonly batchSize: number;
}

test(`${BATCHES} batches of random runs leave sound machines`, { timeout: 3_600_000 }, () => {
  if (ONLY !== undefined) checkRun(Number(ONLY), MOST_BATCHES_A_RUN);
  else for (let left = BATCHES, number = 0; left > 0; number++) left -= checkRun(number, left);
  if (ONLY === undefined && BATCHES >= 10_000)
    expect(MECHANISMS.filter((name) => !reached.has(name))).toEqual([]);
});

test.each([
  [5077, 103, 'a split of a huge page left it in the TLBs of an ARM'],
  [202, 182, 'compaction took free pages of CMA, and did not count them out'],
  [31, 53, 'reclaim for the pages of a slab took a slab of the same cache'],
])('seed %i, run %i: %s', (seed, number) => {
  checkRun(number, MOST_BATCHES_A_RUN, seed);
});

/** What must have happened somewhere in the swarm, by counter. */
const MECHANISMS = [
  ...([
    'pgstealKswapd',
    'pgstealDirect',
    'pgactivate',
    'pgdeactivate',
    'pswpin',
    'pswpout',
    'oomKills',
  ] as const),
  ...(['kptiSwitches', 'vmallocFaults', 'bouncedBytes', 'thpFaultAlloc', 'shootdowns'] as const),
];
const reached = new Set<CounterName>();

/** Folds one run to its end or `most` batches; returns how many it were. */
function checkRun(number: number, most: number, seed = SEED): number {
  const { what, machine: booted, events, batchSize } = drawRun(number, seed);
  let machine = booted;
  let batches = 0;
  const place = () => `${what}, batch ${batches - 1}; repeat with
      VMSPLIT_SEED=${seed} VMSPLIT_SWARM_RUN=${number} npx vitest run tests/swarm.test.ts\n`;
  for (const batch of rebatch(events, batchSize)) {
    if (batches === Math.min(most, MOST_BATCHES_A_RUN)) break;
    batches++;
    try {
      machine = fold(machine, batch).machine;
    } catch (error) {
      throw new Error(place(), { cause: error });
    }
    if (batches % BATCHES_A_CHECK === 0) expect(checkMachine(machine), place()).toEqual([]);
  }
  expect(checkMachine(machine), place()).toEqual([]);
  const counters = countersOf(machine.counters);
  for (const name of MECHANISMS) if (counters[name] > 0) reached.add(name);
  return Math.max(batches, 1);
}

interface LayoutToDraw {
  readonly name: string;
  readonly build: (options: LayoutOptions) => Layout;
}

/** Those that there are, and those of files: one of a board, and one whose segments are not flat. */
const LAYOUTS: readonly LayoutToDraw[] = [
  ...layoutNames().map(({ name }) => ({
    name,
    build: (options: LayoutOptions) => buildLayout(name, options),
  })),
  ...['board.json', 'segments.json'].map((name) => {
    const custom = parseLayoutFile(readFileSync(`tests/fixtures/layouts/${name}`, 'utf8'), name);
    return { name, build: (options: LayoutOptions) => buildCustomLayout(custom, options) };
  }),
];

function drawRun(number: number, seed: number): Run {
  const random = Prng.fromSeed(seed * 1_000_003 + number);
  const { name, build } = random.pick(LAYOUTS);
  const ramMib = random.pick([64, 96, 128]);
  const cpus = random.range(1, 4);
  const layout = build({ ramBytes: BigInt(ramMib) * MIB, cpus });
  const mmu = drawMmu(random, layout);
  const thp = random.pick(THP_MODES);
  const options = drawMachine(random, layout);
  const booted = bootMachine(layout, { ...options, mmu, thp });
  // Most runs on so little memory never use it up.
  const machine = options.reclaim !== undefined && random.chance(3, 4) ? crowded(random, booted) : booted;
  const batchSize = random.logUniform(1, 400);
  const source = random.chance(1, 3) ? nonsense(random, thp) : workload(random, cpus);
  const what = `${name}, ${ramMib} MiB, ${cpus} cpus, thp ${thp}, ${optionsText(options)}, ${source.what}`;
  return { what, machine, events: source.events, batchSize };
}

/** What the administrator may set; pageblocks of more than 4 MiB leave no room for CMA: reclaim and swap, bounce buffers, CMA, the limit of stacks, the order of mappings. */
function drawMachine(random: Prng, { physicalBase, arch }: Layout): MachineOptions {
  const swapBytes = random.pick([0n, 512n * KIB, 64n * MIB]);
  const reclaim = { swapBytes, swappiness: random.pick([0, 60, 200]) };
  const swiotlb = random.pick([undefined, false, nearPool(Number(physicalBase))] as const);
  return {
    ...(random.chance(1, 2) && { reclaim }),
    ...(swiotlb !== undefined && { swiotlb }),
    ...(arch.port.cma !== undefined &&
      arch.pageShift === 12 &&
      random.chance(1, 3) && { cma: { bytes: random.pick([0n, 4n, 16n]) * MIB } }),
    ...(random.chance(1, 4) && { legacyMmap: true }),
    ...(random.chance(1, 4) && {
      stackLimitBytes: random.pick(['unlimited', 64n * KIB, 1n << 30n] as const),
    }),
  };
}

/** Bounce buffers that an ISA device reaches, where memory begins at 0. */
function nearPool(physicalBase: number): NonNullable<MachineOptions['swiotlb']> {
  return { bytes: 2 ** 20, belowBytes: physicalBase + 16 * 2 ** 20 };
}

function optionsText(options: MachineOptions): string {
  return JSON.stringify(options, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value));
}

/** Most of memory in use by the kernel: all of it in blocks, and then some of those free again. */
function crowded(random: Prng, machine: Machine): Machine {
  const take = (i: number, gfp: number): Step => ({
    kind: 'page_alloc',
    object: CROWD + i,
    order: BLOCK_ORDER,
    gfp,
  });
  const nrBlocks = Math.ceil(machine.platform.layout.maxPfn / 2 ** BLOCK_ORDER);
  const taken = [GFP_KERNEL, GFP_KERNEL | __GFP_HIGHMEM].flatMap((gfp, half) =>
    Array.from({ length: nrBlocks }, (_, i) => take(half * nrBlocks + i, gfp)),
  );
  const full = fold(machine, batchOf(taken.map(eventOf))).machine;
  const left = random.logUniform(2, 60);
  const freed = Array.from({ length: left }, (_, i): Step => ({ kind: 'page_free', object: CROWD + 3 * i }));
  return fold(full, batchOf(freed.map(eventOf))).machine;
}

/** Objects of the crowd, far above those of workloads. */
const CROWD = 10_000_000;
const BLOCK_ORDER = 6;

/** The default, one with small TLBs, or any other. */
function drawMmu(random: Prng, layout: Layout): Partial<MmuOptions> {
  if (random.chance(1, 2)) return {};
  if (random.chance(1, 2)) {
    const kpti =
      layout.arch.translation.levels.length > 2 && X86.includes(layout.family) && random.chance(1, 2);
    return fc.sample(anyMmu({ kpti }), { seed: random.uint32() | 0, numRuns: 1 })[0]!;
  }
  const small = { sets: 2 ** random.below(4), ways: random.range(1, 4) };
  return { ...DEFAULT_MMU, l1i: small, l1d: small, l2: small, pcid: random.chance(1, 2) };
}

/** Events of which many cannot be done. */
/** With huge pages, half of it about mappings that may hold some. */
function nonsense(random: Prng, thp: ThpMode): Pick<Run, 'what' | 'events'> {
  const seed = random.uint32() | 0;
  const streams =
    thp === 'never'
      ? randomEvents(4000)
      : fc.tuple(hugeEvents(2000), randomEvents(2000)).map((parts) => parts.flat());
  const [rows] = fc.sample(streams, { seed, numRuns: 1 });
  return { what: `random events, seed ${seed}`, events: [batchOfRows(rows!)] };
}

function workload(random: Prng, cpus: number): Pick<Run, 'what' | 'events'> {
  const chosen = random.pick(WORKLOADS);
  const seed = random.uint32();
  const options = drawOptions(random, chosen, cpus);
  return {
    what: `${chosen.name}, seed ${seed}, ${JSON.stringify(options)}`,
    events: chosen.generate(seed, options, 20_000),
  };
}

/** A few options, up to four times larger or smaller than usual; none when they do not go together. */
function drawOptions(random: Prng, chosen: Workload, cpus: number): Record<string, number> {
  const options: Record<string, number> = {};
  for (const { name, min, max, default: usual, unit } of chosen.options) {
    if (name === 'cpus') options.cpus = Math.min(Math.max(cpus, min), max);
    else if (usual >= 1 && unit !== '' && random.chance(1, 4))
      options[name] = random.logUniform(
        Math.max(min, Math.ceil(usual / 4), 1),
        Math.max(1, Math.min(max, usual * 4)),
      );
  }
  try {
    chosen.generate(1, options, 1)[Symbol.iterator]().next();
    return options;
  } catch (error) {
    if (error instanceof UsageError) return { ...(options.cpus !== undefined && { cpus: options.cpus }) };
    throw error;
  }
}
