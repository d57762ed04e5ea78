/** From all that was brought to what failed, why, and what would cure it. */
import { type Layout, type MemoryReport, UsageError, uncheckedText } from '../../core/index.ts';
import { type Lane, newLane } from '../lane/lane.ts';
import { type Pause, pauseFor } from '../source/breath.ts';
import { type Events, lanesOf, type RunFiles } from '../spec/index.ts';
import { formatBytes, formatCount } from '../text/units.ts';
import type { Evidence } from './board/evidence.ts';
import { knownOf } from './board/known.ts';
import { type BoardMachine, boardMachine, usualLane } from './board/machine.ts';
import { ramOfReport, reportedBytes } from './board/ram.ts';
import { type LargestProcess, largestProcess, tryCandidates } from './cures/cures.ts';
import type { Tried } from './cures/judging.ts';
import { type Rules, rulesFor } from './cures/rules.ts';
import { type TraceTrial, tryTrace } from './cures/trace-trial.ts';
import { type MissingFile, missingFiles } from './missing.ts';
import { type BoardState, boardState } from './state/board-state.ts';
import { type Holder, holders, reclaimableKib } from './verdict/holders.ts';
import { isOfUnusedRam } from './verdict/kinds.ts';
import { type MainVerdict, mainVerdict } from './verdict/main-verdict.ts';
import type { KnownMachine } from './verdict/verdict.ts';

export interface Advice {
  readonly evidence: Evidence;
  /** Undefined: no file says enough of it. */
  readonly machine: BoardMachine | undefined;
  readonly layout: Layout | undefined;
  /** Undefined: nothing in the files failed. */
  readonly main: MainVerdict | undefined;
  readonly holders: readonly Holder[];
  readonly reclaimableKib: number | undefined;
  readonly largest: LargestProcess | undefined;
  readonly rules: Rules;
  readonly state: BoardState | undefined;
  /** Undefined: there was nothing to try it on. */
  readonly tried: Tried | undefined;
  /** The recording that `tried` is of, where no log tells of a failure. */
  readonly trace: TraceTrial | undefined;
  readonly missing: readonly MissingFile[];
  readonly notes: readonly string[];
}

export interface AdviceOptions {
  readonly known?: KnownMachine;
  /** Opens a recording; without it recordings are not looked into. */
  readonly events?: (path: string) => Promise<Events>;
  readonly signal?: AbortSignal;
  readonly onEvents?: (events: number) => void;
  readonly onProgress?: (done: number, all: number) => void;
}

/** What was found before anything is tried. */
export interface Findings {
  readonly evidence: Evidence;
  readonly main: MainVerdict | undefined;
  readonly machine: BoardMachine | undefined;
  /** Booted; undefined where the machine is not known. */
  readonly lane: Lane | undefined;
  readonly state: BoardState | undefined;
  /** Why the machine cannot be simulated. */
  readonly problem?: string;
}

/** The failure, the machine and the state in which it failed. */
export async function findings(
  evidence: Evidence,
  files: Pick<RunFiles, 'text'>,
  known: KnownMachine = {},
  pause: Pause = pauseFor(undefined),
): Promise<Findings> {
  const reports = evidence.logs.flatMap(({ failures }) => failures);
  const main = mainVerdict(reports, { ...knownOf(evidence), ...known });
  const machine = boardMachine(evidence, main?.report);
  const none = { evidence, main, machine, lane: undefined, state: undefined };
  if (machine === undefined) return none;
  const lane = await bootedOr(machine, files);
  if (lane instanceof UsageError) return { ...none, problem: lane.message };
  const state = main && (await boardState(lane.machine, evidence, main, reports, pause));
  return { evidence, main, machine, lane, state };
}

