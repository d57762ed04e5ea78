/**
 * The fields of the tracepoints whose fields we read, in the order in which they are printed (TP_printk in
 * include/trace/events/kmem.h and vmalloc.h, Linux 6.1 to 6.18; of earlier kernels the forms without name=).
 * Fields behind the last one that is read here may differ from kernel to kernel.
 */

import { Malformed } from '../base/errors.ts';
import { CARRIAGE_RETURN, NEWLINE, SPACE } from '../text/bytes.ts';
import { ByteTable } from './byte-table.ts';
import type { LineCursor } from './cursor.ts';
import { parseGfpFlags } from './gfp-names.ts';
import type { KernelRecordKind, RecordSlot } from './record.ts';

export interface Tracepoint {
  readonly kind: KernelRecordKind;
  readonly name: string;
  /** Reads the fields, the cursor being at the first, into the record; leaves it at what is not read. */
  readonly read: (cursor: LineCursor, record: RecordSlot) => void;
}

const key = (text: string): Uint8Array => new TextEncoder().encode(text);

const PAGE = key('page=');
const PFN = key('pfn=');
const ORDER = key(' order=');
const MIGRATETYPE = key(' migratetype=');
const GFP_FLAGS = key(' gfp_flags=');
const PERCPU_REFILL = key(' percpu_refill=');
const ALLOC_ORDER = key(' alloc_order=');
const FALLBACK_ORDER = key(' fallback_order=');
const PAGEBLOCK_ORDER = key(' pageblock_order=');
const ALLOC_MIGRATETYPE = key(' alloc_migratetype=');
const FALLBACK_MIGRATETYPE = key(' fallback_migratetype=');
const FRAGMENTING = key(' fragmenting=');
const CHANGE_OWNERSHIP = key(' change_ownership=');
const CALL_SITE = key('call_site=');
const PTR = key(' ptr=');
const NAME = key(' name=');
const BYTES_REQ = key(' bytes_req=');
const BYTES_ALLOC = key(' bytes_alloc=');
/** The first has its equals sign in the form of 6.18 only: `va_start: 18446683600687710208`. */
const VA_START = key('va_start');
const SIZE = key(' size=');
const ALIGN = key(' align=');
const FAILED = key(' failed=');

/** Above what any kernel is built for (ARCH_FORCE_MAX_ORDER): bounds the work that a line can ask for. */
const MOST_ORDER = 20;

const COLON = 0x3a;
const EQUALS = 0x3d;

const masks = new ByteTable((text) => {
  const mask = parseGfpFlags(text);
  if (typeof mask === 'number') return mask;
  throw new Malformed(`gfp flags of Linux 6.1 to 6.18, which '${mask}' is not`);
});
const cacheNames = new ByteTable((text) => text);

const READERS: Readonly<Partial<Record<KernelRecordKind, Tracepoint['read']>>> = {
  mm_page_alloc(cursor, record) {
    typedPage(cursor, record);
    gfp(cursor, record);
  },
  mm_page_free: page,
  mm_page_free_batched: page,
  mm_page_alloc_zone_locked(cursor, record) {
    typedPage(cursor, record);
    // since 5.14
    record.percpuRefill = cursor.optionalKey(PERCPU_REFILL) ? cursor.decimal() : Number(record.order === 0);
  },
  mm_page_pcpu_drain: typedPage,
  mm_page_alloc_extfrag(cursor, record) {
    pfn(cursor, record);
    record.order = field(cursor, ALLOC_ORDER);
    record.fallbackOrder = field(cursor, FALLBACK_ORDER);
    record.pageblockOrder = field(cursor, PAGEBLOCK_ORDER);
    record.migratetype = field(cursor, ALLOC_MIGRATETYPE);
    record.fallbackMigratetype = field(cursor, FALLBACK_MIGRATETYPE);
    record.fragmenting = field(cursor, FRAGMENTING);
    record.changeOwnership = field(cursor, CHANGE_OWNERSHIP);
  },
  kmalloc(cursor, record) {
    pointer(cursor, record);
    slabSizes(cursor, record);
  },
  kmem_cache_alloc(cursor, record) {
    pointer(cursor, record);
    record.cache = '';
    if (cursor.optionalKey(NAME)) {
      const start = cursor.at;
      cursor.seek(BYTES_REQ);
      record.cache = cacheNames.get(cursor.bytes, start, cursor.at);
    }
    slabSizes(cursor, record);
  },
  kfree: pointer,
  kmem_cache_free(cursor, record) {
    pointer(cursor, record);
    record.cache = '';
    if (cursor.optionalKey(NAME)) {
      const start = cursor.at;
      toLineEnd(cursor);
      record.cache = cacheNames.get(cursor.bytes, start, cursor.at);
    }
  },
  alloc_vmap_area(cursor, record) {
    vaStart(cursor, record);
    record.size = field(cursor, SIZE);
    record.align = field(cursor, ALIGN);
    cursor.seek(FAILED);
    record.failed = field(cursor, FAILED);
  },
  free_vmap_area_noflush: vaStart,
  tracing_mark_write: text,
};

