/**
 * The core: address-space layouts, events, the immutable machine and the fold. Imports nothing of the other folders.
 */

export { type TranslationCounts, type TranslationFigures, translationFigures } from './access/figures.ts';
export type { EntryBit } from './arch/entry-format.ts';
export { type Costs, DEFAULT_COSTS } from './base/cost.ts';
export { Digest } from './base/digest.ts';
export { assert, UsageError } from './base/errors.ts';
export { nearest } from './base/nearest.ts';
export { bootMachine, machineFromBytes } from './boot/boot.ts';
export type { CmaOptions } from './boot/cma.ts';
export { type Changes, changes } from './changes/changes.ts';
export { checkMachine } from './check/invariants.ts';
export * from './event/access-mode.ts';
export * from './event/batch.ts';
export * from './event/clone-flags.ts';
export * from './event/dma-flags.ts';
export type { FieldType, NumberText, Space } from './event/field-types.ts';
export * from './event/gfp.ts';
export type { FieldColumn, KindRow } from './event/kind-row.ts';
export * from './event/kinds.ts';
export * from './event/mmap-flags.ts';
export * from './event/slab-flags.ts';
export type { Answer, AnswerName } from './explain/answers.ts';
export { checkBoots } from './explain/boots.ts';
export type { BusFacts } from './explain/bus.ts';
export type { CacheFacts } from './explain/caches.ts';
export { type EventAddress, eventAddress } from './explain/event-address.ts';
export {
  type AddressSpaceName,
  type ExplainOptions,
  type Explanation,
  explainAddress,
  type KernelEntryFacts,
  type MappingFacts,
} from './explain/explain.ts';
export type { FrameFacts } from './explain/frame.ts';
export type { Conversion } from './explain/macros.ts';
export type { AddressField } from './explain/split.ts';
export type { UserRootFacts } from './explain/user-root.ts';
export type { AddressType, Use, UseName } from './explain/uses.ts';
export type { WalkStep } from './explain/walk.ts';
export { type Folded, type FoldOptions, fold } from './fold/fold.ts';
export { defineKind } from './fold/handlers.ts';
export { isKernelVersion, kernelNamed, uncheckedText } from './kernel/linux.ts';
export { versionText } from './kernel/version.ts';
export { kmapToPfn, pageAddressOf, slowVirtToPhys } from './kmap/convert-mapped.ts';
export { type VmallocArea, type VmallocAreaKind, vmallocAreas } from './kmap/list-areas.ts';
export * from './layout/catalog/index.ts';
export * from './layout/convert.ts';
export { machineBytes } from './machine/codec.ts';
export { stateDigest } from './machine/digest.ts';
export type { Machine } from './machine/machine.ts';
export type { MachineOptions } from './machine/options.ts';
export { COUNTER, COUNTER_NAMES, type CounterName, countersOf } from './outcome/counters.ts';
export * from './outcome/outcome.ts';
export { OutcomeDigest } from './outcome/outcome-digest.ts';
export type { SegmentStep } from './paging/segments.ts';
export { type SlabCacheInfo, slabCaches } from './slab/info.ts';
export { THP_MODES, type ThpMode } from './thp/settings.ts';
export * as tlb from './tlb/index.ts';
export {
  type CacheShape,
  DEFAULT_MMU,
  type MmuOptions,
  NO_CACHE,
  REPLACEMENTS,
  type Replacement,
  TLB_NAMES,
  TLB_PARTS,
  type TlbLevel,
  WALK_CACHE_NAMES,
} from './tlb/options.ts';
export { MMU_PRESETS, type MmuPreset } from './tlb/presets.ts';
