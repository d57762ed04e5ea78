/** Devices, and the machines they are part of. */
import { DEVICE_IOMMU } from '../../../core/event/dma-flags.ts';
import { device, MIB, machineOf, type Step } from '../../support/rows.ts';

/** Frees what the named kind of event allocated. */
export const free = (kind: 'page_free' | 'kfree' | 'vfree' | 'kmem_cache_free', object: number): Step => ({
  kind,
  object,
});
export const remove = (number: number): Step => ({ kind: 'device_remove', device: number });

/** A PC with a pool of bounce buffers in the DMA zone, for ISA devices. */
export const isa = machineOf(
  '3g1g',
  96,
  { highmemBytes: 32n << 20n },
  { swiotlb: { bytes: MIB, belowBytes: 16 * MIB } },
);
/** RAM above 4 GiB, and a pool of bounce buffers below. */
export const large = machineOf('linux-x86_64', 6144);

export const NIC = device(1, 32);
export const ISA = device(2, 24);
export const NVME = device(3, 64);
export const IOMMU = device(4, 32, DEVICE_IOMMU);
