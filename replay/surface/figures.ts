/** What a machine can be asked at any moment, as plain numbers and lists; when events began; and the same over time. */
export {
  type TranslationCounts,
  type TranslationFigures,
  translationFigures,
} from '../../core/access/figures.ts';
export { type VmallocArea, type VmallocAreaKind, vmallocAreas } from '../../core/kmap/list-areas.ts';
export { type SlabCacheInfo, slabCaches } from '../../core/slab/info.ts';
export { type EventTimes, eventTimes, type Folding } from '../figures/event-times.ts';
export {
  clocksOf,
  type KmapFigures,
  kmapOf,
  latestNs,
  type MemoryFigures,
  type MemoryTotals,
  memoryOf,
  type VmallocFigures,
  vmallocOf,
  type ZoneFigures,
} from '../figures/figures.ts';
export { TIMELINE_FIGURES, type TimelineFigure } from '../timeline/figures.ts';
export { type Every, type Sample, timeline } from '../timeline/timeline.ts';
