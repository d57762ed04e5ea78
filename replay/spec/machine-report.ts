/** The boot log or /proc/iomem that a lane names: what of it holds for the lane, and whether its layout can be that machine. */
import {
  architectureOf,
  dialectOf,
  type Layout,
  type LayoutOptions,
  layoutNames,
  type MemoryReport,
  readMemoryReport,
  reportOptions,
  USUAL_NR_CPUS,
  UsageError,
  withRam,
} from '../../core/index.ts';
import { placeOf, type RunFiles } from './files.ts';
import type { LaneSpec } from './run-spec.ts';

/** Undefined for a lane that names none. */
export async function reportOf(
  { memoryMap }: Pick<LaneSpec, 'memoryMap'>,
  files: Pick<RunFiles, 'text'>,
): Promise<MemoryReport | undefined> {
  if (memoryMap === undefined) return undefined;
  const text = await files.text(memoryMap, 'a memory map (/proc/iomem or dmesg)');
  return inFile(memoryMap, () => readOnce(text));
}

let last: { readonly text: string; readonly report: MemoryReport } | undefined;

/** Lanes name one log over and over, and it may be long. */
function readOnce(text: string): MemoryReport {
  if (last?.text !== text) last = { text, report: readMemoryReport(text) };
  return last.report;
}

/** What the report says, as options; how much RAM there is may come with the lane where the report does not tell. */
export function toldBy(lane: LaneSpec, report: MemoryReport, kernel: LayoutOptions['kernel']): LayoutOptions {
  const told = forProcessor(lane.layout, reportOptions(report, isLinux(lane.layout) ? kernel : undefined));
  const { kernel: _, ...others } = told;
  if (told.memoryMap === undefined && told.ramBytes === undefined && lane.ram === undefined)
    inFile(lane.memoryMap!, () => withRam(report, 'or give the amount with --ram too'));
  return isLinux(lane.layout) ? told : others;
}

/** NR_CPUS of a kernel for another processor says nothing of this one's, which leaves cpus out that it has no room for. */
function forProcessor(layout: string, told: LayoutOptions): LayoutOptions {
  const isListed = layoutNames().some(({ name }) => name === layout);
  const most = isListed ? architectureOf(layout).port.maximumCpus : Number.POSITIVE_INFINITY;
  if (told.nrCpus === undefined || told.nrCpus <= most) return told;
  const cpus = Math.min(told.cpus ?? 1, most);
  const onlineCpus = Math.min(told.onlineCpus ?? cpus, most);
  const possibleCpus = Math.min(told.possibleCpus ?? cpus, most);
  return { ...told, cpus, onlineCpus, possibleCpus, nrCpus: Math.max(USUAL_NR_CPUS, possibleCpus) };
}

/** Names in the table and JSON files; the books' layouts have a kernel of their own. */
function isLinux(layout: string): boolean {
  return layout.startsWith('linux-');
}

function inFile<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof UsageError ? new UsageError(`${placeOf(file)}: ${error.message}`) : error;
  }
}

/** A board's memory is no PC's, nor the other way round. */
export function checkKindOfMachine(
  arch: Layout['arch'],
  { layout, memoryMap }: LaneSpec,
  report: MemoryReport | undefined,
): void {
  if (report?.machine === undefined) return;
  const expected = dialectOf(arch)?.machine;
  if (expected === undefined || expected === report.machine) return;
  const evidence = evidenceNames(report).map((name) => report.findings.find(({ what }) => what === name));
  const line = evidence.find((finding) => finding !== undefined)?.line ?? 1;
  throw new UsageError(
    `${placeOf(memoryMap!)}, line ${line}: found the memory of a ${report.machine}, expected that of a ${expected} for ` +
      `${layout}: take a layout of its kind, see \`vmsplit layouts\``,
  );
}

/** What shows the kind of a machine: its processor, surest of all. */
function evidenceNames({ dialect }: MemoryReport): string[] {
  return [...(dialect?.log.told ?? []).map(([, what]) => what), 'machine', 'memory map', 'RAM'];
}
