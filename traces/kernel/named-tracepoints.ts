/**
 * The fields of tracepoints by name, as their records hold them (TP_STRUCT__entry of include/trace/events/kmem.h and
 * vmalloc.h): what a record does not hold, because it is computed when printed, may be missing.
 */
import { Malformed } from '../base/errors.ts';
import { type GfpFlags, parseGfpFlags } from './gfp-names.ts';
import { type NamedFields, numberOf, pointerOf } from './named-fields.ts';
import type { KernelRecordKind, RecordSlot } from './record.ts';

type ReadNamed = (fields: NamedFields, record: RecordSlot) => void;

/** sizeof(struct page) of x86-64. */
const STRUCT_PAGE_BYTES = 64;
/** Above what any kernel is built for (ARCH_FORCE_MAX_ORDER): bounds the work that a line can ask for. */
const MOST_ORDER = 20;

export const NAMED_READERS: Readonly<Partial<Record<KernelRecordKind, ReadNamed>>> = {
  mm_page_alloc(fields, record) {
    namedTypedPage(fields, record);
    namedGfp(fields, record);
  },
  mm_page_free: namedPage,
  mm_page_free_batched: namedPage,
  mm_page_alloc_zone_locked(fields, record) {
    namedTypedPage(fields, record);
    const isSaid = fields.has('percpu_refill');
    record.percpuRefill = isSaid ? numberOf(fields, 'percpu_refill') : Number(record.order === 0);
  },
  mm_page_pcpu_drain: namedTypedPage,
  mm_page_alloc_extfrag(fields, record) {
    record.pfn = namedPfn(fields);
    record.order = numberOf(fields, 'alloc_order');
    record.fallbackOrder = numberOf(fields, 'fallback_order');
    // what the record does not hold is computed from it when printed
    record.pageblockOrder = fields.has('pageblock_order') ? numberOf(fields, 'pageblock_order') : 0;
    record.migratetype = numberOf(fields, 'alloc_migratetype');
    record.fallbackMigratetype = numberOf(fields, 'fallback_migratetype');
    record.fragmenting = fields.has('fragmenting') ? numberOf(fields, 'fragmenting') : 0;
    record.changeOwnership = numberOf(fields, 'change_ownership');
  },
  kmalloc: namedSlab,
  kmem_cache_alloc(fields, record) {
    namedSlab(fields, record);
    record.cache = fields.get('name') ?? '';
  },
  kfree: namedPointer,
  kmem_cache_free(fields, record) {
    namedPointer(fields, record);
    record.cache = fields.get('name') ?? '';
  },
  alloc_vmap_area(fields, record) {
    // the record calls it addr, its words va_start
    record.vaStart = numberOf(fields, 'va_start', 'addr');
    record.size = numberOf(fields, 'size');
    record.align = numberOf(fields, 'align');
    record.failed = numberOf(fields, 'failed');
  },
  free_vmap_area_noflush(fields, record) {
    record.vaStart = numberOf(fields, 'va_start');
  },
};

function namedPfn(fields: NamedFields): number {
  // records of before 4.2 hold the address of a struct page, of which x86-64 has one each 64 bytes
  if (!fields.has('pfn') && fields.get('page')?.startsWith('0x'))
    return Math.floor(numberOf(fields, 'page') / STRUCT_PAGE_BYTES);
  return checkedPfn(numberOf(fields, 'pfn'));
}

/** What a record holds when there is no page: -1UL of 32 or 64 bits, signed or not. The words say 0. */
const NO_PFN: ReadonlySet<number> = new Set([-1, 2 ** 32 - 1, Number.MAX_SAFE_INTEGER]);
/** Physical addresses have at most 52 bits, on every processor that Linux runs on. */
const PFN_END = 2 ** 40;

/** 0 for no page; Malformed for a number that no frame has. */
export function checkedPfn(pfn: number): number {
  if (NO_PFN.has(pfn)) return 0;
  if (pfn < 0 || pfn >= PFN_END) throw new Malformed('a page frame number from 0 to below 2^40');
  return pfn;
}

function namedPage(fields: NamedFields, record: RecordSlot): void {
  record.page = 0;
  record.pfn = namedPfn(fields);
  // of mm_pagevec_free(), pages of order 0 only
  record.order = fields.has('cold') ? 0 : checkedOrder(numberOf(fields, 'order'));
}

function namedTypedPage(fields: NamedFields, record: RecordSlot): void {
  namedPage(fields, record);
  record.migratetype = numberOf(fields, 'migratetype');
}

function namedPointer(fields: NamedFields, record: RecordSlot): void {
  record.ptr = pointerOf(fields, 'ptr');
}

function namedSlab(fields: NamedFields, record: RecordSlot): void {
  namedPointer(fields, record);
  record.callSite = fields.get('call_site') ?? '';
  record.bytesReq = numberOf(fields, 'bytes_req');
  record.bytesAlloc = numberOf(fields, 'bytes_alloc');
  namedGfp(fields, record);
}

function namedGfp(fields: NamedFields, record: RecordSlot): void {
  const [first] = (fields.get('gfp_flags') ?? '').split(' ', 1);
  if (first === undefined || first === '') throw new Malformed("'gfp_flags='");
  setFlags(record, parseGfpFlags(first));
}

export function setFlags(record: RecordSlot, { mask, unknown, isNumber }: GfpFlags): void {
  record.gfp = mask;
  record.gfpIsNumber = isNumber;
  record.gfpUnknown = unknown.length === 0 ? '' : unknown.join('|');
}

export function checkedOrder(order: number): number {
  if (order >= 0 && order <= MOST_ORDER) return order;
  throw new Malformed(`an order of at most ${MOST_ORDER}`);
}
