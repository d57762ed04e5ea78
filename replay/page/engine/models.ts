/** The view models that can be asked for at a moment: a row each. */

import { eventAt } from '../../../core/event/batch.ts';
import { figuresModel } from '../models/figures.ts';
import { kernelFile } from '../models/kernel-file.ts';
import { linkedOf } from '../models/linked.ts';
import { nextEvent } from '../models/next-event.ts';
import { processesOf } from '../models/processes.ts';
import type { Scene } from '../models/scene.ts';
import type { Selection } from '../models/selection.ts';

export const MODELS = {
  /** What `replay` tells of each lane, at this moment. */
  figures: figuresModel,
  /** The event that the machines meet next, and what each makes of it. */
  nextEvent,
  /** One of the kernel's own files. */
  kernelFile,
  /** Which processes there are. */
  processes: processesOf,
  /** All that goes with what somebody has picked, by lane. */
  linked: ({ lanes, next }: Scene, selection: Selection) =>
    lanes.map(({ machine }) => linkedOf(machine, selection, next && eventAt(next, 0))),
} as const;

export type ModelName = keyof typeof MODELS;
export type ModelParams<N extends ModelName> = Parameters<(typeof MODELS)[N]>[1];
export type ModelResult<N extends ModelName> = ReturnType<(typeof MODELS)[N]>;

/** Computes a model. The table's types hold the two sides together, which TypeScript cannot follow by itself. */
export function modelOf<N extends ModelName>(name: N, scene: Scene, params: ModelParams<N>): ModelResult<N> {
  const model = MODELS[name] as (scene: Scene, params: ModelParams<N>) => ModelResult<N>;
  return model(scene, params);
}
