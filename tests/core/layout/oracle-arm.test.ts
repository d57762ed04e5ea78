/** Linux on ARM and arm64 against every figure that booted kernels and boards printed: predicted, or left with a reason. */
import { buildLayout } from '../../../core/layout/catalog/index.ts';
import { armLayoutName, armMachines, armOptions } from '../../captures/arm-machines.ts';
import { ARM_PREDICTIONS } from './predictions/arm.ts';
import { checkPredictions } from './predictions/check.ts';

checkPredictions(
  armMachines(),
  (machine) => buildLayout(armLayoutName(machine), armOptions(machine)),
  ARM_PREDICTIONS,
  170,
);
