/** A verdict in sentences, with the comparison that it rests on. */
import { formatBytes, formatCount } from '../../text/units.ts';
import { VERDICT_KINDS, type Verdict } from './kinds.ts';

/** One line: the kind, and the figures that show it. */
export function verdictLine(verdict: Verdict): string {
  const why = evidenceOf(verdict);
  return `${verdict.kind}: ${why === '' ? VERDICT_KINDS[verdict.kind] : why}`;
}

/** What was asked for, and by whom. */
export function requestText({ requestBytes, order, gfp, task, window, kind }: Verdict): string {
  const whom = task === undefined ? '' : ` for ${task}`;
  if (order !== undefined) {
    const flags = gfp === undefined ? '' : `, ${gfpWords(gfp)}`;
    return `${sizeOfOrder(order, requestBytes)}${flags}${whom}`;
  }
  if (requestBytes === undefined) return `${VERDICT_KINDS[kind]}${whom}`;
  const place =
    window === undefined
      ? ''
      : ` in the ${window === 'modules' ? 'window of the modules' : 'vmalloc window'}`;
  return `${formatCount(requestBytes)} bytes${place}${whom}`;
}

function sizeOfOrder(order: number, bytes = 0): string {
  return order === 0 ? 'a page (order 0)' : `${formatBytes(bytes)} in one piece (order ${order})`;
}

/** Names where the kernel printed some. */
export function gfpWords(gfp: string): string {
  return /\((.+)\)$/.exec(gfp)?.[1] ?? `gfp ${gfp}`;
}

type EvidenceOf = (verdict: Verdict) => string;

const EVIDENCE: Partial<Record<Verdict['kind'], EvidenceOf>> = {
  'module-window': ({ requestBytes = 0, rangeBytes }) =>
    `no hole of ${formatCount(requestBytes)} bytes is left in the window of the modules${ofRange(rangeBytes)}, which vmalloc= does not widen`,
  'vmalloc-space': ({ requestBytes, rangeBytes, vmallocOptionHelps }) =>
    `no hole${requestBytes === undefined ? '' : ` of ${formatCount(requestBytes)} bytes`} is left in the vmalloc window${ofRange(rangeBytes)}: out of addresses, not of memory${vmallocOptionHelps ? '' : '; this kernel has no vmalloc='}`,
  'swiotlb-full': ({ requestBytes = 0, totalSlots, usedSlots }) =>
    `no run of ${formatCount(requestBytes)} bytes among bounce buffers${totalSlots === undefined ? '' : `: ${formatCount(usedSlots ?? 0)} of ${formatCount(totalSlots)} slots of 2 KiB taken`}`,
  'swiotlb-segment': ({ requestBytes = 0 }) =>
    `${formatCount(requestBytes)} bytes at once, and a bounce buffer has 262,144 (128 slots of 2 KiB) at most`,
  'cma-space': ({ requestBytes = 0, freePages, totalPages }) =>
    `no run of ${formatBytes(requestBytes)} in the CMA area${freePages === undefined ? '' : `, of which ${formatCount(freePages)}${totalPages === undefined ? '' : ` of ${formatCount(totalPages)}`} pages are free`}`,
  'cgroup-limit': ({ usageKb, limitKb }) =>
    limitKb === undefined
      ? 'a group of processes is at its own limit; the machine is not'
      : `the group uses ${formatCount(usageKb ?? limitKb)} kB of its limit of ${formatCount(limitKb)} kB; the machine is not short`,
  'no-highmem': (verdict) => unusedText(verdict, 'high memory (CONFIG_HIGHMEM)'),
  'no-pae': (verdict) => unusedText(verdict, 'entries for more than 4 GiB (PAE)'),
  'percpu-space': ({ requestBytes = 0, reason }) => `${formatCount(requestBytes)} bytes a cpu: ${reason}`,
  'coherent-pool': ({ limitKb }) =>
    `the pool${limitKb === undefined ? '' : ` of ${formatCount(limitKb)} kB`} for coherent memory without waiting is used up`,
  'kmap-slots': ({ task }) => `${task ?? 'a task'} waits for a free slot of the kmap window`,
  unexplained: () => 'the report has no Mem-Info: which zone refused, and why, does not show',
};

