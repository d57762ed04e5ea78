/** The machines that a page shows where nobody says: those of the question that vmsplit answers, with as much RAM. */
import { DEFAULT_RAM, type LaneSpec, type MachineSpec } from '../../spec/index.ts';

export const CLASSIC_LANES: readonly LaneSpec[] = ['linux-3g1g', 'linux-2g2g', 'linux-x86_64'].map(
  (layout) => ({
    layout,
  }),
);

export const CLASSIC_MACHINE: MachineSpec = { ram: DEFAULT_RAM };
