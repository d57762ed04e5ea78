/** For programs: the result is plain data already, so its JSON is itself. */
import type { ReplayResult } from '../run/result.ts';

/** The result as JSON, with a line break at its end. */
export function reportJson(result: ReplayResult): string {
  return `${JSON.stringify(result, undefined, 2)}\n`;
}
