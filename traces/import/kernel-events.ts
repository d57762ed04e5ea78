/**
 * Records of a kernel trace become events that name objects, whichever text they were read from.
 *
 *   mm_page_alloc, mm_page_free                        page_alloc, page_free
 *   kmalloc, kmem_cache_alloc, kfree, kmem_cache_free  the same; kmem_cache_create when a cache is first seen
 *   alloc_vmap_area, free_vmap_area_noflush            vm_area, free_vm_area; also by kprobes of `vmsplit capture`
 *   kmap_high, kunmap_high, by such kprobes            kmap, kunmap
 *   sched_process_fork, _exec, _exit                   spawn, exec, exit
 *   the task of any line                               spawn when first seen; switch when a cpu runs another one
 *
 * Each line is said as one event, or ignored by a rule that is named and counted; events that no line says are
 * implied by a rule, named and counted too (kernel-pages.ts, kernel-slabs.ts). A request that failed is said, with a
 * note of that, and its object given back at once: whoever asked went on without it. What a line lacks because an option left it out (cpu,
 * task, time) is counted and told.
 *
 * Simplified. Pages that the kernel took for slabs, kernel stacks and page tables have lines of their own, and
 * a machine takes such pages for its slab objects and processes again: of a trace with slab events it needs a
 * little more memory than the kernel did. Tasks that no line of sched ends stay. Think time is the
 * whole time between two stamps, the kernel's own work included. Page faults are not replayed: their
 * pages have lines of their own, their mappings none.
 */
import { ImportError } from '../base/errors.ts';
import { ABSENT, type KernelEvent, type KernelRecord, NO_TRACEPOINTS } from '../kernel/record.ts';
import type { AreaCallers } from '../proc/area-callers.ts';
import { MAX_NAME_LETTERS, MAX_NAMES } from '../vmt/object-names.ts';
import type { BatchSink } from '../vmt/writer.ts';
import { EventStream, fits, MAX_CPUS } from './event-stream.ts';
import type { ImportResult } from './importer.ts';
import { AreaObjects } from './kernel-areas.ts';
import { PageObjects } from './kernel-pages.ts';
import { SlabObjects } from './kernel-slabs.ts';
import { RunningTasks } from './kernel-tasks.ts';
import { NamedIds } from './named-ids.ts';
import { PageAddresses } from './page-addresses.ts';

/** Why a tracepoint is no event; the first that fits. */
const TRACEPOINT_RULES: readonly (readonly [rule: string, names: RegExp])[] = [
  ['page fault', /^page_fault_(user|kernel)$/],
  ['TLB flush', /^tlb_flush$/],
  ['rss_stat', /^rss_stat$/],
  ['purge of freed vmap areas', /^purge_vmap_area_lazy$/],
  ['reclaim', /^mm_(vmscan|shrink)_/],
  ['compaction', /^mm_compaction_/],
  ['migration', /^(mm_migrate_|(set|remove)_migration_)/],
];

const SCHED = /^sched_process_(?:fork|exec|exit)$/;
const TOO_LARGE = 'slab object of 4 GiB or more';

type Tracepoint = Extract<KernelRecord, KernelEvent>;
type OtherTracepoint = Extract<KernelRecord, { readonly kind: 'other' }>;
type Requests = Extract<KernelRecord, { readonly gfpUnknown: string }>;
type KmapRecord = Extract<KernelRecord, { readonly kind: 'kmap' | 'kunmap' }>;
type SlabFree = Extract<KernelRecord, { readonly kind: 'kfree' | 'kmem_cache_free' }>;

export class KernelEvents {
  private readonly file: string;
  private readonly format: string;
  private readonly events = new EventStream();
  private readonly tasks = new RunningTasks(this.events);
  private readonly numbers = new NamedIds();
  private readonly pages = new PageObjects(this.events, this.numbers);
  private readonly addresses = new PageAddresses();
  private readonly slabs = new SlabObjects(this.events, this.numbers);
  private readonly areas: AreaObjects;
  private readonly ignored: Record<string, number> = {};
  private readonly changed: Record<string, number> = {};
  private readonly warnings = new Set<string>();
  /** By which rule tracepoints of a name are ignored. */
  private readonly rules = new Map<string, string>();
  private lostEvents = 0;
  /** Lines of tracepoints that lack something. */
  readonly lacking = { cpu: 0, task: 0, time: 0, ticks: 0 };

  /**
   * @param file for messages
   * @param format the importer's name
   * @param callers who has areas after the trace
   */
  constructor(file: string, format: string, callers: AreaCallers = new Map()) {
    this.file = file;
    this.format = format;
    this.areas = new AreaObjects(this.events, this.numbers, callers);
  }

