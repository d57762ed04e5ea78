/**
 * Imports /sys/kernel/debug/page_owner (print_page_owner of mm/page_owner.c, 3.19 to 6.18): every block of pages that is
 * allocated at the moment of the dump, with the request that it was allocated by.
 *
 *   Page allocated via order 0, mask 0x140cca(GFP_HIGHUSER_MOVABLE|__GFP_COMP), pid 17, tgid 17 (cc1), ts 905 ns, free_ts 17 ns
 *   PFN 0x1a5f3 type Movable Block 210 type Movable Flags 0x...(...)
 *    get_page_from_freelist+0x123/0x456       and the rest of its call chain, up to an empty line
 *
 * The requests are put in the order of their times. free_ts (5.13 to 6.7) is when the page was last freed before that:
 * a page that was freed was allocated before, which is put just before its free, as a request of the same kind. Versions
 * without times keep the order of the dump, which is that of the frames, and have no think time.
 *
 * What a dump cannot say: pages that were freed again by its time, so it says what was kept, not what was done; and cpus.
 */
import { IdPool } from '../../core/event/id-pool.ts';
import { EVENT_KINDS } from '../../core/event/kinds.ts';
import { ImportError } from '../base/errors.ts';
import { parseGfpFlags } from '../kernel/gfp-names.ts';
import { evidenceOf } from '../text/evidence.ts';
import { textLines } from '../text/lines.ts';
import { UNRECOGNISED } from '../text/rules.ts';
import type { BatchSink } from '../vmt/writer.ts';
import { EventStream } from './event-stream.ts';
import type { Importer, ImportInput, ImportResult } from './importer.ts';
import { RunningTasks } from './kernel-tasks.ts';

const PAGE_ALLOC = EVENT_KINDS.page_alloc.code;
const PAGE_FREE = EVENT_KINDS.page_free.code;

const NAME = 'page-owner';
const PAGE = /^Page allocated via order (\d{1,2}), mask (0x[0-9a-f]{1,8})(?:\(([^)]{0,400})\))?/;
const PID = /, pid (\d{1,10})[, ]/;
const TIME = /, ts (\d{1,20}) ns/;
const FREE_TIME = /, free_ts (\d{1,20}) ns/;
const FRAME = /^PFN (?:0x[0-9a-f]{1,16}|\d{1,20}) /;
/** Above what any kernel is built for (ARCH_FORCE_MAX_ORDER). */
const MOST_ORDER = 20;
const CPU = 0;
/** Batches are written at least this often while events come out of memory. */
const REQUESTS_PER_WRITE = 10_000;

const REMEDY = 'Boot with page_owner=on, and copy /sys/kernel/debug/page_owner';
const EARLIER = 'page that was freed before, and allocated before that';

/** Why a line is none of a page; the first that fits. */
const RULES: readonly (readonly [rule: string, pattern: RegExp])[] = [
  ['call chain', /^ \S/],
  ['empty line', /^\s*$/],
  ['charged to', /^(?:Charged |Page has been migrated|Slab cache page)/],
  [UNRECOGNISED.other, /^/],
];

/** A block of pages, as its first line has it. */
interface Request {
  readonly order: number;
  readonly gfp: number;
  readonly pid: number | undefined;
  readonly timeNs: number | undefined;
  readonly freeNs: number;
}

class PageOwnerImport {
  private readonly input: ImportInput;
  private readonly events = new EventStream();
  private readonly tasks = new RunningTasks(this.events);
  private readonly numbers = new IdPool();
  private readonly requests: Request[] = [];
  private readonly ignored: Record<string, number> = {};
  private readonly changed: Record<string, number> = {};
  private readonly warnings: string[] = [];
  /** Its first line was read, its frame is to come. */
  private open: Request | undefined;
  private lines = 0;

  constructor(input: ImportInput) {
    this.input = input;
  }

  async run(output: BatchSink): Promise<ImportResult> {
    const { input } = this;
    for await (const { lines, cut } of textLines(input.blocks, input.name)) {
      for (const line of lines) this.line(line, cut);
    }
    if (this.requests.length === 0) throw this.fault(undefined, `${this.lines} lines, none of them a page`);
    await this.say(output);
    await this.events.end(output);
    return this.result();
  }

  private line(line: string, cut: boolean): void {
    this.lines++;
    const rule = cut ? this.cut() : this.read(line);
    if (rule !== undefined) this.ignored[rule] = (this.ignored[rule] ?? 0) + 1;
  }

  private cut(): string {
    this.warnings.push(`line ${this.lines} has no end: the dump was cut there, and the line is left out`);
    return 'last line, cut';
  }

