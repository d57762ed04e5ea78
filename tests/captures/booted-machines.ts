/**
 * Every machine that booted and was captured, x86 and ARM alike, with the layout that stands for it: what the tests of
 * a mechanism compare it with.
 */
import { buildLayout, type Layout } from '../../core/layout/catalog/index.ts';
import { armLayoutName, armMachines, armOptions } from './arm-machines.ts';
import type { CapturedMachine } from './captured-machine.ts';
import { layoutNameOf, optionsOf, oracleMachines } from './oracle-machines.ts';

export interface BootedMachine {
  readonly id: string;
  readonly oracle: CapturedMachine;
  readonly layout: Layout;
}

export function bootedMachines(): BootedMachine[] {
  const x86 = oracleMachines().map((oracle) => ({
    ...{ id: oracle.id, oracle },
    layout: buildLayout(layoutNameOf(oracle), optionsOf(oracle)),
  }));
  const arm = armMachines().map((oracle) => ({
    ...{ id: oracle.id, oracle },
    layout: buildLayout(armLayoutName(oracle), armOptions(oracle)),
  }));
  return [...x86, ...arm];
}
