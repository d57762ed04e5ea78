/** The machine that every other one begins as. */
import type { Machine, Platform } from './machine.ts';
import { PARTS } from './slices.ts';

/** A machine with nothing in it: no frames, no page tables, no processes. */
export function blankMachine(platform: Platform): Machine {
  const begun = PARTS.map(([name, part]) => [name, part.begin(platform)]);
  return { platform, ...Object.fromEntries(begun) };
}
