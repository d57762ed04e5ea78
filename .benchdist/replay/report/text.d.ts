import type { ReplayResult } from '../result.ts';
export interface ReportOptions {
    /** With ANSI colours; default false. */
    readonly colors?: boolean;
}
export declare function reportText(result: ReplayResult, { colors }?: ReportOptions): string;
