/** The layout of the machine that a boot log or /proc/iomem tells of, and where the log says otherwise than we predict. */
import {
  contradictions,
  contradictionText,
  type Layout,
  layoutNameOf,
  layoutNames,
  type MemoryReport,
  UsageError,
} from '../../core/index.ts';
import type { RunFiles } from './files.ts';
import { layoutsOf } from './lanes.ts';
import type { MachineSpec } from './machine-options.ts';
import type { LaneSpec } from './run-spec.ts';

/** A log may tell too little for a layout. */
export interface OwnLayout {
  readonly layout: Layout | undefined;
  /** A sentence each. */
  readonly contradictions: readonly string[];
  readonly problem?: string;
}

/** @param machine what names the log, and what a person says beside it */
export async function ownLayout(
  report: MemoryReport,
  machine: MachineSpec,
  files: Pick<RunFiles, 'text'>,
): Promise<OwnLayout> {
  const name = layoutNameOf(report);
  const named = layoutNames().find((one) => one.name === name);
  if (named === undefined) return { layout: undefined, contradictions: [] };
  try {
    const lane = { layout: named.name };
    const [layout] = await layoutsOf({ machine, lanes: [lane] }, files);
    return { layout, contradictions: contradictionsOf({ ...machine, ...lane }, layout!, report) };
  } catch (error) {
    if (error instanceof UsageError) return { layout: undefined, contradictions: [], problem: error.message };
    throw error;
  }
}

/** A lane that says otherwise than the log asks another question: then a difference is the answer. */
export function contradictionsOf(lane: LaneSpec, layout: Layout, report: MemoryReport): string[] {
  const { ram, cpus, onlineCpus, nrCpus, vmalloc, highmem, kernel, nopse, nopge } = lane;
  const own = [ram, cpus, onlineCpus, nrCpus, vmalloc, highmem, kernel, nopse, nopge];
  if (own.some((option) => option !== undefined)) return [];
  return contradictions(layout, report).map(contradictionText);
}
