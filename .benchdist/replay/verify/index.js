export { isSnapshotFile, momentsOf } from './moment.js';
export { verificationText } from './report.js';
export { RULES } from './rules.js';
export { verifyKernelTrace } from './verify.js';
//# sourceMappingURL=index.js.map