/** Which split a kernel has, from the low memory that its failure report counts: each of its kind is built, the nearest taken. */
import {
  buildLayout,
  isKernelVersion,
  kernelNamed,
  type Layout,
  type LayoutOptions,
  layoutNames,
  UsageError,
} from '../../../core/index.ts';
import type { FailureReport } from '../../../traces/index.ts';
import { formatBytes } from '../../text/units.ts';
import type { Arch } from './machine.ts';

/** Further off than this it may be any: firmware and initrd take some of what is present. */
const NEAR = 1 / 25;

/** Undefined: the report has no high memory, or none fits. */
export function layoutByLowMemory(
  failure: FailureReport,
  arch: Arch | undefined,
  ramBytes: number,
): { readonly name: string; readonly from: string } | undefined {
  const low = lowBytes(failure, ramBytes);
  if (low === undefined || low >= ramBytes) return undefined;
  const [nearest] = candidates(failure, arch, ramBytes)
    .map((layout) => ({ layout, off: Math.abs(lowBytesOf(layout) - low) / low }))
    .filter(({ off }) => off <= NEAR)
    .sort((a, b) => roundedShare(a.off) - roundedShare(b.off));
  if (nearest === undefined) return undefined;
  const from = `low memory of ${formatBytes(low)} in the report at line ${failure.line}`;
  return { name: nearest.layout.name, from };
}

/** Layouts that lie as near are as likely: the plainer one is listed first. */
function roundedShare(off: number): number {
  return Math.round(off * 100);
}

function lowBytes(
  { ramPages, highPages, zones, pageKb }: FailureReport,
  ramBytes: number,
): number | undefined {
  // None of it is high: what firmware took of RAM would pass for it.
  if (highPages === 0) return undefined;
  if (ramPages !== undefined && highPages !== undefined) return (ramPages - highPages) * pageKb * 1024;
  const low = zones.filter(({ zone }) => zone !== 'HighMem' && zone !== 'Movable');
  const bytes = low.reduce((sum, { present }) => sum + present, 0) * 1024;
  return bytes > 0 && bytes < ramBytes ? bytes : undefined;
}

const OF_32 = /^linux-(arm-)?[123]g[123]g(-opt)?(-pae|-lpae)?$/;

/** Without a word of the processor a PC is likelier. More than 4 GiB need entries of 64 bits. */
function candidates({ kernel }: FailureReport, arch: Arch | undefined, ramBytes: number): Layout[] {
  const wide = ramBytes > 2 ** 32;
  return layoutNames()
    .map(({ name }) => ({ name, match: OF_32.exec(name) }))
    .filter(
      ({ match }) => match !== null && (arch === undefined || (arch === 'arm') === (match[1] !== undefined)),
    )
    .filter(({ match }) => !wide || match![3] !== undefined)
    .flatMap(({ name }) => built(name, { ramBytes, ...kernelOf(kernel) }));
}

function kernelOf(kernel: string | undefined): LayoutOptions {
  return kernel !== undefined && isKernelVersion(kernel) ? { kernel: kernelNamed(kernel) } : {};
}

function built(name: string, options: LayoutOptions): Layout[] {
  try {
    return [buildLayout(name, options)];
  } catch (error) {
    if (error instanceof UsageError) return [];
    throw error;
  }
}

function lowBytesOf({ zones, pageShift }: Layout): number {
  return zones
    .filter(({ name }) => name !== 'HighMem')
    .reduce((sum, { presentPages }) => sum + presentPages * 2 ** pageShift, 0);
}
