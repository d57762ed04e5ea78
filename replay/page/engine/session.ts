/** The engine of a page: one run at a time, which a page opens, travels through and searches. */
import { UsageError } from '../../../core/base/errors.ts';
import { allKinds } from '../../../core/event/vocabulary.ts';
import { layoutNames } from '../../../core/layout/catalog/catalog.ts';
import { WORKLOADS } from '../../../workloads/index.ts';
import type { Question } from '../../quiz/index.ts';
import { KERNEL_FILES } from '../models/kernel-file.ts';
import type { FinderRequest, Found, MatchesRequest } from './finder.ts';
import { filesOf, openRun, type SourceOf } from './open-run.ts';
import { OpenSession } from './open-session.ts';
import type {
  Catalog,
  Engine,
  EventRow,
  MomentRequest,
  Opened,
  PageRun,
  QuestionRequest,
  Told,
} from './protocol.ts';
import { questionOf, quizFacts } from './questions.ts';
import { toursOf } from './tours.ts';

export class Session implements Engine {
  private readonly sourceOf: SourceOf;
  private readonly clock: () => number;
  private current: OpenSession | undefined;
  /** Of the run that was opened last. */
  private files: PageRun['files'] = {};

  /** @param clock milliseconds, for the speed that is told */
  constructor(sourceOf: SourceOf, clock: () => number) {
    this.sourceOf = sourceOf;
    this.clock = clock;
  }

  async catalog(): Promise<Catalog> {
    const named = ({ name, title }: { readonly name: string; readonly title: string }) => ({ name, title });
    return {
      workloads: WORKLOADS.map(named),
      examples: toursOf(),
      layouts: layoutNames().map(named),
      kinds: allKinds().map(({ name }) => name),
      kernelFiles: KERNEL_FILES,
      quiz: quizFacts(),
    };
  }

  async open(page: PageRun, told: Told): Promise<Opened> {
    const before = this.current;
    this.current = undefined;
    this.files = page.files;
    await before?.close();
    const run = await openRun(page, this.sourceOf, told);
    this.current = new OpenSession(run, told, this.clock);
    return run.facts;
  }

  async question(request: QuestionRequest): Promise<Question> {
    return questionOf(request, filesOf({ files: this.files }));
  }

  resumePass(): void {
    this.opened().resumePass();
  }

  stopPass(): void {
    this.opened().stopPass();
  }

  go(request: MomentRequest): void {
    this.opened().go(request);
  }

  async rows(events: readonly number[]): Promise<readonly EventRow[]> {
    return this.opened().rows(events);
  }

  async matches(request: MatchesRequest): Promise<readonly number[]> {
    return this.opened().matches(request);
  }

  async find(request: FinderRequest): Promise<Found> {
    return this.opened().find(request);
  }

  stopFinding(): void {
    this.opened().stopFinding();
  }

  private opened(): OpenSession {
    if (this.current === undefined) throw new UsageError('found no run, expected one: open it first');
    return this.current;
  }
}
