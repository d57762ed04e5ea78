/** `vmsplit sweep`: the same events on every combination of values, each a replay; results as a table. */
import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { Command, InvalidArgumentError, Option } from 'commander';
import { UsageError } from '../../../core/index.ts';
import { fileDigest } from '../../node/file-digest.ts';
import { SweepFolder } from '../../node/sweep-folder.ts';
import { carryOut } from '../../run/carry-out.ts';
import { pauseFor } from '../../source/breath.ts';
import {
  eventsArguments,
  givenOptions,
  machineArguments,
  type RunSpec,
  reproduceLine,
} from '../../spec/index.ts';
import {
  figuresNamed,
  identityOf,
  isImpossible,
  planSweep,
  SWEEP_FIGURES,
  type SweepFigure,
  type SweepFiles,
  type SweepPlan,
} from '../../sweep/index.ts';
import { runFiles } from '../files/run-files.ts';
import { addFailOnOption, type FailOnArguments, failOnArguments } from '../options/fail-on.ts';
import { addFleetOptions, FLEET_HELP, type FleetArguments } from '../options/fleet-options.ts';
import {
  addLanesOption,
  addMachineOptions,
  type LayoutArguments,
  machinesOf,
} from '../options/machine-options.ts';
import { collect, MOST_JOBS, wholeNumber } from '../options/values.ts';
import {
  addWorkloadOptions,
  EVENTS_ARGUMENT,
  eventsOf,
  type WorkloadArguments,
} from '../options/workload-options.ts';
import { fleetArguments, fleetText, openFleet } from '../session/fleet.ts';
import { reportSweep, SWEEP_FORMATS, type SweepFormat } from '../session/report-sweep.ts';
import { reportPlan } from '../session/report-sweep-plan.ts';
import { collected, sweepWith } from '../session/run-sweep.ts';
import type { Terminal } from '../terminal/terminal.ts';

const DEFAULT_LAYOUT = 'linux-3g1g';

export interface SweepArguments extends LayoutArguments, WorkloadArguments, FailOnArguments, FleetArguments {
  readonly vary?: readonly string[];
  readonly jobs?: number;
  readonly out?: string;
  readonly output?: string;
  readonly format: SweepFormat;
  readonly figures?: readonly SweepFigure[];
  readonly dryRun?: true;
  readonly listJobs?: true;
  readonly point?: string;
  readonly collect?: string;
  readonly json?: true;
}

const WIDEST = Math.max(...SWEEP_FIGURES.map(({ name }) => name.length));
const FIGURES = SWEEP_FIGURES.map(({ name, doc }) => `  ${name.padEnd(WIDEST)}  ${doc}`).join('\n');

const HELP = `
Keys: layout (a lane: NAME:option=value), every option of a machine by its name (ram, vmalloc, kernel, swap, thp, mmu, ...),
settings of the MMU (mmu.l2=128x12, mmu.kpti=on,off, mmu.replacement=lru,fifo) and what its arrays are made of (mmu.l2.entries,
mmu.l2.ways, mmu.l2.sets); of workload:NAME also seed, events and its options (set.NAME where a machine has one of that name).
Values: a,b,c; numbers and sizes also 1..20, 1..20:+5, 256..4096:x2, 256M..4G:x2, both ends included.
The points are the product, the last key varying fastest. A point that cannot be (an option without effect, a machine that
does not boot) is told and counted. Results are exact: each is that of a replay of all events. Points that differ in their TLBs
alone share one replay, unless the machine reclaims.
With --out, what is finished is kept, and the same command goes on after Ctrl-C; points are called by a hash of all that
they depend on, so that another sweep finds them too.

With --redis the points are replayed by whoever runs \`vmsplit worker\` for that queue; without, by the cores of this machine.${FLEET_HELP}

Figures (--figures; by default the first eight):
${FIGURES}`;

