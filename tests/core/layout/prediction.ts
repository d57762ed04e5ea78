/** What is said of a machine, beside what the machine said. */
import type { Layout } from '../../../core/layout/catalog/index.ts';
import type { OracleMachine } from '../../captures/oracle-machine.ts';

/** Figures by name: what was predicted and what the machine said. `left` names what has no prediction, and why. */
export interface Prediction {
  readonly predicted: Readonly<Record<string, unknown>>;
  readonly captured: Readonly<Record<string, unknown>>;
  readonly left?: Readonly<Record<string, string>>;
}

export type Predict = (machine: OracleMachine, layout: Layout) => Prediction;

export const hex = (value: bigint): string => `0x${value.toString(16)}`;

/** Why something has no prediction here. */
export const WINDOWS = 'what drivers and the probe mapped: core/kmap';
export const FRAMES = 'which frame early memory gave';
