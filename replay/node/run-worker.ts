/**
 * What threads do, one thing after the other: they carry out run specifications, or fold some lanes of one. A program of
 * its own in `dist`.
 */
import type { RunResult } from '../run/carry-out.ts';
import { carryOutPass } from '../run/carry-out-pass.ts';
import type { RunSpec } from '../spec/index.ts';
import { filesOf, type JobFiles } from './job-files.ts';
import { type PassedError, passedError } from './passed-error.ts';
import { nodeFiles } from './run-files.ts';

/** A run by itself is a list of one. */
export type Carried =
  | { readonly results: readonly (RunResult | undefined)[] }
  | { readonly error: PassedError };

/** `files`: those of a job of a fleet; without, the runs name files of this machine. */
export interface CarryTask {
  readonly runs: readonly RunSpec[];
  readonly files?: JobFiles | undefined;
}

export default async function carried({ runs, files }: CarryTask): Promise<Carried> {
  try {
    return { results: await carryOutPass(runs, files === undefined ? nodeFiles : filesOf(files)) };
  } catch (error) {
    return { error: passedError(error) };
  }
}

export { foldLanes as lanes } from './lane-threads/worker.ts';