  /** Whether any line was an event of memory. */
  get hasEvents(): boolean {
    return this.events.said > this.tasks.said;
  }

  /** Writes the batches that are full. */
  writeFull(output: BatchSink): Promise<void> {
    return this.events.writeFull(output);
  }

  warn(warning: string): void {
    this.warnings.add(warning);
  }

  /** Counts a line as ignored. */
  ignore(rule: string): void {
    this.ignored[rule] = (this.ignored[rule] ?? 0) + 1;
  }

  line(record: KernelRecord): void {
    const rule = isTracepoint(record) ? this.tracepoint(record) : this.otherLine(record);
    if (rule !== undefined) this.ignore(rule);
  }

  /** By which rule the line is ignored. */
  private otherLine(record: Exclude<KernelRecord, KernelEvent>): string {
    switch (record.kind) {
      case 'lost':
        this.lost(record.count);
        return 'note of lost events';
      case 'buffer':
        this.lostEvents += Math.max(0, record.written - record.entries);
        return 'banner';
      case 'buffer_start':
      case 'banner':
        return 'banner';
      case 'page':
        return 'page around the trace';
      case 'blank':
        return 'empty line';
      case 'callchain':
        return 'call chain';
      case 'cut':
        this.warnings.add(
          `line ${record.line} has no end: the trace was cut there, and the line is left out`,
        );
        return 'last line, cut';
    }
  }

  private tracepoint(record: Tracepoint): string | undefined {
    const { cpu, pid, timeNs } = record;
    if (cpu >= MAX_CPUS) throw this.tooManyCpus(record);
    const at = cpu === ABSENT ? 0 : cpu;
    if (timeNs === ABSENT) this.events.on(at);
    else this.events.at(at, timeNs);
    if (pid !== ABSENT) this.tasks.run(at, pid);
    if (record.kind === 'foreign') return record.name;
    if (cpu === ABSENT || pid === ABSENT || timeNs === ABSENT) this.countLacking(record);
    return this.say(record);
  }

  private countLacking(record: Tracepoint): void {
    const { lacking } = this;
    if (record.cpu === ABSENT) lacking.cpu++;
    if (record.pid === ABSENT) lacking.task++;
    if (record.timeNs === ABSENT) lacking[record.hasTicks ? 'ticks' : 'time']++;
  }

  /** Says the event of the line, or by which rule the line is ignored. */
  private say(record: Exclude<Tracepoint, { readonly kind: 'foreign' }>): string | undefined {
    switch (record.kind) {
      case 'mm_page_alloc':
        this.checkFlags(record);
        this.addresses.learn(record.page, record.pfn);
        return record.pfn === 0
          ? this.pages.fail(record.order, record.gfp)
          : this.pages.alloc(record.pfn, record.order, record.gfp);
      case 'mm_page_free':
        this.addresses.learn(record.page, record.pfn);
        return this.pages.free(record.pfn, record.order);
      case 'kmap':
      case 'kunmap':
        return this.kmap(record);
      case 'mm_page_free_batched':
        return 'free that mm_page_free said already';
      case 'mm_page_alloc_zone_locked':
      case 'mm_page_pcpu_drain':
      case 'mm_page_alloc_extfrag':
        return 'inside the page allocator';
      case 'kmalloc':
        this.checkFlags(record);
        if (!fits(record.bytesReq)) return TOO_LARGE;
        return record.ptr === 0 ? this.slabs.failKmalloc(record) : this.slabs.kmalloc(record);
      case 'kmem_cache_alloc':
        this.checkFlags(record);
        if (!fits(record.bytesReq) || !fits(record.bytesAlloc)) return TOO_LARGE;
        return record.ptr === 0 ? this.slabs.failCacheAlloc(record) : this.slabs.cacheAlloc(record);
      case 'kfree':
        return record.ptr === 0 ? 'kfree(NULL)' : this.slabFree(record);
      case 'kmem_cache_free':
        return this.slabFree(record);
      case 'alloc_vmap_area':
        return record.failed === 0 ? this.areas.alloc(record) : this.areas.fail(record);
      case 'area_asked':
        return this.areas.asked(record);
      case 'area_given':
        return this.areas.given(record);
      case 'free_vmap_area_noflush':
        return this.areas.free(record.vaStart);
      case 'tracing_mark_write':
        return 'marker';
      case 'other':
        return SCHED.test(record.name) ? this.task(record) : this.ruleOf(record.name);
    }
  }

  /** What is not known of the flags is told, and changes nothing else. */
  private checkFlags({ gfpUnknown, gfpIsNumber }: Requests): void {
    if (gfpUnknown !== '') this.change(`gfp flag without a meaning here: ${gfpUnknown}`);
    if (gfpIsNumber) this.change('gfp flags as a number: taken as bits of Linux 5.0 and later');
  }

