/** The machines that rows of statuses are told on, beside `pc` of support/status-rows.ts. */

import { pc } from '../../support/pc.ts';
import { cache, fromCache, machineOf, Session, starve } from '../../support/rows.ts';

/** With execute-disable. */
export const nx = machineOf('linux-x86_64', 96);
export const starved = starve(pc, 0);
/** The only slab that there ever was is given back. */
export const starvedLater = starve(
  new Session(pc).given(
    cache(1, 64),
    fromCache(1, 1),
    { kind: 'kmem_cache_free', object: 1 },
    { kind: 'kmem_cache_destroy', cache: 1 },
  ).machine,
  0,
);
/** High memory is left, and of low memory single pages. */
export const noLowmem = starve(pc, 0, false);
/** What is free is CMA's. */
export const cmaLeft = starve(machineOf('linux-arm-3g1g', 64, {}, { cma: { bytes: 16n << 20n } }), 0);
export const inPieces = starve(nx, 400);
