/** The smallest machine that the events of a trace fit into. */
export { type FitOptions, type FitResult, type FitTry, findFit } from './fit.ts';
export { answerText, tryLine } from './text.ts';
export { VARIED, type Varied } from './values.ts';
