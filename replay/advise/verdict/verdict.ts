/** What kind of failure a report tells of, and the figures that show it. */
import type { AreaRequest, BounceRequest, FailureReport, PageRequest } from '../../../traces/index.ts';
import { PROCESSORS, type ProcessorAdvice, processorNamed } from '../processors/index.ts';
import { defined } from './defined.ts';
import type { Verdict } from './kinds.ts';
import { pageVerdict } from './page-verdict.ts';
import { wordBitsOf } from './zone-ranks.ts';

/** What the report does not say of its kernel. */
export interface KnownMachine {
  readonly arch?: FailureReport['arch'];
  readonly kernel?: string;
  /** RAM of the memory map, MiB rounded down. */
  readonly ramMb?: number;
}

/** Undefined: nothing had failed (a SysRq m). */
export function verdictOf(
  given: FailureReport,
  known: KnownMachine = {},
  processors = PROCESSORS,
): Verdict | undefined {
  const report = withKnown(given, known);
  const verdict = byKind(report, known, processors);
  if (verdict === undefined) return undefined;
  const { line, ramPages, highPages, cmaPages, killed } = report;
  return defined({ ...verdict, line, ramPages, highPages, cmaPages, killed });
}

function withKnown(report: FailureReport, { arch, kernel }: KnownMachine): FailureReport {
  const told = { arch: report.arch ?? arch, kernel: report.kernel ?? kernel };
  return {
    ...report,
    ...(told.arch !== undefined && { arch: told.arch }),
    ...(told.kernel !== undefined && { kernel: told.kernel }),
  };
}

type Found = Omit<Verdict, 'line'> | undefined;

function byKind(
  report: FailureReport,
  { ramMb }: KnownMachine,
  processors: readonly ProcessorAdvice[],
): Found {
  const { request } = report;
  switch (request?.kind) {
    case undefined:
      return undefined;
    case 'pages':
      return pageVerdict(report, request);
    case 'area':
      return areaVerdict(report, request, processors);
    case 'bounce':
      return bounceVerdict(request);
    case 'cma':
      return {
        kind: 'cma-space',
        requestBytes: request.pages * report.pageKb * 1024,
        freePages: request.freePages,
        freeKb: request.freePages && request.freePages * report.pageKb,
        totalPages: request.totalPages,
      };
    case 'percpu':
      return { kind: 'percpu-space', requestBytes: request.bytes, reason: request.reason };
    case 'coherent-pool':
      return { kind: 'coherent-pool', limitKb: request.bytes && request.bytes / 1024 };
    case 'kmap':
      return { kind: 'kmap-slots', task: request.task };
    case 'module':
      return {
        kind: request.reason.startsWith('section') ? 'module-reach' : 'module-memory',
        task: request.module,
      };
    case 'unused-ram': {
      const { needs, usedMb, coveredMb = ramMb } = request;
      return { kind: needs === 'pae' ? 'no-pae' : 'no-highmem', usedMb, coveredMb };
    }
  }
}

function areaVerdict(
  report: FailureReport,
  request: AreaRequest,
  processors: readonly ProcessorAdvice[],
): Found {
  const { bytes, areaBytes, lacks, task, range } = request;
  const sizes = { requestBytes: bytes ?? areaBytes, task };
  if (lacks === 'limit') return { kind: 'larger-than-ram', ...sizes };
  if (lacks === 'pages') return pagesOfArea(report, sizes);
  const window = isModuleWindow(report, range, processors) ? 'modules' : 'vmalloc';
  const rangeBytes = range && Number(range[1] - range[0]);
  return {
    kind: window === 'modules' ? 'module-window' : 'vmalloc-space',
    ...sizes,
    window,
    rangeBytes,
    vmallocOptionHelps: window === 'vmalloc' && wordBitsOf(report) === 32,
  };
}

/** vmalloc() had its place and lacked page frames, one by one, from wherever they are. */
function pagesOfArea(report: FailureReport, sizes: Pick<Verdict, 'requestBytes' | 'task'>): Found {
  const request: PageRequest = {
    kind: 'pages',
    event: 'failure',
    order: 0,
    gfp: '0x0(GFP_KERNEL|__GFP_HIGHMEM)',
  };
  const { gfp: _gfp, order: _order, ...verdict } = pageVerdict(report, request);
  const kind = verdict.kind === 'unexplained' ? 'out-of-memory' : verdict.kind;
  return { ...verdict, kind, ...sizes };
}

const OF_MODULES =
  /^(?:module_alloc|execmem_alloc|execmem_vmalloc|move_module|layout_and_allocate|module_memory_alloc)/;
/** Who loads modules. */
const LOADERS = /^(?:insmod|modprobe|kmod|rmmod|(?:systemd-)?udevd)\b/;

/** By the addresses that the failure names, or else by who asked; of an unknown processor whichever has such a window. */
function isModuleWindow(
  report: FailureReport,
  range: AreaRequest['range'],
  processors: readonly ProcessorAdvice[],
): boolean {
  const { arch, trace, request } = report;
  const processor = processorNamed(arch, processors);
  const windows = (processor === undefined ? processors : [processor]).flatMap(
    ({ modules }) => modules ?? [],
  );
  const holds = range && windows.map((one) => one.holds?.(...range)).find((answer) => answer !== undefined);
  if (holds !== undefined) return holds;
  if (processor?.modules?.isFullFirst === true && trace.length === 0 && request?.kind === 'area')
    return LOADERS.test(request.task ?? '');
  const mayBeApart = processor === undefined ? wordBitsOf(report) === 64 : windows.length > 0;
  return mayBeApart && trace.some((name) => OF_MODULES.test(name));
}

/** IO_TLB_SEGSIZE slots of 2 KiB follow each other at most (include/linux/swiotlb.h, 2.6.5 to 7.0). */
const MOST_BOUNCE_BYTES = 128 * 2048;

function bounceVerdict({ bytes, totalSlots, usedSlots, device }: BounceRequest): Found {
  const isTooLarge = bytes > MOST_BOUNCE_BYTES;
  return {
    kind: isTooLarge ? 'swiotlb-segment' : 'swiotlb-full',
    requestBytes: bytes,
    task: device,
    totalSlots,
    usedSlots,
    swiotlbOptionHelps: !isTooLarge,
  };
}