/** What they are called since 6.1. */
const FORMER_NAMES: Readonly<Record<string, KernelRecordKind>> = {
  kmalloc_node: 'kmalloc',
  kmem_cache_alloc_node: 'kmem_cache_alloc',
};

export function tracepointOf(name: string): Tracepoint {
  const kind = FORMER_NAMES[name] ?? (name as KernelRecordKind);
  const read = Object.hasOwn(READERS, kind) ? READERS[kind] : undefined;
  return read === undefined ? { kind: 'other', name, read: text } : { kind, name, read };
}

function field(cursor: LineCursor, name: Uint8Array): number {
  cursor.key(name);
  return cursor.number();
}

/** `page=` is a hash or, from perf and trace-cmd, wrong: the page frame number tells which page. */
function pfn(cursor: LineCursor, record: RecordSlot): void {
  if (cursor.optionalKey(PAGE)) {
    cursor.skipWord();
    cursor.skipSpaces();
  }
  record.pfn = field(cursor, PFN);
}

function page(cursor: LineCursor, record: RecordSlot): void {
  pfn(cursor, record);
  record.order = field(cursor, ORDER);
  if (record.order > MOST_ORDER) throw new Malformed(`an order of at most ${MOST_ORDER}`);
}

function typedPage(cursor: LineCursor, record: RecordSlot): void {
  page(cursor, record);
  record.migratetype = field(cursor, MIGRATETYPE);
}

function gfp(cursor: LineCursor, record: RecordSlot): void {
  cursor.key(GFP_FLAGS);
  const start = cursor.at;
  record.gfp = masks.get(cursor.bytes, start, cursor.skipWord());
}

/** call_site may have spaces in it (`function+0x10/0x80 [module]`); trace-cmd says it twice. */
function pointer(cursor: LineCursor, record: RecordSlot): void {
  cursor.seek(CALL_SITE);
  cursor.seek(PTR);
  cursor.at += PTR.length;
  record.ptr = cursor.pointer();
}

function slabSizes(cursor: LineCursor, record: RecordSlot): void {
  record.bytesReq = field(cursor, BYTES_REQ);
  record.bytesAlloc = field(cursor, BYTES_ALLOC);
  gfp(cursor, record);
}

function vaStart(cursor: LineCursor, record: RecordSlot): void {
  cursor.key(VA_START);
  const sign = cursor.bytes[cursor.at++];
  if (sign !== COLON && sign !== EQUALS) throw new Malformed("'va_start=' or 'va_start:'");
  cursor.skipSpaces();
  record.vaStart = cursor.number();
}

function text(cursor: LineCursor, record: RecordSlot): void {
  record.textStart = cursor.at;
  toLineEnd(cursor);
  record.textEnd = cursor.at;
}

/** To the last byte of the line that is text. */
function toLineEnd(cursor: LineCursor): void {
  const { bytes } = cursor;
  let at = bytes.indexOf(NEWLINE, cursor.at);
  if (at > cursor.at && bytes[at - 1] === CARRIAGE_RETURN) at--;
  cursor.at = at;
}

/** Moves past the end of the line: further fields may follow, other text must not. */
export function finishLine(cursor: LineCursor): void {
  const { bytes } = cursor;
  const next = bytes[cursor.at];
  if (next === SPACE) cursor.at = bytes.indexOf(NEWLINE, cursor.at);
  else if (next === CARRIAGE_RETURN && bytes[cursor.at + 1] === NEWLINE) cursor.at++;
  else if (next !== NEWLINE) throw new Malformed('the end of the field');
  cursor.at++;
}