export function sweepCommand(terminal: Terminal): Command {
  const command = new Command('sweep')
    .description('replay the same events for every combination of values: RAM, layouts, TLBs, seeds, ...')
    .argument('[events]', `${EVENTS_ARGUMENT}; read once for each point`)
    .option('--vary <key=values>', 'what to vary; repeatable', collect)
    .option('--jobs <n>', 'points at a time (default: as many as cores)', wholeNumber(1, MOST_JOBS))
    .option('--out <dir>', 'keep finished points here, and do not run them again')
    .addOption(new Option('--format <format>', 'of the results').choices(SWEEP_FORMATS).default('table'))
    .option('-o, --output <file>', 'write the results to a file')
    .option('--figures <names>', 'which figures, with commas between them', figuresOption)
    .option('--dry-run', 'print the points and what they will take, and run nothing')
    .option(
      '--list-jobs',
      'print a command for each point that is not finished, for Slurm, GNU parallel, ...',
    )
    .option('--point <hash>', 'run one point of a sweep that --list-jobs has listed in --out')
    .option('--collect <dir>', 'the results of a sweep whose points were run elsewhere');
  addFleetOptions(command);
  addMachineOptions(addLanesOption(command, [DEFAULT_LAYOUT]));
  return addFailOnOption(addWorkloadOptions(command), ['never', 'incomplete', 'failure'], 'incomplete')
    .option('--json', 'all that was found as JSON')
    .addHelpText('after', HELP)
    .action((what: string | undefined, given: SweepArguments) => sweep(terminal, what, given));
}

function figuresOption(text: string): SweepFigure[] {
  try {
    return figuresNamed(text);
  } catch (error) {
    throw error instanceof UsageError ? new InvalidArgumentError(error.message) : error;
  }
}

async function sweep(terminal: Terminal, what: string | undefined, given: SweepArguments): Promise<void> {
  if (given.format === 'parquet' && given.json)
    throw new UsageError('--json: found with --format parquet, expected one of the two');
  if (given.collect !== undefined) return collectSweep(terminal, what, given, given.collect);
  if (given.point !== undefined) return runPoint(terminal, what, given, given.point);
  const { base, plan, store } = await planned(terminal, what, given);
  const reproduce = reproduceLine('sweep', sweepArguments(base, given));
  if (given.listJobs) return listJobs(terminal, plan, store);
  const jobs = given.jobs ?? availableParallelism();
  if (given.dryRun) return reportPlan(terminal, { plan, store, jobs, json: given.json, reproduce });
  await store?.keepPlan(plan);
  const label = eventsArguments(base.events)[0]!;
  const fleet = given.redis === undefined ? undefined : await openFleet(terminal, given.redis, given);
  const result = await sweepWith(terminal, plan, { jobs, store, label, fleet });
  if (fleet !== undefined) terminal.note(fleetText(fleet.figures()));
  await reportSweep(terminal, { ...result, missing: 0 }, { ...given, reproduce });
}

interface Planned {
  readonly base: RunSpec;
  readonly plan: SweepPlan;
  readonly store: SweepFolder | undefined;
}

async function planned(
  terminal: Terminal,
  what: string | undefined,
  given: SweepArguments,
): Promise<Planned> {
  const { vary = [], out } = given;
  if (what === undefined || vary.length === 0)
    throw new UsageError(
      `sweep: found no ${what === undefined ? 'events' : '--vary'}, expected such as ` +
        '`vmsplit sweep workload:drivers --vary ram=256M..1G:x2 --vary seed=1..3`',
    );
  const base: RunSpec = { events: eventsOf(what, given), ...machinesOf(given, [DEFAULT_LAYOUT]) };
  if ('trace' in base.events) await refusePipe(base.events.trace);
  refuseSaidTwice(given);
  const plan = await planSweep(base, vary, filesOf(terminal), pauseFor(terminal.signal));
  return { base, plan, store: out === undefined ? undefined : await folderOf(out, given) };
}

/** Where nothing is run nothing is made. */
async function folderOf(out: string, { dryRun }: SweepArguments): Promise<SweepFolder> {
  return dryRun ? new SweepFolder(out) : SweepFolder.made(out);
}

function filesOf(terminal: Terminal): SweepFiles {
  return { ...runFiles(terminal), digest: fileDigest };
}

/** Such as `<(...)` of a shell. */
async function refusePipe(path: string): Promise<void> {
  const status = await stat(path).catch(() => undefined);
  if (status === undefined || status.isFile() || status.isDirectory()) return;
  throw new UsageError(
    `sweep: ${path}: found a pipe or device, expected a file: it is read once for each point`,
  );
}

/** A key is varied, or it is the same for all points. */
function refuseSaidTwice(given: SweepArguments): void {
  const said = [
    ...givenOptions(given).map(([{ flag }]) => flag),
    ...(['seed', 'events'] as const).filter((key) => given[key] !== undefined),
    ...(given.layouts === undefined ? [] : ['layout']),
    ...(given.set ?? []).map((text) => text.split('=')[0]!),
  ];
  const keys = (given.vary ?? []).map((text) => text.split('=')[0]!);
  const twice = said.find((name) => keys.includes(name));
  if (twice !== undefined)
    throw new UsageError(
      `sweep: found ${twice} for all points and varied, expected one of the two: put its values into --vary ${twice}=`,
    );
}

