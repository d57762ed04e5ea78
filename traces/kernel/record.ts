/**
 * One line of a kernel trace, read: what readKernelRecords hands out.
 *
 * `kind` is the tracepoint's own name (include/trace/events/kmem.h, vmalloc.h) where its fields are read, 'other'
 * for all further tracepoints, and a word of ours for lines that are no tracepoint. Fields have the units of the
 * kernel: pfn in pages, order log2 of pages, sizes in bytes. Pointers and addresses are their low 53 bits, which
 * a number holds exactly: they tell objects apart (hashed ones too), and are 0 for NULL only. What a line may leave
 * out, because an option of the tool said so, is ABSENT.
 */
import { utf8 } from '../host/index.ts';

/** Of a time, cpu or task: the line does not say. */
export const ABSENT = -1;

/** What every line has. */
export interface KernelLine {
  /** 1 for the first line of the file. */
  readonly line: number;
}

/** What every tracepoint has. */
export interface KernelEvent extends KernelLine {
  /**
   * Time stamp; exact up to 104 days after boot, to 4 ns beyond. Equal stamps are common: order is that of the lines.
   * ABSENT where the line has none, or ticks of a clock of unknown speed.
   */
  readonly timeNs: number;
  /** The time is a number of ticks. */
  readonly hasTicks: boolean;
  /** Its flags say that the task was interrupted, by an interrupt or a softirq; false where there are none. */
  readonly inInterrupt: boolean;
  /** Or ABSENT. */
  readonly cpu: number;
  /** The task that ran: its thread id, 0 for idle. Or ABSENT. */
  readonly pid: number;
  /** Its name, with anything in it; '' where the line has none. */
  readonly comm: string;
}

/** A tracepoint about pages. */
interface PageEvent extends KernelEvent {
  /** Its struct, as printed, which may be a hash; 0: not said. */
  readonly page: number;
  readonly pfn: number;
  readonly order: number;
}

/** A tracepoint with gfp flags. */
interface Request {
  readonly gfp: number;
  /** Names in the flags that no kernel has, joined by `|`: they are not in `gfp`. */
  readonly gfpUnknown: string;
  /** The flags are printed as one number: taken as bits of Linux 5.0 and later. */
  readonly gfpIsNumber: boolean;
}

interface TypedPageEvent extends PageEvent {
  /** As this kernel numbers them: 0 unmovable, 1 movable, 2 reclaimable, ... */
  readonly migratetype: number;
}

