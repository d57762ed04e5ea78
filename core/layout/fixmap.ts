/** The fixmap's permanent slots: those of devices at its top, and below them those of kmap_local() on each cpu. */
import type { Port } from '../arch/port.ts';

/** KM_MAX_IDX: kmap_local slots of a cpu (include/asm-generic/kmap_size.h, v6.1). */
export const KMAP_LOCAL_SLOTS = 16;

/** __end_of_permanent_fixed_addresses (enum fixed_addresses, arch/x86/include/asm/fixmap.h, v6.1). */
export function fixmapPages({ fixmapDevicePages }: Port, nrCpus: number): number {
  return fixmapDevicePages + KMAP_LOCAL_SLOTS * nrCpus;
}