  private read(line: string): string | undefined {
    const page = PAGE.exec(line);
    if (page !== null) {
      this.open = this.requestOf(page, line);
      return 'first line of a page';
    }
    if (this.open === undefined || !FRAME.test(line))
      return RULES.find(([, pattern]) => pattern.test(line))![0];
    this.requests.push(this.open);
    this.open = undefined;
    return undefined;
  }

  private requestOf([, order, mask, names]: RegExpExecArray, line: string): Request {
    const flags = parseGfpFlags(names ?? mask!);
    for (const name of flags.unknown) this.change(`gfp flag without a meaning here: ${name}`);
    if (flags.isNumber) this.change('gfp flags as a number: taken as bits of Linux 5.0 and later');
    if (Number(order) > MOST_ORDER) throw this.fault(this.lines, JSON.stringify(line.slice(0, 160)));
    const [pid, time] = [PID.exec(line)?.[1], TIME.exec(line)?.[1]];
    return {
      order: Number(order),
      gfp: flags.mask,
      pid: pid === undefined ? undefined : Number(pid),
      timeNs: time === undefined ? undefined : Number(time),
      freeNs: Number(FREE_TIME.exec(line)?.[1] ?? 0),
    };
  }

  private change(rule: string): void {
    this.changed[rule] = (this.changed[rule] ?? 0) + 1;
  }

  private async say(output: BatchSink): Promise<void> {
    const steps = inOrder(this.requests);
    if (this.requests.some(({ timeNs }) => timeNs === undefined))
      this.warnings.push('pages without a time: in the order of the dump, which is that of their frames');
    for (const [i, { request, timeNs, isEarlier }] of steps.entries()) {
      this.events.at(CPU, timeNs);
      if (isEarlier) this.sayEarlier(request);
      else this.sayRequest(request);
      if (i % REQUESTS_PER_WRITE === 0) await this.events.writeFull(output);
    }
  }

  private sayEarlier({ order, gfp }: Request): void {
    const object = this.numbers.take();
    this.events.imply(EARLIER, PAGE_ALLOC, object, order, gfp);
    this.events.imply(EARLIER, PAGE_FREE, object);
    this.numbers.give(object);
  }

  private sayRequest({ order, gfp, pid }: Request): void {
    if (pid !== undefined) this.tasks.run(CPU, pid);
    this.events.say(PAGE_ALLOC, this.numbers.take(), order, gfp);
  }

  private fault(line: number | undefined, found: string): ImportError {
    return new ImportError({
      file: this.input.name,
      ...(line === undefined ? {} : { line }),
      found,
      expected: `"Page allocated via order 0, mask 0x...", of an order of at most ${MOST_ORDER}, and "PFN ..." behind it`,
      remedy: REMEDY,
    });
  }

  private result(): ImportResult {
    const { events, tasks, ignored, changed, warnings, lines } = this;
    if (events.lostNs > 0)
      warnings.push(`${(events.lostNs / 1e9).toFixed(1)} s are left out: an event carries 4.29 s at most`);
    return {
      format: NAME,
      lines,
      events: events.count,
      eventLines: events.said,
      references: { read: 0, write: 0, modify: 0, execute: 0 },
      ignored,
      implied: events.implied,
      changed,
      processes: tasks.count,
      warnings,
    };
  }
}

interface Step {
  readonly request: Request;
  readonly timeNs: number;
  /** Its free before the request. */
  readonly isEarlier: boolean;
}

/** What happened, by time; at one time, and without any, in the order of the dump. */
function inOrder(requests: readonly Request[]): Step[] {
  const steps: Step[] = [];
  for (const request of requests) {
    const { timeNs = 0, freeNs } = request;
    if (freeNs > 0 && freeNs <= timeNs) steps.push({ request, timeNs: freeNs, isEarlier: true });
    steps.push({ request, timeNs, isEarlier: false });
  }
  return steps.sort((a, b) => a.timeNs - b.timeNs);
}

export const pageOwner: Importer = {
  name: NAME,
  describe: '/sys/kernel/debug/page_owner: the pages that a kernel has allocated, and by which requests',
  grammar: [
    'Page allocated via order 0, mask 0xcc0(GFP_KERNEL), pid 1, tgid 1 (init), ts 905 ns',
    'PFN 0x1a5f3 type Movable Block 210 type Movable Flags 0x200(...)',
    'only what was kept until the dump is in it; times and pid as far as the version says them',
  ],
  sniff: (head) =>
    evidenceOf(head, {
      what: 'pages such as "Page allocated via order 0, mask 0xcc0(GFP_KERNEL), ..."',
      isOwn: (line) => PAGE.test(line),
      isShared: (line) =>
        FRAME.test(line) ||
        RULES.some(([rule, pattern]) => rule !== UNRECOGNISED.other && pattern.test(line)),
    }),
  import: (input, output) => new PageOwnerImport(input).run(output),
};
