/**
 * The smallest RAM, vmalloc window or kernel space under which nothing that these events ask for fails for want of memory
 * or addresses. Failures are not monotone, so the answer is looked around, and what fails again above it is told.
 */
import { UsageError } from '../../core/base/errors.ts';
import { unusedRam } from '../../core/layout/ram.ts';
import { type FirstFailure, newLane } from '../lane/lane.ts';
import type { BatchSource } from '../source/source.ts';
import {
  completeLane,
  type Events,
  type LaneSpec,
  lanesOf,
  type PreparedLane,
  type RunFiles,
  type RunSpec,
  sizeText,
  sourceOf,
} from '../spec/index.ts';
import { smallestThatFits, type Verdict } from './search.ts';
import { type Outcome, tryLane } from './trial.ts';
import { layoutLanes, likenessOf, SIZES, type Varied, type VariedSize } from './values.ts';

/** What is varied, and how finely. */
export interface FitOptions {
  readonly vary: Varied;
  /** Bytes between two sizes: 16 MiB of RAM, 4 MiB of vmalloc, unless told. */
  readonly step?: number | undefined;
  /** How many sizes on each side of the answer are tried too; default 3. */
  readonly around?: number | undefined;
  /** Called with each value, when it is known what comes of it. */
  readonly onTry?: (tried: FitTry) => void;
  /** Sees every batch of every try: for progress, and to break off. */
  readonly watched?: (events: Events, label: string) => BatchSource;
}

/** One value, and what came of it. */
export interface FitTry {
  /** `256M`, or the name of a layout. */
  readonly value: string;
  /** Of a size. */
  readonly bytes: number | null;
  readonly lane: LaneSpec;
  readonly verdict: Verdict;
  /** Events folded until then; 0 where there is no such machine. */
  readonly events: number;
  /** What failed first. */
  readonly failure: FirstFailure | null;
  /** Why there is no such machine, or which other value makes the same. */
  readonly why: string | null;
  /** Failures that no size would cure, by the first of each sort. */
  readonly incurable: readonly FirstFailure[];
}

/** The smallest machine that was found, and all that were tried. */
export interface FitResult {
  readonly events: string;
  readonly vary: Varied;
  /** Of sizes. */
  readonly stepBytes: number | null;
  /** The smallest of those tried that fits; null: none does. */
  readonly answer: FitTry | null;
  /** Values above the answer that fail again. */
  readonly failsAbove: readonly FitTry[];
  /** The smallest tried that fits and has none of those above it; the answer itself if there are none. */
  readonly safe: FitTry | null;
  /** In the order in which they were tried. */
  readonly tries: readonly FitTry[];
  /** False when the trace is not whole: then this is of a part. */
  readonly complete: boolean;
}

/** What is told of a value beside the value. */
type TryOutcome = Omit<FitTry, 'value' | 'bytes' | 'lane'>;

const DEFAULT_AROUND = 3;

/**
 * Tries machines on the events until the smallest is found. The events are read once for each, so they cannot come from a
 * pipe. UsageErrors: no such machine at all, an option that cannot be varied.
 */
export async function findFit(run: RunSpec, files: RunFiles, options: FitOptions): Promise<FitResult> {
  const trials = new Trials(run, files, options);
  const size = SIZES.find(({ key }) => key === options.vary);
  if (size === undefined) await trials.layouts();
  else await trials.sizes(size);
  return trials.result();
}

class Trials {
  private readonly run: RunSpec;
  private readonly files: RunFiles;
  private readonly options: FitOptions;
  private readonly tries: FitTry[] = [];
  /** By what makes two machines the same: the value that was replayed, and what came of it. */
  private readonly known = new Map<string, readonly [value: string, outcome: TryOutcome]>();
  private stepBytes: number | null = null;
  private eventsName = '';
  private complete = true;

  constructor(run: RunSpec, files: RunFiles, options: FitOptions) {
    if ('trace' in run.events && run.events.trace === '-')
      throw new UsageError('fit: found events from a pipe, expected a file: they are read once for each try');
    this.run = run;
    this.files = files;
    this.options = options;
  }

  async layouts(): Promise<void> {
    for (const lane of layoutLanes(this.run.lanes)) await this.test(lane.layout, null, lane, () => undefined);
    this.refuseImpossible();
  }