export type KernelRecord =
  /** An allocation, from per-cpu list or buddy: migratetype is the one asked for; pfn is 0 when it failed. */
  | (TypedPageEvent & Request & { readonly kind: 'mm_page_alloc' })
  | (PageEvent & { readonly kind: 'mm_page_free' })
  /** Said again of pages whose mm_page_free is in the trace already. */
  | (PageEvent & { readonly kind: 'mm_page_free_batched' })
  /** From the buddy, to a per-cpu list (percpuRefill 1) or to the caller (0). */
  | (TypedPageEvent & { readonly kind: 'mm_page_alloc_zone_locked'; readonly percpuRefill: number })
  /** From a per-cpu list to the buddy; migratetype is the pageblock's. */
  | (TypedPageEvent & { readonly kind: 'mm_page_pcpu_drain' })
  /** From the buddy, of another migrate type: order and migratetype are those asked for. */
  | (TypedPageEvent & {
      readonly kind: 'mm_page_alloc_extfrag';
      readonly fallbackOrder: number;
      readonly pageblockOrder: number;
      readonly fallbackMigratetype: number;
      readonly fragmenting: number;
      readonly changeOwnership: number;
    })
  /** kmalloc_node too. ptr is 0 when it failed. */
  | (KernelEvent &
      Request & {
        readonly kind: 'kmalloc';
        /** Who asked: a symbol with its offset, or an address, as printed; '' where the line does not say. */
        readonly callSite: string;
        readonly ptr: number;
        readonly bytesReq: number;
        readonly bytesAlloc: number;
      })
  /** kmem_cache_alloc_node too. cache is '' where the kernel does not say (before 6.1). */
  | (KernelEvent &
      Request & {
        readonly kind: 'kmem_cache_alloc';
        readonly callSite: string;
        readonly ptr: number;
        readonly cache: string;
        readonly bytesReq: number;
        readonly bytesAlloc: number;
      })
  | (KernelEvent & { readonly kind: 'kfree'; readonly ptr: number })
  | (KernelEvent & { readonly kind: 'kmem_cache_free'; readonly ptr: number; readonly cache: string })
  | (KernelEvent & {
      readonly kind: 'alloc_vmap_area';
      readonly vaStart: number;
      readonly size: number;
      readonly align: number;
      /** 1: no room, and vaStart means nothing. */
      readonly failed: number;
    })
  | (KernelEvent & { readonly kind: 'free_vmap_area_noflush'; readonly vaStart: number })
  /** An area is asked for, by a kprobe where there is no tracepoint; which one that is, says the next of this task. */
  | (KernelEvent & { readonly kind: 'area_asked'; readonly size: number; readonly align: number })
  | (KernelEvent & { readonly kind: 'area_given'; readonly vaStart: number; readonly failed: number })
  /** kmap_high() and kunmap_high() of a page of high memory, which only its struct tells. */
  | (KernelEvent & { readonly kind: 'kmap' | 'kunmap'; readonly page: number })
  /** A line that a program wrote into trace_marker. */
  | (KernelEvent & { readonly kind: 'tracing_mark_write'; readonly text: string })
  /** A line of another tracer, or of none: `name` is what kind of line, `text` the line behind its head. */
  | (KernelEvent & { readonly kind: 'foreign'; readonly name: string; readonly text: string })
  /** Any other tracepoint. */
  | (KernelEvent & { readonly kind: 'other'; readonly name: string; readonly text: string })
  /** So many events of this cpu are missing here; -1 when the trace does not say how many. */
  | (KernelLine & { readonly kind: 'lost'; readonly cpu: number; readonly count: number })
  /** The head of tracefs' `trace`: what the ring buffer holds of what was written to it. */
  | (KernelLine & { readonly kind: 'buffer'; readonly entries: number; readonly written: number })
  /** The ring buffer of a cpu begins here. */
  | (KernelLine & { readonly kind: 'buffer_start' })
  /** Comments and banners of the tools. */
  | (KernelLine & { readonly kind: 'banner' })
  /** A line of the page that a trace is embedded in. */
  | (KernelLine & { readonly kind: 'page' })
  | (KernelLine & { readonly kind: 'callchain' })
  | (KernelLine & { readonly kind: 'blank' })
  /** A last line without its end. */
  | (KernelLine & { readonly kind: 'cut' });

export type KernelRecordKind = KernelRecord['kind'];

/** Kinds of lines without a task, a cpu and a time. */
export const NO_TRACEPOINTS: ReadonlySet<KernelRecordKind> = new Set<
  Exclude<KernelRecord, KernelEvent>['kind']
>(['lost', 'buffer', 'buffer_start', 'banner', 'page', 'blank', 'callchain', 'cut']);

/** The one object behind all records of a reader, filled anew for each line: fields of other kinds are stale. */
export class RecordSlot {
  kind: KernelRecordKind = 'blank';
  line = 0;
  timeNs = ABSENT;
  cpu = ABSENT;
  pid = ABSENT;
  hasTicks = false;
  inInterrupt = false;
  page = 0;
  pfn = 0;
  order = 0;
  migratetype = 0;
  gfp = 0;
  gfpUnknown = '';
  gfpIsNumber = false;
  percpuRefill = 0;
  fallbackOrder = 0;
  pageblockOrder = 0;
  fallbackMigratetype = 0;
  fragmenting = 0;
  changeOwnership = 0;
  callSite = '';
  ptr = 0;
  bytesReq = 0;
  bytesAlloc = 0;
  cache = '';
  vaStart = 0;
  size = 0;
  align = 0;
  failed = 0;
  name = '';
  /** Where its name was printed: from the subsystem, if there is one, to the colon. */
  nameStart = 0;
  nameEnd = 0;
  count = 0;
  entries = 0;
  written = 0;

  /** The texts stay bytes until somebody asks for them. */
  bytes: Uint8Array = new Uint8Array(0);
  lineStart = 0;
  commStart = 0;
  commEnd = 0;
  textStart = 0;
  textEnd = 0;

  get comm(): string {
    return utf8(this.bytes.subarray(this.commStart, this.commEnd)).trimStart();
  }

  get text(): string {
    return utf8(this.bytes.subarray(this.textStart, this.textEnd));
  }
}
