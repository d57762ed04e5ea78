/** What commands, benches and tests use of a replay; the public surface of the package is vmsplit.ts. */
export * from '../core/index.ts';
export * from '../traces/index.ts';
export * from '../traces/node/index.ts';
export * from '../workloads/index.ts';
export { CATEGORIES, type Category, type Difference } from './diff/difference.ts';
export * from './diff/lockstep.ts';
export { type EventTimes, eventTimes, type Folding } from './figures/event-times.ts';
export * from './figures/figures.ts';
export {
  type FirstFailure,
  type Lane,
  type LaneOptions,
  type LaneSpecification,
  type LaneStep,
  newLane,
  type Step,
  stepLane,
} from './lane/lane.ts';
export { nodeFiles } from './node/run-files.ts';
export { type ReportOptions, reportJson, reportText } from './report/index.ts';
export {
  inLockstep,
  type LockstepEmission,
  type Progress,
  type Replayed,
  type ReplayOptions,
  replay,
  replayLanes,
  type Sink as ReplaySink,
  type TimedStep,
} from './run/pipeline.ts';
export { type LayoutResult, layoutResult, type ReplayResult } from './run/result.ts';
export { type Keyframe, type KeyframeOptions, Keyframes } from './seek/keyframes.ts';
export { Rewind } from './seek/rewind.ts';
export { seek, seekEnd, seekTime } from './seek/seek.ts';
export {
  type BatchSource,
  breathing,
  type Clock,
  recut,
  type SeekableSource,
  seekable,
} from './source/source.ts';
export {
  type Events,
  type EventsSpec,
  type LaneSpec,
  lanesOf,
  lanesText,
  type MachineSpec,
  type PreparedLane,
  parseLanes,
  parseRunSpec,
  type RunFiles,
  type RunSpec,
  runSpecFrom,
  runSpecToJson,
  SpecError,
  type SpecFault,
  sourceOf,
} from './spec/index.ts';
export { describeEvent } from './text/event-text.ts';
export { describeOutcome, type LaneOutcome } from './text/outcome-text.ts';
export { figuresBehind } from './text/reasons.ts';
export { formatBytes, formatCount, formatNs } from './text/units.ts';
export * from './verify/index.ts';
export { PROCESS_VIEWS, VIEWS, type View, viewNamed } from './views/index.ts';
