/**
 * A run that is open. The first pass goes through the events in the background and gives way to what a person waits for;
 * moments are a stream of requests, of which the last counts; a search ends when the next one begins.
 */
import { Subject, type Subscription, throttleTime } from 'rxjs';
import { differencesResult } from '../../diff/lockstep.ts';
import { layoutResult } from '../../run/result.ts';
import { verdictOf } from '../models/verdict.ts';
import { rowsOf } from './event-rows.ts';
import { type FinderRequest, type Found, find, type MatchesRequest, matches } from './finder.ts';
import { momentsOf } from './moments.ts';
import type { OpenRun } from './open-run.ts';
import { FirstPass } from './pass.ts';
import type { EventRow, MomentRequest, PassState, Told } from './protocol.ts';
import { ReadBatches } from './read-batches.ts';
import { RightOfWay } from './right-of-way.ts';
import { Travel } from './travel.ts';

/** The page draws what it is told; more often than this nobody sees. */
const TELL_EVERY_MS = 200;

export class OpenSession {
  private readonly run: OpenRun;
  private readonly told: Told;
  private readonly clock: () => number;
  private readonly pass: FirstPass;
  private readonly travel: Travel;
  private readonly way = new RightOfWay();
  private readonly request$ = new Subject<MomentRequest>();
  private readonly stopPass$ = new Subject<void>();
  private passing: Subscription | undefined;
  private moments: Subscription | undefined;
  private finding = new AbortController();
  private listing = new AbortController();

  constructor(run: OpenRun, told: Told, clock: () => number) {
    this.run = run;
    this.told = told;
    this.clock = clock;
    this.pass = new FirstPass(run.lanes, run.trace.events);
    this.travel = new Travel(new ReadBatches(run.trace), run.trace.events, this.pass.keyframes);
    this.listen();
  }

  /** Goes on from where the pass stands, unless it is on its way. */
  resumePass(): void {
    if (this.passing !== undefined) return;
    const { pass, clock } = this;
    const start = { events: pass.events, ms: clock() };
    let state: PassState['state'] = 'stopped';
    const end = (): void => {
      this.passing = undefined;
      this.tellPass(state, start);
    };
    const pass$ = pass.over(
      this.way.last(this.run.trace.batches(pass.events, { reuseColumns: true })),
      this.stopPass$,
    );
    const telling = new Subject<void>();
    telling.pipe(throttleTime(TELL_EVERY_MS)).subscribe(() => this.tellPass('running', start));
    this.passing = pass$.subscribe({
      next: (progress) => {
        if (progress === 'done') state = 'done';
        else telling.next();
      },
      error: (error: Error) => {
        this.told.failed(error.message);
        end();
      },
      complete: end,
    });
  }

  stopPass(): void {
    this.stopPass$.next();
  }

  go(request: MomentRequest): void {
    this.request$.next(request);
  }

  rows(events: readonly number[]): Promise<readonly EventRow[]> {
    this.listing.abort();
    this.listing = new AbortController();
    const { signal } = this.listing;
    return this.way.second(() => rowsOf(this.travel, events, signal));
  }

  matches(request: MatchesRequest): Promise<readonly number[]> {
    return this.search((signal) => matches(request, this.pass, this.travel, signal));
  }

  find(request: FinderRequest): Promise<Found> {
    return this.search((signal) => find(request, this.pass, this.travel, signal));
  }

  stopFinding(): void {
    this.finding.abort();
  }

  async close(): Promise<void> {
    this.stopPass();
    this.stopFinding();
    this.passing?.unsubscribe();
    this.moments?.unsubscribe();
    await this.run.trace.close();
  }

  /** One moment that cannot be had is not the end of all. */
  private listen(): void {
    this.moments = this.request$.pipe(momentsOf(this.travel, this.run.setting, this.way)).subscribe({
      next: (moment) => this.told.moment(moment),
      error: (error: Error) => {
        this.told.failed(error.message);
        this.listen();
      },
    });
  }

  /** The last one counts: it ends the one before. */
  private search<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    this.stopFinding();
    this.finding = new AbortController();
    const { signal } = this.finding;
    return this.way.first(() => work(signal));
  }

  private tellPass(state: PassState['state'], start: { readonly events: number; readonly ms: number }): void {
    const { keyframes, samples, events, lanes, found } = this.pass;
    const differences = found && differencesResult(found);
    const seconds = (this.clock() - start.ms) / 1000;
    this.told.pass({
      events,
      state,
      eventsPerSecond: seconds === 0 ? 0 : (events - start.events) / seconds,
      keyframes: {
        count: keyframes.count,
        bytes: keyframes.ownBytes,
        intervalEvents: keyframes.intervalEvents,
      },
      timeline: samples.timeline(),
      verdict: verdictOf(
        lanes.map((lane) => layoutResult(lane)),
        differences,
        this.run.args,
      ),
      differences,
    });
  }
}
