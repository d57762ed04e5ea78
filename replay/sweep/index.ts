/** Sweeps: the same events under every combination of values. */
export { type DonePoint, donePoint, EXACTNESS, type Exactness, HOWS, type How, type Kept } from './done.ts';
export { DEFAULT_FIGURES, figuresNamed, SWEEP_FIGURES, type SweepFigure } from './figures.ts';
export { canonicalJson, identityOf, type SweepFiles } from './identity.ts';
export type { Setting } from './keys.ts';
export { passesOf } from './passes.ts';
export { isImpossible, type PlannedPoint, planSweep, type SweepPlan } from './plan.ts';
export { type Plot, plotsOf, plotText } from './plot.ts';
export { plotPage } from './plot-page.ts';
export type { ImpossiblePoint } from './points.ts';
export { type PointStore, runSweep, type SweepOptions, type SweepResult } from './sweep.ts';
export {
  donePoints,
  impossibleLines,
  pointsText,
  settingsText,
  sweepLines,
  sweepTable,
  sweepText,
  valuesOf,
} from './table.ts';
