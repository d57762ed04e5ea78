/** For programs: the result is plain data already, so its JSON is itself. */
import type { ReplayResult } from '../result.ts';
export declare function reportJson(result: ReplayResult): string;
