/** The table of processors whose kernels' own words are known, a line each. */
import { ARM } from './arm.ts';
import { ARM64 } from './arm64.ts';
import { I386 } from './i386.ts';
import type { ReportingProcessor } from './processor.ts';
import { X86_64 } from './x86-64.ts';

export type { FailureForm, ReportingProcessor } from './processor.ts';

/** Of several whose sign a line has, the first one: a line of an unwinder holds what others print too. */
export const REPORTING: readonly ReportingProcessor[] = [ARM, X86_64, I386, ARM64];

/** Whose kernel prints such a line; undefined: it does not show. */
export function processorOfLine(text: string, processors: readonly ReportingProcessor[]): string | undefined {
  return processors.find(({ sign }) => sign.test(text))?.name;
}
