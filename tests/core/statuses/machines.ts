/** The machines that rows of statuses are told on, beside `pc` of support/status-rows.ts. */

import { pc } from '../../support/pc.ts';
import { machineOf, starve } from '../../support/rows.ts';

/** With execute-disable. */
export const nx = machineOf('linux-x86_64', 96);
export const starved = starve(pc, 0);
/** High memory is left, and of low memory single pages. */
export const noLowmem = starve(pc, 0, false);
export const inPieces = starve(nx, 400);
