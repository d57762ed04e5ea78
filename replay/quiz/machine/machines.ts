/** The machines that questions are about: by name where none is asked for, and what a question does on one. */

import { GIB, KIB } from '../../../core/base/units.ts';
import { buildLayout, toyLayoutNames } from '../../../core/index.ts';
import { lanesOf, lanesText, type PreparedLane, type RunFiles, type RunSpec } from '../../spec/index.ts';

/** A layout with its RAM, and what the machine is told at boot. */
export type Ground = Pick<PreparedLane, 'name' | 'layout' | 'options'>;

/** All the RAM that a toy has room for, and what layouts are usually built with. */
const TOY_RAM = 4n * KIB;

/** The machine of a layout by its name. */
export function groundNamed(name: string, ramBytes = usualRam(name)): Ground {
  return { name, layout: buildLayout(name, { ramBytes }), options: {} };
}

/** The first machine of a run, called by its layout and its own options; the amount of RAM is told beside it. */
export async function groundOf(
  run: Pick<RunSpec, 'machine' | 'lanes'>,
  files: Pick<RunFiles, 'text'>,
): Promise<Ground> {
  const [prepared] = await lanesOf(run, files);
  const { ram: _, ...own } = run.lanes[0]!;
  return { ...prepared!, name: lanesText([own]) };
}

/** Bytes of RAM where nobody says how much. */
export function usualRam(layout: string): bigint {
  return toyLayoutNames().includes(layout) ? TOY_RAM : GIB;
}
