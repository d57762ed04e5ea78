/** From what a failing board leaves behind to what would cure it. */
export { type Advice, type AdviceOptions, advise, type Findings, findings } from './advice.ts';
export { adviceCommands } from './advice-commands.ts';
export { adviceJson } from './advice-json.ts';
export { type AdviceTextOptions, adviceText } from './advice-text.ts';
export { bestLanes } from './best-lanes.ts';
export { type Evidence, kindOfText, recognise, together } from './board/evidence.ts';
export { knownOf } from './board/known.ts';
export { type BoardMachine, boardMachine, usualLane } from './board/machine.ts';
export { laneText } from './cures/judging.ts';
export { NO_STATE, stateEvents, stateParameters } from './state/state-trace.ts';
export { VERDICT_KINDS, type Verdict, type VerdictKind } from './verdict/kinds.ts';
export { type MainVerdict, mainVerdict, type ReportVerdict } from './verdict/main-verdict.ts';
export { reportExplanation, zoneLines } from './verdict/report-text.ts';
export { type KnownMachine, verdictOf } from './verdict/verdict.ts';
