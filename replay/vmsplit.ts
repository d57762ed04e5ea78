/**
 * vmsplit as a library: its public surface, and all of it. Build layouts, get events from a workload or a trace, replay
 * them under one layout or several, and read the result:
 *
 *     import { buildLayout, newLane, replay, reportText, workload } from 'vmsplit';
 *
 *     const ramBytes = 2n ** 30n;
 *     const lanes = ['linux-3g1g', 'x86_64'].map((name) => newLane(buildLayout(name, { ramBytes })));
 *     const result = await replay(workload('drivers').generate(1, {}, 500_000), lanes);
 *     console.log(reportText(result));
 *
 * What is given out is not changed by anybody later, and cannot be written through. Mistakes of the caller are
 * `UsageError`s, whose message says what was found, what is expected and what to do; faults of files are `TraceError`s
 * and `ImportError`s with the place. What belongs together lies in a namespace, with its types: constants of the kernel
 * (`gfp.GFP_KERNEL`, `mapping.PROT_READ`), what a machine can be asked (`figures.memoryOf`), runs as plain data
 * (`spec.RunSpec`).
 */

// Errors.

export { UsageError } from '../core/base/errors.ts';
export { ImportError, NewerTraceError, TraceError } from '../traces/base/errors.ts';
export { SpecError } from './spec/index.ts';

// Layouts: address spaces as data, built in or from a file.

export { buildLayout, layoutNames } from '../core/layout/catalog/catalog.ts';
export { parseMemoryMap } from '../core/layout/catalog/dialects.ts';
export * as convert from '../core/layout/convert.ts';
export { exportLayout } from '../core/layout/file/layout-export.ts';
export { type CustomLayout, parseLayoutFile } from '../core/layout/file/layout-file.ts';
export type * from '../core/layout/layout.ts';
export { regionOf } from '../core/layout/regions.ts';
export * as kernelMap from './surface/kernel-map.ts';

// Events: a vocabulary, batches of it, and the kernel's flags in them.

export * as access from '../core/event/access-mode.ts';
export {
  type Batch,
  BatchBuilder,
  batchOf,
  eventAt,
  eventsOf,
  rebatch,
  sliceBatch,
} from '../core/event/batch.ts';
export * as clone from '../core/event/clone-flags.ts';
export * as dma from '../core/event/dma-flags.ts';
export * as gfp from '../core/event/gfp.ts';
export type { KindRow } from '../core/event/kind-row.ts';
export { EVENT_KINDS, type EventHeader, type KindName, type MemoryEvent } from '../core/event/kinds.ts';
export * as mapping from '../core/event/mmap-flags.ts';
export * as slab from '../core/event/slab-flags.ts';
export { defineKind } from '../core/fold/handlers.ts';
export { describeEvent } from './text/event-text.ts';

// The machine: booted, folded, checked, written down.

export { type Costs, DEFAULT_COSTS } from '../core/base/cost.ts';
export { bootMachine, machineFromBytes } from '../core/boot/boot.ts';
export { checkMachine } from '../core/check/invariants.ts';
export { type Folded, type FoldOptions, fold } from '../core/fold/fold.ts';
export { machineBytes } from '../core/machine/codec.ts';
export { stateDigest } from '../core/machine/digest.ts';
export * as fields from '../core/machine/fields.ts';
export type { FileRecord, Machine, Mm, Platform, Process, Records } from '../core/machine/machine.ts';
export type { MachineOptions } from '../core/machine/options.ts';
export type { Vma } from '../core/mm/vma.ts';
export * as tlb from '../core/tlb/index.ts';
export { DEFAULT_MMU, type MmuOptions } from '../core/tlb/options.ts';
export { MMU_PRESETS, type MmuPreset } from '../core/tlb/presets.ts';

// Outcomes: what became of each event, and what a machine counts.

export { COUNTER_NAMES, type CounterName, countersOf } from '../core/outcome/counters.ts';
export { FAULTS } from '../core/outcome/faults.ts';
export { ADDRESSES, type AddressName, type Outcomes, TRANSLATIONS } from '../core/outcome/outcome.ts';
export { OutcomeDigest } from '../core/outcome/outcome-digest.ts';
export { STATUSES, type StatusName } from '../core/outcome/statuses.ts';
export { describeOutcome } from './text/outcome-text.ts';

// A machine at a moment: what an event changed, what an address is, figures, the kernel's own reports.

export { type Changes, changes } from '../core/changes/changes.ts';
export { type EventAddress, eventAddress } from '../core/explain/event-address.ts';
export { type ExplainOptions, type Explanation, explainAddress } from '../core/explain/explain.ts';
export * as figures from './surface/figures.ts';
export * as views from './views/index.ts';

// Workloads and worked examples.

export {
  EXAMPLES,
  type Example,
  example,
  type Scene,
  WORKLOADS,
  type Workload,
  workload,
} from '../workloads/index.ts';

// Traces: the container, where it lies, and importers of other tools' traces.

export type { ImportOptions, ImportResult } from '../traces/import/importer.ts';
export { IMPORTERS, type ImportRequest, importTrace } from '../traces/import/index.ts';
export { MemorySink, type Sink } from '../traces/io/sink.ts';
export { memorySource, type Source } from '../traces/io/source.ts';
export { fileSink, fileSource, openInput, streamSink } from '../traces/node/index.ts';
export type { TraceHeader, TraceTotals } from '../traces/vmt/format.ts';
export { type TraceInfo, traceInfo } from '../traces/vmt/info.ts';
export { openTrace, type Trace } from '../traces/vmt/reader.ts';
export { openTraceStream, type TraceStream } from '../traces/vmt/stream-reader.ts';
export { type TraceOrigin, TraceWriter } from '../traces/vmt/writer.ts';
export * as edit from './surface/edit.ts';

// Events as rows, out to other tools, and what a trace is like.

export { EXPORTERS, type Exporter, type ExportInput, ExportTally } from './export/index.ts';
export { TraceStats, type TraceStatsResult } from './stats/trace-stats.ts';
export * as rows from './surface/rows.ts';

// Replays: lanes in lock step, what differs, reports.

export { type Lane, type LaneOptions, type LaneStep, newLane, type Step, stepLane } from './lane/lane.ts';
export { reportPage } from './node/report-page.ts';
export { reportJson, reportText } from './report/index.ts';
export {
  inLockstep,
  type LockstepEmission,
  type ReplayOptions,
  replay,
  replayLanes,
  type Sink as ReplaySink,
} from './run/pipeline.ts';
export type { LayoutResult, ReplayResult } from './run/result.ts';
export { type BatchSource, recut, type SeekableSource, seekable } from './source/source.ts';
export * as diff from './surface/diff.ts';

// Seek: the machine at any event or time.

export { type Keyframe, Keyframes } from './seek/keyframes.ts';
export { Rewind } from './seek/rewind.ts';
export { seek, seekEnd, seekTime } from './seek/seek.ts';

// Runs as data, in this thread or in others; sweeps of them; the smallest machine that a trace fits into.

export { type FitOptions, type FitResult, type FitTry, findFit } from './fit/index.ts';
export { nodeFiles } from './node/run-files.ts';
export { type RunPool, runPool } from './node/run-pool.ts';
export { SweepFolder } from './node/sweep-folder.ts';
export { carryOut, type RunResult } from './run/carry-out.ts';
export * as spec from './surface/spec.ts';
export * as sweep from './surface/sweep.ts';

// Real kernels: their /proc files, the failures in their logs, their traces against the simulated allocator.

export * as proc from '../traces/proc/index.ts';
export * as failures from './surface/failures.ts';
export * as verify from './surface/verify.ts';
