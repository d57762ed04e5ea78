/**
 * Fields of the DMA events. Directions are those of Linux (enum dma_data_direction, include/linux/dma-direction.h,
 * v6.1), as the memory sees them.
 */
export const DMA_BIDIRECTIONAL = 0;
/** The device reads what the cpu wrote. */
export const DMA_TO_DEVICE = 1;
/** The cpu reads what the device wrote. */
export const DMA_FROM_DEVICE = 2;

/** In words, by the value of a direction. */
export const DIRECTION_NAMES = ['both ways', 'to the device', 'from the device'] as const;

/** The `transfer` field: which device, and in which direction. Devices are numbered below 2^30. */
export function transferOf(device: number, direction: number): number {
  return device * 4 + direction;
}

/** The device of a `transfer` field. */
export function transferDevice(transfer: number): number {
  return transfer >>> 2;
}

/** The direction of a `transfer` field: a DMA_ constant of above, or 3, which is none. */
export function transferDirection(transfer: number): number {
  return transfer & 3;
}

/** The `deviceFlags` field: the device's addresses go through an IOMMU. */
export const DEVICE_IOMMU = 1;

/** The `owner` field of dma_sync: who may use the buffer from here on. */
export const SYNC_FOR_CPU = 0;
/** The device, until the next sync for the cpu. */
export const SYNC_FOR_DEVICE = 1;
