/**
 * The fields of the tracepoints whose fields we read, in the order in which they are printed (TP_printk in
 * include/trace/events/kmem.h and vmalloc.h, Linux 2.6.31 to 6.18; before 6.1 without name=). Fields behind the last
 * one that is read here may differ from kernel to kernel. Options that print a record field by field have another
 * order: then the fields are looked up by name.
 */

import { Malformed } from '../base/errors.ts';
import { latin1 } from '../host/index.ts';
import { CARRIAGE_RETURN, HEX_DIGITS, NEWLINE, SPACE } from '../text/bytes.ts';
import { ByteTable } from './byte-table.ts';
import type { LineCursor } from './cursor.ts';
import { parseGfpFlags } from './gfp-names.ts';
import { type NamedFields, namedFields } from './named-fields.ts';
import { checkedOrder, checkedPfn, NAMED_READERS, setFlags } from './named-tracepoints.ts';
import type { KernelRecordKind, RecordSlot } from './record.ts';

export interface Tracepoint {
  readonly kind: KernelRecordKind;
  readonly name: string;
  /** Reads the fields, the cursor being at the first, into the record; leaves it at what is not read. */
  readonly read: (cursor: LineCursor, record: RecordSlot) => void;
  /** The same with the fields in any order; absent for tracepoints whose fields are not read. */
  readonly readNamed?: ((fields: NamedFields, record: RecordSlot) => void) | undefined;
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

const STAR = 0x2a;
const SLASH = 0x2f;
const COLON = 0x3a;
const EQUALS = 0x3d;

const RET = key(' ret=');
const VA = key(' va=');
/** Behind each area, of the machines that have such kernels. */
const GUARD_BYTES = 4096;
/** MAX_ERRNO (include/linux/err.h, v6.1): pointers above are errors. */
const MAX_ERRNO = 4095;
const ADDRESS_ENDS = [2 ** 32, 2 ** 53];

const masks = new ByteTable(parseGfpFlags);
const cacheNames = new ByteTable((text) => text);
const callSites = new ByteTable((text) => text);

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
    calledPointer(cursor, record);
    slabSizes(cursor, record);
  },
  kmem_cache_alloc(cursor, record) {
    calledPointer(cursor, record);
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
      record.cache = cacheNames.get(cursor.bytes, start, withoutCommentEnd(cursor.bytes, cursor.at));
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

/**
 * kprobes of `vmsplit capture`, by their names. alloc_vmap_area() is asked for the guard page too, the others, from
 * which all of vmalloc, vmap and ioremap come, are not.
 */
const PROBES: ReadonlyMap<string, readonly [KernelRecordKind, Tracepoint['read']]> = new Map([
  ['vmsplit_area', ['area_asked', asked(0)]],
  ['vmsplit_vmalloc', ['area_asked', asked(GUARD_BYTES)]],
  ['vmsplit_mapped', ['area_asked', asked(GUARD_BYTES)]],
  ['vmsplit_area_ret', ['area_given', given]],
  ['vmsplit_vmalloc_ret', ['area_given', given]],
  ['vmsplit_mapped_ret', ['area_given', given]],
  ['vmsplit_area_free', ['free_vmap_area_noflush', probedAddress]],
  ['vmsplit_kmap', ['kmap', probedPage]],
  ['vmsplit_kunmap', ['kunmap', probedPage]],
]);

/** What they are called since 3.3 and 6.1. */
const FORMER_NAMES: ReadonlyMap<string, KernelRecordKind> = new Map([
  ['kmalloc_node', 'kmalloc'],
  ['kmem_cache_alloc_node', 'kmem_cache_alloc'],
  // __free_pages() and __pagevec_free() of mm/page_alloc.c, 2.6.31 to 3.2: each page is freed by one of them
  ['mm_page_free_direct', 'mm_page_free'],
  ['mm_pagevec_free', 'mm_page_free'],
]);

export function tracepointOf(name: string): Tracepoint {
  const probe = PROBES.get(name);
  if (probe !== undefined) return { kind: probe[0], name, read: probe[1] };
  const kind = FORMER_NAMES.get(name) ?? (name as KernelRecordKind);
  const read = Object.hasOwn(READERS, kind) ? READERS[kind] : undefined;
  if (read === undefined) return { kind: 'other', name, read: text };
  return {
    kind,
    name,
    read,
    readNamed: Object.hasOwn(NAMED_READERS, kind) ? NAMED_READERS[kind] : undefined,
  };
}

/** A line that says an event which is read here, at whatever place: one that cannot be read must not be passed over. */
export const SAYS_EVENT = new RegExp(
  String.raw`\b(?:${[...Object.keys(NAMED_READERS), ...FORMER_NAMES.keys()].join('|')}): +\S.{0,200}\b(?:pfn|ptr|va_start)[=:]`,
);

function field(cursor: LineCursor, name: Uint8Array): number {
  cursor.key(name);
  return cursor.number();
}

/** `page=` may be a hash or, from perf and trace-cmd, wrong: the page frame number tells which page. */
function pfn(cursor: LineCursor, record: RecordSlot): void {
  record.page = 0;
  if (cursor.optionalKey(PAGE)) {
    // `page=          (null)`: %p pads it before 4.15
    cursor.skipSpaces();
    if (HEX_DIGITS[cursor.bytes[cursor.at]!]! < 16) record.page = cursor.pointer();
    cursor.skipWord();
    cursor.skipSpaces();
  }
  record.pfn = checkedPfn(field(cursor, PFN));
}

function page(cursor: LineCursor, record: RecordSlot): void {
  pfn(cursor, record);
  record.order = checkedOrder(field(cursor, ORDER));
}

function typedPage(cursor: LineCursor, record: RecordSlot): void {
  page(cursor, record);
  record.migratetype = field(cursor, MIGRATETYPE);
}

function gfp(cursor: LineCursor, record: RecordSlot): void {
  cursor.key(GFP_FLAGS);
  const start = cursor.at;
  setFlags(record, masks.get(cursor.bytes, start, cursor.skipWord()));
}

/** call_site may have spaces in it (`function+0x10/0x80 [module]`); trace-cmd says it twice. */
function pointer(cursor: LineCursor, record: RecordSlot): void {
  cursor.seek(CALL_SITE);
  cursor.seek(PTR);
  cursor.at += PTR.length;
  cursor.skipSpaces();
  record.ptr = cursor.pointer();
}

/** The same with who asked for it. */
function calledPointer(cursor: LineCursor, record: RecordSlot): void {
  cursor.seek(CALL_SITE);
  const start = cursor.at + CALL_SITE.length;
  cursor.seek(PTR);
  record.callSite = callSites.get(cursor.bytes, start, cursor.at);
  cursor.at += PTR.length;
  cursor.skipSpaces();
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

/** @param guardBytes what the area takes beside what was asked for; without `align=` it is aligned to nothing */
function asked(guardBytes: number): Tracepoint['read'] {
  return (cursor, record) => {
    cursor.seek(SIZE);
    record.size = Math.ceil(field(cursor, SIZE) / GUARD_BYTES) * GUARD_BYTES + guardBytes;
    record.align = cursor.optionalKey(ALIGN) ? cursor.number() : 0;
  };
}

/** What a function returned, and the address in that: of an error, which has none, `(fault)` or anything. */
function given(cursor: LineCursor, record: RecordSlot): void {
  cursor.seek(RET);
  const returned = field(cursor, RET);
  const isError = ADDRESS_ENDS.some((end) => returned < end && returned >= end - MAX_ERRNO);
  record.failed = Number(returned === 0 || isError);
  if (record.failed === 0) probedAddress(cursor, record);
  else cursor.skipWord();
}

function probedAddress(cursor: LineCursor, record: RecordSlot): void {
  cursor.seek(VA);
  record.vaStart = field(cursor, VA);
}

function probedPage(cursor: LineCursor, record: RecordSlot): void {
  cursor.seek(PAGE);
  record.page = field(cursor, PAGE);
}

function text(cursor: LineCursor, record: RecordSlot): void {
  record.textStart = cursor.at;
  toLineEnd(cursor);
  record.textEnd = cursor.at;
}

/** function_graph prints events as comments. */
function withoutCommentEnd(bytes: Uint8Array, end: number): number {
  return bytes[end - 1] === SLASH && bytes[end - 2] === STAR && bytes[end - 3] === SPACE ? end - 3 : end;
}

/** Reads the fields by name, from the cursor on to the end of the line. */
export function readNamedFields({ readNamed }: Tracepoint, cursor: LineCursor, record: RecordSlot): boolean {
  if (readNamed === undefined) return false;
  const start = cursor.at;
  toLineEnd(cursor);
  const line = latin1(cursor.bytes.subarray(start, withoutCommentEnd(cursor.bytes, cursor.at)));
  readNamed(namedFields(line), record);
  return true;
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
