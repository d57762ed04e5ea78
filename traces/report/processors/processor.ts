/** What kernels for one processor print of a failure in words of their own. */
import type { FailedRequest } from '../record.ts';

/** The form of a line that says that a request failed, and what was asked for. */
export interface FailureForm {
  readonly form: RegExp;
  readonly request: (groups: readonly (string | undefined)[]) => FailedRequest;
}

export interface ReportingProcessor {
  /** What kernels call it: `i386`. */
  readonly name: string;
  /** A line of a call trace or a list of registers that only its kernels print. */
  readonly sign: RegExp;
  readonly forms: readonly FailureForm[];
}