/** A log may tell of a machine that no layout is. */
async function bootedOr({ lane }: BoardMachine, files: Pick<RunFiles, 'text'>): Promise<Lane | UsageError> {
  try {
    const [prepared] = await lanesOf({ machine: {}, lanes: [lane] }, files);
    return newLane(prepared!.layout, prepared!.options);
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
}

export async function advise(
  evidence: Evidence,
  files: Pick<RunFiles, 'text'>,
  options: AdviceOptions = {},
): Promise<Advice> {
  const known = { ...knownOf(evidence), ...options.known };
  const found = await findings(evidence, files, options.known, pauseFor(options.signal));
  const { main, machine, lane, state } = found;
  const trace = main === undefined ? await traceTrial(found, files, options) : undefined;
  const largest = largestProcess(evidence.logs.flatMap(({ failures }) => failures));
  const tried = (await machinesTried(found, largest, files, options)) ?? trace?.tried;
  return {
    ...{ evidence, machine, main, state, largest, tried, trace },
    layout: lane?.layout,
    holders: main === undefined ? [] : holders(main.report),
    reclaimableKib: main && reclaimableKib(main),
    rules:
      main === undefined
        ? NO_RULES
        : rulesFor(main.verdict, main.report.arch ?? known.arch, tried !== undefined),
    missing: missingFiles({ evidence, main, machine, trace }),
    notes: notesOf(found, tried, trace),
  };
}

const NO_RULES: Rules = { helps: [], doesNot: [] };

/** Undefined: nothing failed, or the state of it is not told; RAM that is left alone has none. */
async function machinesTried(
  { evidence, main, machine, lane, state }: Findings,
  largest: LargestProcess | undefined,
  files: Pick<RunFiles, 'text'>,
  { signal, onProgress }: AdviceOptions,
): Promise<Tried | undefined> {
  if (main === undefined || machine === undefined || lane === undefined) return undefined;
  if (state === undefined && !isOfUnusedRam(main.verdict.kind)) return undefined;
  return tryCandidates({
    base: { lane: machine.lane, layout: lane.layout, booted: lane },
    verdict: main.verdict,
    windowIsKnown: evidence.vmallocinfo !== undefined,
    ...{ state, largest, files, pause: pauseFor(signal) },
    ...(onProgress && { onProgress }),
  });
}

/** The recording, on the board's machine or the usual one. @throws UsageError for several: each is of its own state */
async function traceTrial(
  { evidence, machine }: Findings,
  files: Pick<RunFiles, 'text'>,
  { events: open, signal, onEvents }: AdviceOptions,
): Promise<TraceTrial | undefined> {
  const [path, ...others] = evidence.traces;
  if (path === undefined || open === undefined) return undefined;
  if (others.length > 0) throw severalRecordings(evidence.traces);
  const events = await open(path);
  try {
    const lane = machine?.lane ?? usualLane(events);
    return await tryTrace({ events, lane, files, pause: pauseFor(signal), onProgress: onEvents });
  } finally {
    await events.close();
  }
}

function severalRecordings(paths: readonly string[]): UsageError {
  return new UsageError(
    `advise: found ${paths.length} recordings, ${paths.join(', ')}, and no log of a failure; expected one recording: ` +
      'name one at a time, or join them first with `vmsplit merge`',
  );
}

/** The usual machine has room; whether the recorded one had, what was in use before would tell. */
function servedHere({ recordedAsFailed, failures, hasSnapshot }: TraceTrial): string[] {
  if (recordedAsFailed === 0 || failures > 0) return [];
  const why = hasSnapshot ? '' : ': what was in use before the recording is not in it';
  return [`what failed where it was recorded (${formatCount(recordedAsFailed)}) is served here${why}`];
}

/** Machines of ARM had ends of their own for the vmalloc window, until 3.x (VMALLOC_END of each mach/). */
function otherWindow(report: MemoryReport | undefined, layout: Layout | undefined): string[] {
  const said = report?.said.vmalloc;
  if (said === undefined || layout === undefined) return [];
  const [there, here] = [said.value, layout.vmalloc].map(({ start, end }) => Number(end - start)) as [
    number,
    number,
  ];
  if (Math.abs(there - here) <= here * SAME_WINDOW) return [];
  return [
    `the log's vmalloc window has ${formatBytes(there)} (line ${said.line}), that of the layout ${formatBytes(here)}: what is said of it is of the latter`,
  ];
}

const SAME_WINDOW = 0.05;

/** A failure report that counts more memory than the boot log has is of another machine, or of another boot. */
function otherRam(main: MainVerdict | undefined, report: MemoryReport | undefined): string[] {
  if (main === undefined || report === undefined) return [];
  const [counted, mapped] = [reportedBytes(main.report), ramOfReport(report)];
  if (mapped === 0 || counted <= mapped * (1 + SAME_RAM)) return [];
  return [
    `the report at line ${main.report.line} counts ${formatBytes(counted)} of memory, the log has ${formatBytes(mapped)}: are they of the same boot? What is tried is of the latter`,
  ];
}

/** What a boot log calls RAM and what zones count differ by what firmware and kernel keep. */
const SAME_RAM = 0.05;

function notesOf(
  { evidence, main, machine, lane, state, problem }: Findings,
  tried: Tried | undefined,
  trace: TraceTrial | undefined,
): string[] {
  const unchecked = lane && uncheckedText(lane.layout.kernel);
  return [
    ...(machine?.assumed ?? []),
    ...(trace !== undefined && machine === undefined
      ? ['the machine of the recording is not told: it is taken as the usual one']
      : []),
    ...(trace === undefined ? [] : servedHere(trace)),
    ...(machine?.report?.notes ?? []),
    ...otherWindow(machine?.report, lane?.layout),
    ...otherRam(main, machine?.report),
    ...(problem === undefined ? [] : [`nothing can be tried: ${problem}`]),
    ...(main !== undefined && evidence.traces.length > 0
      ? [`${evidence.traces.join(', ')}: not looked into, for a log tells of a failure`]
      : []),
    ...(state?.told ?? []),
    ...(unchecked === undefined ? [] : [`the kernel is taken ${unchecked}`]),
    ...(tried !== undefined && trace === undefined && !tried.reproduces
      ? ['under its own layout the replay does not refuse: what is tried shows room, not a cure']
      : []),
    ...evidence.logs.flatMap(({ file, problem }) => (problem === undefined ? [] : [`${file}: ${problem}`])),
  ];
}
