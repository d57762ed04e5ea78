/** A log as the failures that it reports, each with the state of memory, the call trace and the processes printed below it. */
import { functionsIn } from './call-trace.ts';
import { MemInfo } from './mem-info.ts';
import { type Message, messagesOf } from './messages.ts';
import { processorOfLine, REPORTING, type ReportingProcessor } from './processors/index.ts';
import type { AreaRequest, FailedRequest, FailureReport, PageRequest } from './record.ts';
import { requestIn } from './requests.ts';
import { TaskList } from './tasks.ts';

/** A cheap look first: nearly all lines of a long log are of something else. */
const MAY_MATTER =
  /alloc|oom|Out of|out of|mem|Mem|\d[kK]B|[kK]ill|Node|pages|vm|swap|swiotlb|pool|\+0x|\+\d| from |\[ {0,8}\w{1,9}\]|active|free|\[\]:|SLUB|cache:|RAM|[MG]B will|Linux version|[Tt]ainted|blocked for|E[IA][PX]|R[IA][PX]|IOMMU/;

const HUNG = /^INFO: task (.{1,40}):\d{1,9} blocked for more than (\d{1,9}) seconds/;
const CGROUP = /^Memory cgroup out of memory|killed as a result of limit of|constraint=CONSTRAINT_MEMCG/;
const CGROUP_USAGE = /^memory: usage (\d{1,15})kB, limit (\d{1,15})kB/;
const KILLED = /(?:Kill(?:ed)? process \d{1,9} \(|Killed process \d{1,9}, UID \d{1,9}, \()([^)]{1,40})\)/i;
/** The last line of a report of the OOM killer, or all that is left of one. */
const KILLING = /^Out of memory: kill/i;
const UNTOLD: PageRequest = { kind: 'pages', event: 'oom', order: 0 };
const CACHE = /^\s{0,4}cache: ([^,]{1,80}), object size/;
const COVERED = /total RAM covered: (\d{1,9})M/;
const CMA_FREE = /number of available pages: .{0,2000}=> ?(\d{1,12}) free of (\d{1,12}) total/;
/** What a slab cache asks for where its usual blocks are not to be had. */
const SLAB_ORDER = /default order: \d{1,2}, min order: (\d{1,2})/;
const VERSION =
  /(?:Linux version |(?:Not tainted|Tainted: [A-Z ]{1,40}) {0,12}\(?)(\d{1,2}\.\d{1,3}(?:\.\d{1,3})?)/;

/** In the order of the log. */
export function failureReports(
  text: string,
  processors: readonly ReportingProcessor[] = REPORTING,
): FailureReport[] {
  const parser = new Parser(processors);
  for (const message of messagesOf(text)) if (MAY_MATTER.test(message.text)) parser.take(message);
  return parser.end();
}

interface Open {
  readonly line: number;
  lastLine: number;
  request: FailedRequest | undefined;
  readonly info: MemInfo;
  readonly tasks: TaskList;
  readonly trace: string[];
  killed: string | undefined;
  kernel: string | undefined;
  arch: FailureReport['arch'];
}

class Parser {
  private readonly reports: FailureReport[] = [];
  private open: Open | undefined;
  private coveredMb: number | undefined;
  private kernel: string | undefined;
  private readonly processors: readonly ReportingProcessor[];

  constructor(processors: readonly ReportingProcessor[]) {
    this.processors = processors;
  }

  take({ number, text }: Message): void {
    const request = requestIn(text, this.processors) ?? hungTask(text);
    if (request !== undefined) this.begin(number, request);
    else if (KILLING.test(text) && !this.isOfKilling) this.begin(number, UNTOLD);
    if (request === undefined) this.add(number, text);
  }

  private get isOfKilling(): boolean {
    const request = this.open?.request;
    return request?.kind === 'pages' && request.event === 'oom';
  }

  end(): FailureReport[] {
    this.close();
    return this.reports;
  }

  /** What one failure prints in several lines stays one report. */
  private begin(line: number, request: FailedRequest): void {
    const joined = this.open && joinedRequest(this.open, request);
    if (joined !== undefined) {
      this.open!.request = joined;
      this.open!.lastLine = line;
      return;
    }
    this.close();
    const covered = request.kind === 'unused-ram' && this.coveredMb !== undefined;
    this.open = {
      ...newReport(line, this.kernel),
      request: covered ? { coveredMb: this.coveredMb!, ...request } : request,
    };
  }

  private add(line: number, text: string): void {
    this.coveredMb = numberOf(COVERED.exec(text)?.[1]) ?? this.coveredMb;
    const version = VERSION.exec(text)?.[1];
    if (version !== undefined) this.kernel = version;
    if (/Linux version \d/.test(text)) this.close();
    const isState = this.open === undefined && /^\s?Mem-[Ii]nfo:/.test(text);
    if (isState) this.open = newReport(line, this.kernel);
    if (this.open === undefined) return;
    this.open.arch ??= processorOfLine(text, this.processors);
    if (takeLine(this.open, text)) this.open.lastLine = line;
    if (version !== undefined) this.open.kernel = version;
  }

  private close(): void {
    const { open } = this;
    this.open = undefined;
    if (open === undefined) return;
    const isOther =
      open.request === undefined
        ? open.info.isEmpty
        : open.request.kind === 'kmap' &&
          !open.trace.some((name) => /^kmap|^flush_all_zero_pkmaps/.test(name));
    if (!isOther) this.reports.push(finished(open));
  }
}

function hungTask(text: string): FailedRequest | undefined {
  const match = HUNG.exec(text);
  return match === null ? undefined : { kind: 'kmap', task: match[1]!, seconds: Number(match[2]) };
}

function numberOf(digits: string | undefined): number | undefined {
  return digits === undefined ? undefined : Number(digits);
}

function newReport(line: number, kernel: string | undefined): Open {
  return {
    line,
    lastLine: line,
    request: undefined,
    info: new MemInfo(),
    tasks: new TaskList(),
    trace: [],
    killed: undefined,
    kernel,
    arch: undefined,
  };
}

function takeLine(open: Open, text: string): boolean {
  const functions = functionsIn(text);
  open.trace.push(...functions);
  return open.info.take(text) || open.tasks.take(text) || takeWord(open, text) || functions.length > 0;
}

/** Single lines that tell more of the request. */
function takeWord(open: Open, text: string): boolean {
  const { request } = open;
  open.killed ??= KILLED.exec(text)?.[1];
  if (request?.kind === 'pages') {
    const told = pageWords(request, text);
    if (told !== undefined) open.request = { ...request, ...told };
    return told !== undefined;
  }
  if (request?.kind !== 'cma') return false;
  const [, free, total] = CMA_FREE.exec(text) ?? [];
  if (free !== undefined) open.request = { ...request, freePages: Number(free), totalPages: Number(total) };
  return free !== undefined;
}

function pageWords({ cgroup }: PageRequest, text: string): Partial<PageRequest> | undefined {
  const usage = CGROUP_USAGE.exec(text);
  if (usage !== null) return { cgroup: { usageKb: Number(usage[1]), limitKb: Number(usage[2]) } };
  if (CGROUP.test(text)) return { cgroup: cgroup ?? {} };
  const cache = CACHE.exec(text)?.[1];
  const order = SLAB_ORDER.exec(text)?.[1];
  return cache === undefined ? undefined : { cache, ...(order !== undefined && { order: Number(order) }) };
}

/**
 * Undefined: another failure. A vmap failure is told by who searched the window, then by vmalloc(), then, until 4.9, as a
 * failure of the page allocator; a slab cache tells its own behind that of the pages.
 */
function joinedRequest(
  { request: first, info, lastLine }: Open,
  next: FailedRequest,
): FailedRequest | undefined {
  if (first?.kind === 'area' && next.kind === 'area')
    return isSameArea(first, next) ? { ...first, ...next } : undefined;
  const isFresh = info.isEmpty && lastLine !== undefined;
  if (first?.kind === 'area' && next.kind === 'pages' && next.event === 'failure' && next.order === 0)
    return isFresh ? { ...first, ...(next.task !== undefined && { task: next.task }) } : undefined;
  if (first?.kind === 'pages' && next.kind === 'pages' && next.task === undefined && next.event === 'failure')
    return first;
  if (first?.kind === 'area' && next.kind === 'module' && isFresh) return { ...first, task: LOADER };
  if (first?.kind === 'bounce' && next.kind === 'bounce') return { ...next, ...first };
  if (first?.kind === 'unused-ram' && next.kind === 'unused-ram') return first;
  return undefined;
}

/** The area has a guard page more, and both are whole pages; one that is not told of may be any. */
function isSameArea(first: AreaRequest, next: AreaRequest): boolean {
  if (first.bytes !== undefined || next.areaBytes !== undefined) return false;
  if (first.areaBytes === undefined || next.bytes === undefined) return true;
  return next.bytes < first.areaBytes && first.areaBytes - next.bytes <= 2 * MOST_PAGE_BYTES;
}

const MOST_PAGE_BYTES = 65536;
/** Who says that a module found no memory, right behind the failure: what failed was for the module. */
const LOADER = 'insmod';

function finished({ info, tasks, killed, kernel, arch, ...report }: Open): FailureReport {
  const { request } = report;
  const told = request !== undefined && 'arch' in request ? request.arch : arch;
  return {
    ...report,
    ...info.result(),
    tasks: tasks.tasks,
    ...(killed !== undefined && { killed }),
    ...(kernel !== undefined && { kernel }),
    ...(told !== undefined && { arch: told }),
  };
}
