/**
 * A run as plain data: which events go through which machines. A command line, a worker, a page and a point of a sweep
 * are this, and nothing else decides what comes out; sources.ts and lanes.ts carry it out.
 */
import type { MachineSpec } from './machine-options.ts';

/** A trace by the name of its file (`-`: standard input), or a synthetic workload. */
export type EventsSpec = TraceSpec | WorkloadSpec;

/** The events of a trace. */
export interface TraceSpec {
  readonly trace: string;
}

/** The events of a synthetic workload. */
export interface WorkloadSpec {
  readonly workload: string;
  /** Default 1. */
  readonly seed?: number;
  /** How many; by default as the workload suggests. */
  readonly events?: number;
  /** Those of the workload that are not as by default. */
  readonly options?: Readonly<Record<string, number>>;
}

/** A layout by its name, or by that of a JSON file, and what is special about this machine. */
export interface LaneSpec extends MachineSpec {
  readonly layout: string;
}

/** A run: events, and the machines that they go through. */
export interface RunSpec {
  readonly events: EventsSpec;
  /** What holds for every lane that does not say otherwise. */
  readonly machine: MachineSpec;
  readonly lanes: readonly LaneSpec[];
  /** Events folded at a time; changes no result. */
  readonly batchSize?: number;
  /** How many sorts of differences are explained; default 10. */
  readonly firstDifferences?: number;
}

/** RAM comes as an amount or as a map: who says one takes the other back. */
const RAM_KEYS = ['ram', 'memoryMap'] as const;

/** A lane with what holds for all lanes. */
export function completeLane(machine: MachineSpec, lane: LaneSpec): LaneSpec {
  const saysRam = RAM_KEYS.some((key) => lane[key] !== undefined);
  const { ram: _ram, memoryMap: _map, ...others } = machine;
  return { ...(saysRam ? others : machine), ...lane };
}

/** Bytes: the amount that most captured kernels were booted with, and the machine of the textbooks. */
export const DEFAULT_RAM = 2 ** 30;
/** Seeds are 32-bit words (workloads/engine/prng.ts). */
export const MOST_SEED = 2 ** 32 - 1;
export const DEFAULT_SEED = 1;
/** Events in a batch at most: all columns and outcomes of one are in memory at once. */
export const MOST_FOLDED = 2 ** 20;
