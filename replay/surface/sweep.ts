/** Sweeps: the same events under every combination of values, planned and then run. */
export {
  type DonePoint,
  type ImpossiblePoint,
  isImpossible,
  type PlannedPoint,
  type PointStore,
  planSweep,
  runSweep,
  SWEEP_FIGURES,
  type SweepFigure,
  type SweepFiles,
  type SweepOptions,
  type SweepPlan,
  type SweepResult,
} from '../sweep/index.ts';
