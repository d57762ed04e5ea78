/** Faults of 32-bit ARM and arm64: the status in FSR and ESR. ARM Architecture Reference Manual ARMv7-A, B3.12; ARMv8-A, D5.11. */
import { namedFaults } from './fault-code.ts';

export const ARM_FAULTS = namedFaults({ absent: 'translation fault', forbidden: 'permission fault' });