  /** What a line of sched says of a task: of the one that runs, but for a child. */
  private task({ name, cpu, text }: OtherTracepoint): string | undefined {
    const at = cpu === ABSENT ? 0 : cpu;
    if (name === 'sched_process_exec') return this.tasks.exec(at);
    if (name === 'sched_process_exit') return this.tasks.exit(at);
    const child = /\bchild_pid=(\d{1,10})$/.exec(text.trimEnd())?.[1];
    return child === undefined ? this.ruleOf(name) : this.tasks.fork(Number(child));
  }

  private ruleOf(name: string): string {
    const known = this.rules.get(name);
    if (known !== undefined) return known;
    const rule = ruleOf(name);
    this.rules.set(name, rule);
    return rule;
  }

  private kmap({ kind, page }: KmapRecord): string | undefined {
    const pfn = this.addresses.pfnOf(page);
    if (pfn === undefined) return 'kmap or kunmap of a page whose frame no line tells';
    return kind === 'kmap' ? this.pages.kmap(pfn) : this.pages.kunmap(pfn);
  }

  private slabFree({ kind, ptr }: SlabFree): string | undefined {
    const allocator = this.slabs.free(ptr);
    if (allocator === undefined) return 'free of a slab object of before the trace, or allocated in bulk';
    if (kind === 'kfree' && allocator === 'kmem_cache') this.change('kfree() of a kmem_cache object');
    if (kind !== 'kfree' && allocator === 'kmalloc') this.change('kmem_cache_free() of a kmalloc object');
    return undefined;
  }

  change(rule: string): void {
    this.changed[rule] = (this.changed[rule] ?? 0) + 1;
  }

  private lost(count: number): void {
    if (count < 0) this.warnings.add('events were lost while recording, and the trace does not say how many');
    else this.lostEvents += count;
  }

  private tooManyCpus({ line, cpu }: Tracepoint): ImportError {
    return new ImportError({
      file: this.file,
      line,
      found: `cpu ${cpu}`,
      expected: `cpus from 0 to ${MAX_CPUS - 1}`,
      remedy: 'Record fewer cpus: tracing_cpumask of tracefs, perf record -C, trace-cmd record -M',
    });
  }

  /** Writes what is left. */
  async end(output: BatchSink, lines: number): Promise<ImportResult> {
    await this.events.end(output);
    return this.result(lines);
  }

  private result(lines: number): ImportResult {
    const names = this.numbers.note();
    const { events, tasks, slabs, ignored, changed, lostEvents, warnings } = this;
    if (lostEvents > 0)
      warnings.add(
        `${lostEvents} events were lost or overwritten while recording: what follows from it is implied`,
      );
    if (this.numbers.nameless > 0) warnings.add(tooManyNames(this.numbers.nameless));
    if (events.lostNs > 0) warnings.add(longWaits(events.lostNs));
    for (const warning of lackOf(this.lacking)) warnings.add(warning);
    return {
      format: this.format,
      lines,
      events: events.count,
      eventLines: events.said,
      references: { read: 0, write: 0, modify: 0, execute: 0 },
      ignored,
      implied: events.implied,
      changed,
      lostEvents,
      processes: tasks.count,
      warnings: [...warnings],
      notes: { cpus: events.cpus, caches: slabs.caches, ...(names && { names }) },
    };
  }
}

/** The record is one object for all lines: only its kind tells what it is. */
function isTracepoint(record: KernelRecord): record is Tracepoint {
  return !NO_TRACEPOINTS.has(record.kind);
}

/** The rule by which a tracepoint of this name is no event: one of its own when there is no other. */
function ruleOf(name: string): string {
  const rule = TRACEPOINT_RULES.find(([, names]) => names.test(name));
  return rule?.[0] ?? `tracepoint ${name}`;
}

function longWaits(ns: number): string {
  return `${(ns / 1e9).toFixed(1)} s in which a cpu had no event are left out: an event carries 4.29 s at most`;
}

function tooManyNames(requests: number): string {
  return `${requests} requests have no name of who asked: more than ${MAX_NAMES} names, or one above ${MAX_NAME_LETTERS} letters`;
}

function lackOf({ cpu, task, time, ticks }: KernelEvents['lacking']): string[] {
  return [
    cpu > 0 && `${cpu} lines do not say on which cpu they are: taken as of cpu 0`,
    task > 0 && `${task} lines do not say which task ran: its spawn and switch are missing`,
    time > 0 && `${time} lines have no time: their events have no think time`,
    ticks > 0 &&
      `${ticks} lines have ticks of a clock of unknown speed for a time (counter, uptime, x86-tsc): ` +
        'their events have no think time',
  ].filter((warning) => warning !== false);
}
