/** What several lanes made of the same events, compared batch by batch: a value to which each batch is added. */
export type { Category, Difference } from '../diff/difference.ts';
export {
  addDifferences,
  type Differences,
  type DifferencesResult,
  differencesResult,
  type LockstepOptions,
  noDifferences,
} from '../diff/lockstep.ts';
