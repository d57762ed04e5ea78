/** Which model serves which options. */
import { ArrangedTlb } from './arranged.ts';
import { walkShapes } from './arrangement.ts';
import type { TlbMaker } from './model.ts';
import { isTuned, TunedTlb } from './tuned.ts';

export const makeTlb: TlbMaker = (options, tree) =>
  isTuned(options, walkShapes(options, tree.nrLevels))
    ? new TunedTlb(options, tree)
    : new ArrangedTlb(options, tree);
