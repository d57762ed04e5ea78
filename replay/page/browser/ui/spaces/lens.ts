/** What part of a scale is shown: positions from 0 to 1, the higher addresses above. */
import { addressAt, positionOf, type Scale } from '../../../models/scale.ts';

/** [from, to) of the scale. */
export interface Lens {
  readonly from: number;
  readonly to: number;
}

export const WHOLE: Lens = { from: 0, to: 1 };

/** A page among a hundred thousand areas can still be seen. */
const SMALLEST = 2 ** -30;

export function zoomed({ from, to }: Lens, centre: number, factor: number): Lens {
  const span = Math.min(1, Math.max(SMALLEST, (to - from) * factor));
  const start = centre - ((centre - from) / (to - from)) * span;
  const inside = Math.min(Math.max(0, start), 1 - span);
  return { from: inside, to: inside + span };
}

export function moved({ from, to }: Lens, by: number): Lens {
  const start = Math.min(Math.max(0, from + by), 1 - (to - from));
  return { from: start, to: start + to - from };
}

/** A range of addresses, with something around it. */
export function around(scale: Scale, start: bigint, end: bigint): Lens {
  const from = positionOf(scale, start);
  const to = positionOf(scale, end);
  const margin = Math.max((to - from) * 0.06, SMALLEST);
  const span = Math.min(1, to - from + 2 * margin);
  const inside = Math.min(Math.max(0, from - margin), 1 - span);
  return { from: inside, to: inside + span };
}

/** A lens that stays on its addresses when the scale becomes another one, as it does from moment to moment. */
export interface HeldLens {
  readonly lens: Lens;
  readonly scale: Scale;
  readonly start: bigint;
  readonly end: bigint;
}

export function held(scale: Scale, lens: Lens): HeldLens {
  return { lens, scale, start: addressAt(scale, lens.from), end: addressAt(scale, lens.to) };
}

export function lensOn(scale: Scale, { lens, scale: own, start, end }: HeldLens): Lens {
  if (scale === own || (lens.from === 0 && lens.to === 1)) return lens;
  const from = positionOf(scale, start);
  const to = Math.max(positionOf(scale, end), from + SMALLEST);
  return to > 1 ? { from: 1 - SMALLEST, to: 1 } : { from, to };
}

/** Pixels from the top; addresses out of view are above or below it. */
export function yOf(scale: Scale, { from, to }: Lens, height: number, address: bigint): number {
  return height * (1 - (positionOf(scale, address) - from) / (to - from));
}

export function positionAt({ from, to }: Lens, height: number, y: number): number {
  return from + (to - from) * (1 - y / height);
}

export function addressAtY(scale: Scale, lens: Lens, height: number, y: number): bigint {
  return addressAt(scale, positionAt(lens, height, y));
}
