/**
 * vmsplit as a library. Build layouts, get events from a workload or a trace, replay them under one layout or
 * several, and read the result:
 *
 *     import { buildLayout, Lane, replay, reportText, workload } from 'vmsplit';
 *
 *     const ramBytes = 2n ** 30n;
 *     const lanes = ['linux-3g1g', 'x86_64'].map((name) => new Lane(buildLayout(name, { ramBytes })));
 *     const result = await replay(workload('drivers').generate(1, {}, 500_000), lanes);
 *     console.log(reportText(result));
 */
export * from '../core/index.js';
export * from '../traces/index.js';
export * from '../workloads/index.js';
export { CATEGORIES } from './difference.js';
export { Lane } from './engine.js';
export { describeEvent } from './event-text.js';
export { clocksOf, kmapOf, memoryOf, vmallocOf, } from './figures.js';
export { Keyframes } from './keyframes.js';
export { Lockstep } from './lockstep.js';
export { describeOutcome } from './outcome-text.js';
export { inLockstep, replay, } from './pipeline.js';
export { addressText, figuresBehind } from './reasons.js';
export { reportJson, reportText } from './report/index.js';
export { layoutResult } from './result.js';
export { Rewind } from './rewind.js';
export { latestNs, seek, seekEnd, seekTime } from './seek.js';
export { paced, recut, seekable } from './source.js';
export { formatBytes, formatCount, formatNs } from './units.js';
export * from './verify/index.js';
export { VIEWS, viewNamed } from './views/index.js';
//# sourceMappingURL=index.js.map