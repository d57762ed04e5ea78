/** What a thread of the pool does: carries out run specifications, one after the other. A program of its own in `dist`. */
import { carryOut, type RunResult } from '../run/carry-out.ts';
import type { RunSpec } from '../spec/index.ts';
import { type PassedError, passedError } from './passed-error.ts';
import { nodeFiles } from './run-files.ts';

export type Carried = { readonly result: RunResult } | { readonly error: PassedError };

export default async function carried(run: RunSpec): Promise<Carried> {
  try {
    return { result: await carryOut(run, nodeFiles) };
  } catch (error) {
    return { error: passedError(error) };
  }
}
