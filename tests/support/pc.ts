/** The machine that most tests are about. */
import { machineOf } from './rows.ts';

/** The PC of the texts: 96 MiB, 32 of them high; no bounce buffers, as on every 32-bit kernel without PAE. */
export const pc = machineOf('3g1g', 96, { highmemBytes: 32n << 20n });
