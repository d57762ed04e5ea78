/** The files of a job: texts that came with it, and traces under their names that lie elsewhere. Nothing else is opened. */
import { UsageError } from '../../core/base/errors.ts';
import type { RunFiles } from '../spec/index.ts';
import { openTraceFile } from './run-files.ts';

export interface JobFiles {
  readonly texts: Readonly<Record<string, string>>;
  /** Name in the runs to the path of the file. */
  readonly traces: Readonly<Record<string, string>>;
}

export function filesOf({ texts, traces }: JobFiles): RunFiles {
  return {
    async text(name) {
      if (Object.hasOwn(texts, name)) return texts[name]!;
      throw foreign(name);
    },
    async trace(name) {
      if (Object.hasOwn(traces, name)) return openTraceFile(traces[name]!, name);
      throw foreign(name);
    },
  };
}

function foreign(name: string): UsageError {
  return new UsageError(`${name}: found named by a job that does not bring it, expected it with the job`);
}