function listJobs(terminal: Terminal, plan: SweepPlan, store: SweepFolder | undefined): Promise<void> {
  if (store === undefined)
    throw new UsageError('--list-jobs: found no --out, expected the folder that the jobs write to');
  return listed(terminal, plan, store);
}

async function listed(terminal: Terminal, plan: SweepPlan, store: SweepFolder): Promise<void> {
  await store.keepPlan(plan);
  const hashes = new Set(plan.points.flatMap((point) => (isImpossible(point) ? [] : [point.hash])));
  for (const hash of hashes) {
    if ((await store.load(hash)) !== undefined) continue;
    await terminal.writePart(`${reproduceLine('sweep', ['--point', hash, '--out', store.path])}\n`);
  }
  const impossible = plan.points.filter(isImpossible).length;
  if (impossible > 0)
    terminal.note(`${impossible} of ${plan.points.length} points cannot be: --dry-run tells why`);
}

async function runPoint(
  terminal: Terminal,
  what: string | undefined,
  { out, vary }: SweepArguments,
  hash: string,
): Promise<void> {
  if (out === undefined || what !== undefined || vary !== undefined)
    throw new UsageError(
      '--point: expected --out DIR beside it, and neither events nor --vary: DIR has them',
    );
  const store = new SweepFolder(out);
  const { points } = await store.plan();
  const point = points.find((one) => !isImpossible(one) && one.hash === hash);
  if (point === undefined || isImpossible(point))
    throw new UsageError(
      `--point ${hash}: found no such point in ${out}, expected one that --list-jobs lists`,
    );
  if ((await store.load(hash)) !== undefined) return;
  const files = filesOf(terminal);
  if ((await identityOf(point.run, files)) !== hash)
    throw new UsageError(
      `--point ${hash}: found other contents of its files, or another vmsplit, than when it was listed; ` +
        'list the jobs anew',
    );
  const result = await carryOut(point.run, files, { signal: terminal.signal });
  terminal.signal.throwIfAborted();
  await store.keep(point, { result, how: 'replay' });
}

async function collectSweep(
  terminal: Terminal,
  what: string | undefined,
  given: SweepArguments,
  folder: string,
): Promise<void> {
  if (what !== undefined || given.vary !== undefined || given.out !== undefined)
    throw new UsageError(
      `--collect ${folder}: expected neither events, --vary nor --out beside it: it has them`,
    );
  const found = await collected(new SweepFolder(folder));
  const reproduce = reproduceLine('sweep', ['--collect', folder, ...resultArguments(given)]);
  await reportSweep(terminal, found, { ...given, reproduce });
}

function sweepArguments(base: RunSpec, given: SweepArguments): string[] {
  const { vary = [], jobs, out } = given;
  const keys = vary.map((text) => text.split('=')[0]!);
  // What is varied is not said for all.
  const events = eventsArguments(base.events);
  const kept = events.filter((_, i) => !isVaried(events, i, keys));
  const { ram, ...others } = base.machine;
  const machine = keys.includes('ram') || ram === undefined ? others : { ...others, ram };
  const machines = machineArguments({ machine, lanes: base.lanes });
  return [
    ...kept,
    ...(keys.includes('layout') ? machines.slice(2) : machines),
    ...vary.flatMap((text) => ['--vary', text]),
    ...(jobs === undefined ? [] : ['--jobs', String(jobs)]),
    ...(out === undefined ? [] : ['--out', out]),
    ...fleetArguments(given),
    ...resultArguments(given),
  ];
}

/** `--seed 1` where seeds are varied. */
function isVaried(words: readonly string[], i: number, keys: readonly string[]): boolean {
  return [words[i], words[i - 1]].some((word) => keys.some((key) => word === `--${key}`));
}

function resultArguments({ format, figures, output, ...given }: SweepArguments): string[] {
  return [
    ...(format === 'table' ? [] : ['--format', format]),
    ...(figures === undefined ? [] : ['--figures', figures.map(({ name }) => name).join(',')]),
    ...(output === undefined ? [] : ['-o', output]),
    ...failOnArguments(given),
  ];
}
