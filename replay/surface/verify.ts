/** The trace of a real kernel against the simulated allocator: what was predicted of it, and how much came true. */
export {
  type KernelVerification,
  type Moment,
  momentsOf,
  type SnapshotFile,
  type VerifyOptions,
  verificationText,
  verifyKernelTrace,
} from '../verify/index.ts';
