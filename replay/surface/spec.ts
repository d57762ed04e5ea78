/** Runs as plain data: from JSON and to it, and the events and machines that one names. */
export {
  type Events,
  type EventsSpec,
  type LaneSpec,
  lanesOf,
  type MachineSpec,
  type OpenTrace,
  type PreparedLane,
  parseRunSpec,
  type RunFiles,
  type RunSpec,
  runSpecFrom,
  runSpecToJson,
  type SpecFault,
  sourceOf,
  type TraceSpec,
  type WorkloadSpec,
} from '../spec/index.ts';
