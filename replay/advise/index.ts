/** From what a failing board leaves behind to what would cure it. */
export { VERDICT_KINDS, type Verdict, type VerdictKind } from './verdict/kinds.ts';
export { type MainVerdict, mainVerdict, type ReportVerdict } from './verdict/main-verdict.ts';
export { type KnownMachine, verdictOf } from './verdict/verdict.ts';