  async sizes(size: VariedSize): Promise<void> {
    const { key } = size;
    const [lane] = this.run.lanes;
    const asked = completeLane(this.run.machine, lane!);
    if (key === 'ram' && asked.memoryMap !== undefined)
      throw new UsageError(
        'fit --vary ram: found a memory map, which says how much RAM there is; expected none',
      );
    const step = this.options.step ?? size.step;
    this.stepBytes = step;
    const startBytes = asked[key] ?? size.of(await this.layoutOf(lane!));
    const start = Math.max(1, Math.ceil(startBytes / step));
    const search = {
      start,
      most: Math.max(start, Math.floor(size.most / step)),
      around: this.options.around ?? DEFAULT_AROUND,
    };
    await smallestThatFits(search, (n) => {
      const bytes = n * step;
      return this.test(sizeText(bytes), bytes, { ...lane!, [key]: bytes }, ({ layout }) =>
        key === 'ram' ? unusedText(layout) : undefined,
      );
    });
    this.refuseImpossible();
  }

  result(): FitResult {
    const { tries } = this;
    const rank = (tried: FitTry): number => tried.bytes ?? tries.indexOf(tried);
    const fitting = tries
      .filter(({ verdict }) => verdict === 'fits')
      .sort((one, other) => rank(one) - rank(other));
    const answer = fitting[0] ?? null;
    const failsAbove = tries.filter(
      (tried) => answer !== null && tried.verdict === 'fails' && rank(tried) > rank(answer),
    );
    return {
      events: this.eventsName,
      vary: this.options.vary,
      stepBytes: this.stepBytes,
      answer,
      failsAbove: failsAbove.toSorted((a, b) => rank(a) - rank(b)),
      safe: fitting.find((tried) => failsAbove.every((other) => rank(other) < rank(tried))) ?? null,
      tries,
      complete: this.complete,
    };
  }

  private async test(
    value: string,
    bytes: number | null,
    lane: LaneSpec,
    beyond: (prepared: PreparedLane) => string | undefined,
  ): Promise<Verdict> {
    const tried = { value, bytes, lane, ...(await this.outcomeOf(value, lane, beyond)) };
    this.tries.push(tried);
    this.options.onTry?.(tried);
    return tried.verdict;
  }

  private async outcomeOf(
    value: string,
    lane: LaneSpec,
    beyond: (prepared: PreparedLane) => string | undefined,
  ): Promise<TryOutcome> {
    const events = await sourceOf(this.run, this.files);
    this.eventsName = events.name;
    try {
      const [prepared] = await lanesOf({ machine: this.run.machine, lanes: [lane] }, this.files, events);
      const impossible = beyond(prepared!);
      if (impossible !== undefined) return noMachine(impossible);
      const likeness = `${lane.layout} ${likenessOf(prepared!.layout)}`;
      const same = this.known.get(likeness);
      if (same !== undefined) return { ...same[1], why: `the same machine as with ${same[0]}` };
      const outcome = await this.replayed(value, prepared!, events);
      this.known.set(likeness, [value, outcome]);
      return outcome;
    } catch (error) {
      if (error instanceof UsageError) return noMachine(error.message);
      throw error;
    } finally {
      await events.close();
    }
  }

  private async replayed(value: string, { name, layout, options }: PreparedLane, events: Events) {
    const { watched = (source: Events) => source.batches } = this.options;
    const booted = newLane(layout, { ...options, name });
    const outcome = await tryLane(booted, watched(events, `trying ${value}`));
    if (outcome.failure === undefined && events.lost() !== undefined) this.complete = false;
    return verdictOf(outcome);
  }

  private async layoutOf(lane: LaneSpec) {
    const events = await sourceOf(this.run, this.files);
    try {
      const [prepared] = await lanesOf({ machine: this.run.machine, lanes: [lane] }, this.files, events);
      return prepared!.layout;
    } finally {
      await events.close();
    }
  }

  /** Of machines that cannot be, the first one tells why. */
  private refuseImpossible(): void {
    const [first] = this.tries;
    if (first !== undefined && this.tries.every(({ verdict }) => verdict === 'impossible'))
      throw new UsageError(`fit --vary ${this.options.vary}: found no machine that can be: ${first.why}`);
  }
}

function noMachine(why: string): TryOutcome {
  return { verdict: 'impossible', events: 0, failure: null, why, incurable: [] };
}

function verdictOf({ events, failure, incurable }: Outcome): TryOutcome {
  const verdict: Verdict = failure === undefined ? 'fits' : 'fails';
  return { verdict, events, failure: failure ?? null, why: null, incurable };
}

/** More RAM than a layout can use is no more RAM. */
function unusedText(layout: PreparedLane['layout']): string | undefined {
  const unused = unusedRam(layout);
  return unused === undefined
    ? undefined
    : `${sizeText(unused.bytes)} of it cannot be used: ${unused.reason}`;
}
