/**
 * Run specifications: a run as plain data, from JSON and to it, from a command line and to it, and carried out. Below the
 * replay itself: it gives events and machines, and folds nothing.
 */
export {
  eventsArguments,
  machineArguments,
  optionArguments,
  reproduceLine,
  WORKLOAD_PREFIX,
  workloadArguments,
} from './command-line.ts';
export { OptionError } from './effects.ts';
export { type OpenTrace, openedTrace, placeOf, type RunFiles, readingOnce } from './files.ts';
export { parseRunSpec, runSpecFrom, runSpecToJson, SpecError, type SpecFault } from './json.ts';
export { refuseTwins } from './lane-names.ts';
export { lanesText, parseLanes } from './lane-text.ts';
export { lanesOf, layoutsOf, type PreparedLane, type Recorded } from './lanes.ts';
export {
  givenOptions,
  isSwitch,
  MACHINE_OPTIONS,
  type MachineOption,
  type MachineSpec,
  machineOf,
  optionText,
} from './machine-options.ts';
export { reportOf } from './machine-report.ts';
export { MMU_ARRAYS, MMU_KEYS, parseMmu } from './mmu-settings.ts';
export { contradictionsOf, type OwnLayout, ownLayout } from './own-layout.ts';
export {
  completeLane,
  DEFAULT_RAM,
  DEFAULT_SEED,
  type EventsSpec,
  type LaneSpec,
  MOST_FOLDED,
  MOST_SEED,
  type RunSpec,
  type TraceSpec,
  type WorkloadSpec,
} from './run-spec.ts';
export { completeWorkload, cpusOf, type Events, isWorkload, sourceOf } from './source.ts';
export { MOST_TEXT_BYTES, textUnlessLong, tooLong, unpackedText } from './texts.ts';
export { choice, count, parseSize, SIZE, type SpecValue, sizeText, type ValueKind } from './values.ts';
