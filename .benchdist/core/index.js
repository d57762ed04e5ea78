/**
 * The core: address-space layouts, events, the immutable machine and the fold. Imports nothing of the other folders.
 */
export { bootMachine, pageNumber } from './boot.js';
export * from './convert.js';
export { kmapToPfn, pageAddressOf, slowVirtToPhys } from './convert-mapped.js';
export { DEFAULT_COSTS } from './cost.js';
export { COUNTER, COUNTER_NAMES, countersOf } from './counters.js';
export { assert, UsageError } from './errors.js';
export * from './event/access-mode.js';
export * from './event/batch.js';
export * from './event/clone-flags.js';
export * from './event/gfp.js';
export * from './event/kinds.js';
export * from './event/mmap-flags.js';
export * from './event/slab-flags.js';
export { explainAddress, } from './explain.js';
export { fold } from './fold.js';
export { checkMachine } from './invariants.js';
export { vmallocAreas } from './kmap/list-areas.js';
export * from './layout/index.js';
export * from './outcome.js';
export { OutcomeDigest } from './outcome-digest.js';
export { DEFAULT_MMU } from './paging/geometry.js';
export { slabCaches } from './slab/info.js';
export { Digest, stateDigest } from './state/digest.js';
//# sourceMappingURL=index.js.map