/** Traces of real kernels against the simulated allocator. */
export type { Phase } from './accounting.ts';
export { isSnapshotFile, type Moment, momentsOf, type SnapshotFile } from './moment.ts';
export { verificationText } from './report.ts';
export { type Disagreement, RULES, type RuleName, type RuleScore } from './rules.ts';
export { type KernelVerification, type VerifyOptions, verifyKernelTrace } from './verify.ts';
