/** Traces of real kernels against the simulated allocator. */
export type { Phase } from './model/accounting.ts';
export { isSnapshotFile, type Moment, momentsOf, type SnapshotFile } from './model/moment.ts';
export { verificationText } from './report/text.ts';
export { type KernelVerification, type VerifyOptions, verifyKernelTrace } from './report/verify.ts';
export { type Disagreement, RULES, type RuleName, type RuleScore } from './score/rules.ts';
