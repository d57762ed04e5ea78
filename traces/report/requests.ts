/**
 * The lines by which a kernel says that a request failed, as a table: the form of the line and what was asked for.
 *
 * Sources: __alloc_pages() and warn_alloc_failed()/warn_alloc() of mm/page_alloc.c, dump_header() and oom_kill_process() of
 * mm/oom_kill.c, alloc_vmap_area() and __vmalloc_node_range() of mm/vmalloc.c, slab_out_of_memory() of mm/slub.c,
 * swiotlb_tbl_map_single() of lib/swiotlb.c and kernel/dma/swiotlb.c, cma_alloc() of mm/cma.c, pcpu_alloc() of
 * mm/percpu.c, __alloc_from_pool() of arch/arm/mm/dma-mapping.c and kernel/dma/pool.c, check_hung_task() of
 * kernel/hung_task.c; 2.6.0 to 7.0. What only kernels for one processor print lies in processors/.
 */
import type { FailureForm, ReportingProcessor } from './processors/index.ts';
import type { AreaRequest, FailedRequest, PageRequest } from './record.ts';

const GFP = String.raw`(?:0x[0-9a-f]{1,8}|0)(?:\([\w|]{1,400}\))?`;

/** The first that fits counts. */
const FORMS: readonly FailureForm[] = [
  {
    form: new RegExp(
      String.raw`^(?:(.{1,40}?)(?:\(\d{1,9}\))?: )?page allocation failure[.:] ?order:(\d{1,2}), mode:(${GFP})`,
    ),
    request: ([task, order, gfp]) => pages('failure', order, gfp, task),
  },
  {
    form: new RegExp(
      String.raw`^(?:(.{1,40}?)(?:\(\d{1,9}\))?: )?page allocation stalls for \d{1,9}ms, order:(\d{1,2}), mode:(${GFP})`,
    ),
    request: ([task, order, gfp]) => pages('stall', order, gfp, task),
  },
  {
    form: new RegExp(
      String.raw`^(?:(.{1,40}?) invoked )?oom-killer: gfp_mask=(${GFP})(?:.{0,80}?order=(-?\d{1,2}))?`,
    ),
    request: ([task, gfp, order]) => pages('oom', order, gfp, task),
  },
  {
    form: new RegExp(String.raw`SLUB: Unable to allocate memory on node -?\d{1,4},? \(?gfp=(${GFP})`),
    request: ([gfp]) => pages('failure', undefined, gfp, undefined),
  },
  {
    form: /vmap allocation for size (\d{1,20}) failed/,
    request: ([bytes]) => area('space', { areaBytes: Number(bytes) }),
  },
  {
    form: /vmalloc_node_range for size (\d{1,20}) failed: Address range restricted (?:to|between) 0x([0-9a-f]{1,16}) - 0x([0-9a-f]{1,16})/,
    request: ([bytes, start, end]) =>
      area('space', { areaBytes: Number(bytes), range: [BigInt(`0x${start}`), BigInt(`0x${end}`)] }),
  },
  {
    form: /vmap allocation failed: use vmalloc=|allocation failed: out of vmalloc space/,
    request: () => area('space', {}),
  },
  {
    form: /^(?:(.{1,40}?): )?vmalloc: allocation failure, allocated \d{1,20} of (\d{1,20}) bytes/,
    request: ([task, bytes]) => area('pages', { bytes: Number(bytes) }, task),
  },
  {
    form: /^(?:(.{1,40}?): )?vmalloc: allocation failure: (\d{1,20}) bytes/,
    request: ([task, bytes]) => area('space', { bytes: Number(bytes) }, task),
  },
  {
    form: /^(?:(.{1,40}?): )?vmalloc (?:error: )?size (\d{1,20})(?: allocation failure)?[,:] (vm_struct allocation|exceeds total pages|.{0,80}?(?:page|pages|array)\b)/,
    request: ([task, bytes, why]) => area(lackOf(why!), { bytes: Number(bytes) }, task),
  },
  {
    form: /^(?:(.{1,80}?): )?swiotlb buffer is full \(sz: (\d{1,15}) bytes\)(?:, total (\d{1,12}) \(slots\), used (\d{1,12}) \(slots\))?/,
    request: ([device, bytes, total, used]) => bounce(device, bytes, total, used),
  },
  {
    form: /DMA: Out of SW-IOMMU space for (\d{1,15}) bytes(?: at device (\S{1,80}))?/,
    request: ([bytes, device]) => bounce(device, bytes),
  },
  {
    form: /cma: .{0,60}alloc failed, req-size: (\d{1,12}) pages(?:, ret: -(\d{1,4}))?/,
    request: ([count, errno]) => ({
      kind: 'cma',
      pages: Number(count),
      ...(errno !== undefined && { errno: Number(errno) }),
    }),
  },
  {
    form: /percpu: allocation failed, size=(\d{1,12}) align=\d{1,12}(?: atomic=\d)?, (.{1,80})/i,
    request: ([bytes, reason]) => ({ kind: 'percpu', bytes: Number(bytes), reason: reason!.trim() }),
  },
  {
    form: /(?:ERROR: (\d{1,9}) KiB atomic DMA coherent pool is too small|Failed to get suitable pool for)/,
    request: ([kib]) => ({ kind: 'coherent-pool', ...(kib !== undefined && { bytes: Number(kib) * 1024 }) }),
  },
  {
    // kmod, module-init-tools, busybox, systemd
    form: /(?:could not (?:insert|load)|can(?:'t|not) (?:insert|load)|(?:Error|error) inserting|Failed to insert) (?:module )?'?([\w./-]{1,120})'?.{0,200}Cannot allocate memory/,
    request: ([module]) => ({ kind: 'module', module: module!, reason: 'Cannot allocate memory' }),
  },
];

/** Undefined: the line says of no failure. */
export function requestIn(
  text: string,
  processors: readonly ReportingProcessor[],
): FailedRequest | undefined {
  for (const forms of [FORMS, ...processors.map((one) => one.forms)]) {
    for (const { form, request } of forms) {
      const match = form.exec(text);
      if (match !== null) return request(match.slice(1));
    }
  }
  return undefined;
}

function pages(
  event: PageRequest['event'],
  order: string | undefined,
  gfp: string | undefined,
  task: string | undefined,
): PageRequest {
  return {
    kind: 'pages',
    event,
    // -1: somebody asked with SysRq f.
    order: Math.max(0, Number(order ?? 0)),
    ...(gfp !== undefined && { gfp }),
    ...(task !== undefined && { task: task.trim() }),
  };
}

function area(
  lacks: AreaRequest['lacks'],
  sizes: Pick<AreaRequest, 'bytes' | 'areaBytes' | 'range'>,
  task?: string,
): AreaRequest {
  return { kind: 'area', lacks, ...sizes, ...(task !== undefined && { task: task.trim() }) };
}

function lackOf(why: string): AreaRequest['lacks'] {
  if (why.startsWith('vm_struct')) return 'space';
  return why.startsWith('exceeds') ? 'limit' : 'pages';
}

function bounce(
  device: string | undefined,
  bytes: string | undefined,
  total?: string,
  used?: string,
): FailedRequest {
  return {
    kind: 'bounce',
    bytes: Number(bytes),
    ...(device !== undefined && { device }),
    ...(total !== undefined && { totalSlots: Number(total), usedSlots: Number(used) }),
  };
}
