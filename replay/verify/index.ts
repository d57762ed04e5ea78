/** Traces of real kernels against the simulated allocator. */
export type { Phase } from './model/accounting.ts';
export { isSnapshotFile, type Moment, momentsOf, type SnapshotFile } from './model/moment.ts';
export { isPressureDumps, type PressureCapture, pressureCaptureOf } from './pressure/capture.ts';
export type { PressureFigure } from './pressure/compare.ts';
export { PROGRAMS } from './pressure/programs.ts';
export {
  type PressureVerification,
  pressureVerification,
  pressureVerificationText,
} from './pressure/report.ts';
export { type CaptureVerification, verifyPressure } from './pressure/verify.ts';
export {
  type CaptureFile,
  captureOf,
  missingIn,
  type ProgramCapture,
  type Recording,
  recordingOf,
} from './process/capture.ts';
export type { ProgramFigures } from './process/compare.ts';
export { type ProcessVerification, processVerification, processVerificationText } from './process/report.ts';
export { type Snapshot, snapshotsIn } from './process/truth.ts';
export { type ProgramMachine, type ProgramVerification, verifyProgram } from './process/verify.ts';
export { verificationText } from './report/text.ts';
export { type KernelVerification, type VerifyOptions, verifyKernelTrace } from './report/verify.ts';
export { type Disagreement, RULES, type RuleName, type RuleScore } from './score/rules.ts';
