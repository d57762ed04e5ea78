/** Failure reports of kernels: text to records. */

export { reportedGfp } from './gfp-mask.ts';
export type {
  AreaRequest,
  BounceRequest,
  FailedRequest,
  FailureReport,
  FreeBlocks,
  IgnoredRam,
  PageRequest,
  ReportedTask,
  ReportedZone,
} from './record.ts';
export { failureReports } from './reports.ts';
