/** The view models that can be asked for at a moment: a row each. */

import { addressSpaces, physicalMaps, selectedThings, walks } from '../models/by-lane.ts';

import { figuresModel } from '../models/figures.ts';
import { kernelFile } from '../models/kernel-file.ts';
import { nextEvent } from '../models/next-event.ts';
import { processesOf } from '../models/processes.ts';
import type { Scene } from '../models/scene.ts';

export const MODELS = {
  /** What `replay` tells of each lane, at this moment. */
  figures: figuresModel,
  /** The event that the machines meet next, and what each makes of it. */
  nextEvent,
  /** One of the kernel's own files. */
  kernelFile,
  /** Which processes there are. */
  processes: processesOf,
  /** What is picked, and all that goes with it. */
  selected: selectedThings,
  /** The address space, with the user half of a process. */
  addressSpaces,
  /** Page frames, or some of them, as cells of a map. */
  physicalMaps,
  /** The walk of the address that is picked. */
  walks,
} as const;

export type ModelName = keyof typeof MODELS;
export type ModelParams<N extends ModelName> = Parameters<(typeof MODELS)[N]>[1];
export type ModelResult<N extends ModelName> = ReturnType<(typeof MODELS)[N]>;

/** Computes a model. The table's types hold the two sides together, which TypeScript cannot follow by itself. */
export function modelOf<N extends ModelName>(name: N, scene: Scene, params: ModelParams<N>): ModelResult<N> {
  const model = MODELS[name] as (scene: Scene, params: ModelParams<N>) => ModelResult<N>;
  return model(scene, params);
}
