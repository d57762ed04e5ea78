/** Failures as kernels report them in their logs, and what was behind each. */
export { type FailureReport, failureReports } from '../../traces/report/index.ts';
export {
  type KnownMachine,
  type MainVerdict,
  mainVerdict,
  type ReportVerdict,
  VERDICT_KINDS,
  type Verdict,
  type VerdictKind,
  verdictOf,
} from '../advise/index.ts';
