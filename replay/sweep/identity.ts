/**
 * What a point is called by: a SHA-256 of all that its result depends on. Where it was asked for, by which words, under
 * which names its files lie and how it is cut into batches is not a part of it.
 */
import { RESULTS_VERSION } from '../run/results-version.ts';
import {
  completeLane,
  completeWorkload,
  isWorkload,
  type LaneSpec,
  type RunFiles,
  type RunSpec,
  runSpecToJson,
} from '../spec/index.ts';

/** Files of runs, and what is in them. */
export interface SweepFiles extends RunFiles {
  /** SHA-256 of the bytes of a file, as hexadecimal digits. */
  digest(path: string): Promise<string>;
}

/** JSON with the fields of every object in the order of their names (as RFC 8785 has it), without blanks. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1)))
      : part,
  );
}

/** 64 hexadecimal digits. The run has one lane. */
export async function identityOf(run: RunSpec, files: Pick<SweepFiles, 'digest'>): Promise<string> {
  const { events } = run;
  const lane = await withDigests(completeLane(run.machine, run.lanes[0]!), files);
  const { lanes } = runSpecToJson({ events, machine: {}, lanes: [lane] });
  const text = canonicalJson({
    results: RESULTS_VERSION,
    events: isWorkload(events) ? completeWorkload(events) : { trace: await files.digest(events.trace) },
    lanes,
  });
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** What is in the files that a lane names, in the place of their names. */
async function withDigests(lane: LaneSpec, { digest }: Pick<SweepFiles, 'digest'>): Promise<LaneSpec> {
  const { layout, memoryMap, mmu } = lane;
  return {
    ...lane,
    ...(layout.endsWith('.json') && { layout: await digest(layout) }),
    ...(memoryMap !== undefined && { memoryMap: await digest(memoryMap) }),
    ...(mmu?.endsWith('.json') && { mmu: await digest(mmu) }),
  };
}
