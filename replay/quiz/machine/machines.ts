/** The machines that questions are about: by name where none is asked for, and what a question does on one. */

import { GIB, KIB } from '../../../core/base/units.ts';
import { buildLayout, toyLayoutNames } from '../../../core/index.ts';
import type { PreparedLane } from '../../spec/index.ts';

/** A layout with its RAM, and what the machine is told at boot. */
export type Ground = Pick<PreparedLane, 'name' | 'layout' | 'options'>;

/** All the RAM that a toy has room for, and what layouts are usually built with. */
const TOY_RAM = 4n * KIB;

/** The machine of a layout by its name. */
export function groundNamed(name: string, ramBytes?: bigint): Ground {
  const isToy = toyLayoutNames().includes(name);
  const layout = buildLayout(name, { ramBytes: ramBytes ?? (isToy ? TOY_RAM : GIB) });
  return { name, layout, options: {} };
}