function evidenceOf(verdict: Verdict): string {
  return EVIDENCE[verdict.kind]?.(verdict) ?? (verdict.zone === undefined ? '' : comparison(verdict));
}

function ofRange(bytes: number | undefined): string {
  return bytes === undefined ? '' : ` of ${formatBytes(bytes)}`;
}

function unusedText({ usedMb, coveredMb }: Verdict, lacks: string): string {
  const all = coveredMb === undefined ? '' : ` of ${formatCount(coveredMb)}`;
  const used =
    usedMb === undefined ? 'part of the RAM is left alone' : `${formatCount(usedMb)} MB${all} are used`;
  return `${used}: the kernel has no ${lacks}`;
}

/** `Normal: 3,740 kB free, of them ... for CMA; must keep 3,756 (min)`. */
function comparison(verdict: Verdict): string {
  const { zone, node, freeKb = 0, freeCmaKb = 0, usableKb = 0 } = verdict;
  const place = node === undefined || node === 0 ? zone : `node ${node} ${zone}`;
  const cma = freeCmaKb > 0 ? `, ${kb(freeCmaKb)} of them in CMA` : '';
  const rest = usableKb < freeKb ? `: ${kb(usableKb)} for this request` : '';
  const head = `${place} has ${kb(freeKb)} free${cma}${rest}; ${keptText(verdict)}`;
  const high = verdict.highFree ? `; HighMem has ${kb(verdict.highFreeKb ?? 0)} free` : '';
  return `${head}${blockText(verdict)}${high}`;
}

const BLOCKS_OF: Readonly<Record<string, string>> = {
  fragmentation: 'but there is no block of',
  cma: 'but in CMA lie all blocks of',
  'high-atomic': 'but kept for requests that cannot wait are all blocks of',
};

/** Where pages enough are free, what is wrong with their blocks; where they are not, what a large one takes. */
function blockText(verdict: Verdict): string {
  const {
    usableKb = 0,
    markKb = 0,
    reserveKb = 0,
    largestKb,
    order = 0,
    requestBytes = 0,
    refusedBy,
    orderMark,
  } = verdict;
  const block = `${kb(requestBytes / 1024)} (order ${order})`;
  if (order === 0 || refusedBy === undefined) return '';
  const isEnough = usableKb - requestBytes / 1024 > markKb + reserveKb;
  if (!isEnough) return usableKb > markKb + reserveKb ? `, and takes ${block}` : '';
  if (orderMark !== undefined)
    return `: enough, but of blocks above order ${orderMark.order} only ${kb(orderMark.freeKb)}, where ${kb(orderMark.markKb)} must stay before Linux 4.4`;
  if (refusedBy === 'fragmentation' && largestKb !== undefined && largestKb >= requestBytes / 1024)
    return `: enough, but blocks of ${block} were lacking; some have come free since`;
  const other = refusedBy === 'fragmentation' ? '' : ' other';
  const largest = largestKb === undefined ? '' : `; the largest${other} is ${kb(largestKb)}`;
  return `: enough, ${BLOCKS_OF[refusedBy]} ${block}${largest}`;
}

function keptText({ markKb = 0, reserveKb = 0, mark = 'min', minKb = 0 }: Verdict): string {
  const own =
    mark === 'min' && markKb < minKb
      ? `${kb(markKb)} (min ${kb(minKb)}, lowered for its flags)`
      : `${kb(markKb)} (${mark})`;
  const reserve = reserveKb > 0 ? ` and ${kb(reserveKb)} (lowmem_reserve)` : '';
  return `it must keep ${own}${reserve}`;
}

function kb(kib: number): string {
  return `${formatCount(Math.round(kib))} kB`;
}
