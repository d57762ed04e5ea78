/**
 * A worked example: a few events, in scenes that say what is going on, with the machine that they are meant for.
 * It is a workload without options and without chance, so whatever plays a workload plays an example too.
 */

import { type Batch, batchOf, DEFAULT_BATCH_SIZE, rebatch } from '../../core/event/batch.ts';
import type { EventHeader, MemoryEvent } from '../../core/event/kinds.ts';
import type { MachineOptions } from '../../core/machine/options.ts';
import type { StatusName } from '../../core/outcome/outcome.ts';
import { parseOptions } from '../engine/options.ts';
import type { Workload } from '../engine/workload.ts';

/** An event on cpu 0, with no time before it. */
export type Fact = MemoryEvent extends infer E
  ? E extends MemoryEvent
    ? Omit<E, keyof EventHeader>
    : never
  : never;

/** A few events of an example that belong together. */
export interface Scene {
  /** What happens, and what to look at. */
  readonly says: string;
  readonly events: readonly MemoryEvent[];
  /** What each of its events comes to on the machine that the example is meant for. */
  readonly becomes: StatusName;
}

/** A worked example of the texts: a few events in scenes. */
export interface Example extends Workload {
  /** The texts that it is taken from. */
  readonly source: string;
  /** The machine that it is meant for. */
  readonly layout: string;
  readonly ramBytes: number;
  /** What else the machine is told at boot. */
  readonly machine?: MachineOptions;
  readonly scenes: readonly Scene[];
}

interface ExampleSpec {
  readonly name: string;
  readonly title: string;
  /** What the text says, which the example shows. */
  readonly doc: string;
  readonly source: string;
  readonly layout: string;
  readonly ramBytes: number;
  readonly machine?: MachineOptions;
  readonly scenes: readonly Scene[];
}

/** The scenes as a workload: its events are always the same. */
export function defineExample(spec: ExampleSpec): Example {
  const all = spec.scenes.flatMap(({ events }) => events);
  return {
    ...spec,
    options: [],
    defaultEvents: all.length,
    parse: (settings) => parseOptions({}, settings),
    generate: (_seed, _options, events, batchSize = DEFAULT_BATCH_SIZE): Iterable<Batch> => ({
      [Symbol.iterator]: () => rebatch([batchOf(all.slice(0, events))], batchSize),
    }),
  };
}

/** Events that succeed. */
export function scene(says: string, ...facts: readonly Fact[]): Scene {
  return { says, events: facts.map(eventOf), becomes: 'ok' };
}

/** Events that fail, for this reason. */
export function failing(becomes: StatusName, says: string, ...facts: readonly Fact[]): Scene {
  return { ...scene(says, ...facts), becomes };
}

function eventOf(fact: Fact): MemoryEvent {
  return { cpu: 0, thinkNs: 0, ...fact } as MemoryEvent;
}
