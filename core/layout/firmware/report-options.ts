/** The machine of a report as options of a layout: what it tells stands in the place of defaults. */
import type { Kernel } from '../../kernel/kernel.ts';
import { knownVersion, linuxKernel } from '../../kernel/linux.ts';
import type { LayoutOptions } from '../layout.ts';
import type { CmaOption } from './boot-options.ts';
import { SYSTEM_RAM } from './memory-map.ts';
import type { MemoryReport } from './memory-report.ts';

/** Without a word of it a kernel is taken to be built for so many cpus (catalog.ts). */
export const USUAL_NR_CPUS = 8;

/** `kernel`: the one asked for, where that is not left to the report. */
export function reportOptions(report: MemoryReport, kernel = kernelOf(report)): LayoutOptions {
  const { physical, ramBytes, options } = report;
  const { vmallocBytes, highmemBytes, nopse, nopge } = options;
  const build = report.dialect?.log.build?.(report, kernel) ?? nrCpusTold(report);
  return {
    ...(physical.some(({ name }) => name === SYSTEM_RAM) && { memoryMap: physical }),
    ...(ramBytes !== undefined && { ramBytes }),
    ...(kernel !== undefined && { kernel }),
    ...(vmallocBytes !== undefined && { vmallocBytes }),
    ...(highmemBytes !== undefined && { highmemBytes }),
    ...(nopse && { nopse }),
    ...(nopge && { nopge }),
    ...build,
    ...cpuOptions(report, build.nrCpus),
  };
}

/** Those that are present, possible and online: what nr_cpus= and maxcpus= leave of what the log tells. */
function cpuOptions(
  { cpus: told, onlineCpus, possibleCpus, options }: MemoryReport,
  nrCpus: number | undefined,
): Pick<LayoutOptions, 'cpus' | 'nrCpus' | 'onlineCpus' | 'possibleCpus'> {
  if (told === undefined) return {};
  const most = Math.min(options.nrCpus || Number.POSITIVE_INFINITY, nrCpus ?? Number.POSITIVE_INFINITY);
  const cpus = Math.min(told, most);
  const possible = Math.max(cpus, Math.min(possibleCpus ?? cpus, most));
  const online = Math.min(cpus, onlineCpus ?? Math.max(options.maxCpus ?? cpus, 1));
  return {
    cpus,
    nrCpus: nrCpus ?? Math.max(USUAL_NR_CPUS, possible),
    ...(online !== cpus && { onlineCpus: online }),
    ...(possible !== cpus && { possibleCpus: possible }),
  };
}

/** What was kept for contiguous buffers, where it lay, or else as the command line asks; undefined where nothing tells of it. */
export function reportCma({
  cma,
  options,
}: MemoryReport): CmaOption | { areas: MemoryReport['cma'] } | undefined {
  return cma.length > 0 ? { areas: cma.map(({ start, end }) => ({ start, end })) } : options.cma;
}

/** That of the version that wrote the log; undefined where it is not told, or not one that vmsplit knows. */
export function kernelOf({ kernel }: MemoryReport): Kernel | undefined {
  const version = kernel === undefined ? undefined : knownVersion(kernel);
  return version && linuxKernel(version);
}

function nrCpusTold({ nrCpus }: MemoryReport): Pick<LayoutOptions, 'nrCpus' | 'fixmapOptionPages'> {
  return nrCpus === undefined ? {} : { nrCpus };
}
