/** The engine of a page: one run at a time, which a page opens, travels through and searches. */
import { UsageError } from '../../../core/base/errors.ts';
import { type Brought, bring } from './bring.ts';
import { type Catalog, catalogOfPage } from './catalog.ts';
import type { FinderRequest, Found, MatchesRequest } from './finder.ts';
import { type ImportedRun, type ImportFilesOptions, importFiles } from './import-files.ts';
import { checkedLanes, draftsOf, type LaneDraft, type LanesChecked } from './lane-drafts.ts';
import { type OpenRun, openRun, type SourceOf } from './open-run.ts';
import { OpenSession } from './open-session.ts';
import { filesOf } from './page-files.ts';
import type {
  AskedQuestion,
  Engine,
  EventRow,
  MomentRequest,
  Opened,
  PageRun,
  QuestionRequest,
  Told,
} from './protocol.ts';
import { questionOf } from './questions.ts';
import type { DroppedFile, Work } from './work.ts';
import { checkedWorkload, type WorkloadChecked, type WorkloadDraft } from './workload-drafts.ts';

interface Current {
  readonly page: PageRun;
  readonly run: OpenRun;
  readonly session: OpenSession;
}

export class Session implements Engine {
  private readonly sourceOf: SourceOf;
  private readonly clock: () => number;
  private readonly version: string;
  private current: Current | undefined;
  private working = new AbortController();

  /** @param clock milliseconds, for the speed that is told @param version of this vmsplit */
  constructor(sourceOf: SourceOf, clock: () => number, version: string) {
    this.sourceOf = sourceOf;
    this.clock = clock;
    this.version = version;
  }

  async catalog(): Promise<Catalog> {
    return catalogOfPage();
  }

  async bring(files: readonly DroppedFile[], told: Told): Promise<Brought> {
    return bring(files, this.current?.page, this.newWork(told));
  }

  async importFiles(
    files: readonly DroppedFile[],
    options: ImportFilesOptions,
    told: Told,
  ): Promise<ImportedRun> {
    return importFiles(files, options, this.newWork(told));
  }

  cancel(): void {
    this.working.abort();
  }

  async checkWorkload(draft: WorkloadDraft): Promise<WorkloadChecked> {
    return checkedWorkload(draft);
  }

  async open(page: PageRun, told: Told): Promise<Opened> {
    const before = this.current;
    this.current = undefined;
    await before?.session.close();
    const run = await openRun(page, this.sourceOf, this.newWork(told));
    this.current = { page, run, session: new OpenSession(run, told, this.clock) };
    return run.facts;
  }

  async lanes(): Promise<readonly LaneDraft[]> {
    return draftsOf(this.opened().page);
  }

  async checkLanes(given: readonly LaneDraft[] | string, boot: boolean): Promise<LanesChecked> {
    const { page, run } = this.opened();
    return checkedLanes(page, given, run.recorded, boot);
  }

  async question(request: QuestionRequest): Promise<AskedQuestion> {
    return questionOf(request, filesOf(this.current?.page ?? { files: {} }));
  }

  resumePass(): void {
    this.opened().session.resumePass();
  }

  stopPass(): void {
    this.opened().session.stopPass();
  }

  go(request: MomentRequest): void {
    this.opened().session.go(request);
  }

  async rows(events: readonly number[]): Promise<readonly EventRow[]> {
    return this.opened().session.rows(events);
  }

  async matches(request: MatchesRequest): Promise<readonly number[]> {
    return this.opened().session.matches(request);
  }

  async find(request: FinderRequest): Promise<Found> {
    return this.opened().session.find(request);
  }

  stopFinding(): void {
    this.opened().session.stopFinding();
  }

  /** Of work that is begun while another is under way, the last counts. */
  private newWork(told: Told): Work {
    this.working.abort();
    this.working = new AbortController();
    return { told, signal: this.working.signal, version: this.version };
  }

  private opened(): Current {
    if (this.current === undefined) throw new UsageError('found no run, expected one: open it first');
    return this.current;
  }
}
