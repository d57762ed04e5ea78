/** Which split a kernel has, from the low memory that its failure report counts: each of its kind is built, the nearest taken. */
import {
  buildLayout,
  DIALECTS,
  type Dialect,
  isKernelVersion,
  kernelNamed,
  type Layout,
  type LayoutOptions,
  layoutNames,
  SPLITS,
  UsageError,
} from '../../../core/index.ts';
import type { FailureReport } from '../../../traces/index.ts';
import { formatBytes } from '../../text/units.ts';

/** Further off than this it may be any: firmware and initrd take some of what is present. */
const NEAR = 1 / 25;

/** Undefined: the report has no high memory, or none fits. */
export function layoutByLowMemory(
  failure: FailureReport,
  dialect: Dialect | undefined,
  ramBytes: number,
): { readonly name: string; readonly from: string } | undefined {
  const low = lowBytes(failure, ramBytes);
  if (low === undefined || low >= ramBytes) return undefined;
  const [nearest] = candidates(failure, dialect, ramBytes)
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

/** Without a word of the processor any of 32 bits, in the order of the table. More than 4 GiB need entries of 64 bits. */
function candidates({ kernel }: FailureReport, dialect: Dialect | undefined, ramBytes: number): Layout[] {
  const dialects = dialect === undefined ? DIALECTS.filter(({ wordBits }) => wordBits === 32) : [dialect];
  const names = new Set(dialects.flatMap((one) => buildsOf(one, ramBytes > 2 ** 32)));
  return layoutNames()
    .filter(({ name }) => names.has(name))
    .flatMap(({ name }) => built(name, { ramBytes, ...kernelOf(kernel) }));
}

/** Every split of kernels with high memory. */
function buildsOf({ wordBits, layoutOf }: Dialect, isWide: boolean): string[] {
  if (wordBits === 64) return [];
  const widths = isWide ? [true] : [false, true];
  return widths.flatMap((wideEntries) => SPLITS.map(({ config: split }) => layoutOf({ split, wideEntries })));
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
