/**
 * Devices: how many address bits they drive, and whether an IOMMU stands between them and memory (dma_set_mask,
 * dma_direct_supported: kernel/dma/direct.c, v6.1). Streaming and coherent mappings have the same mask.
 */
import { DEVICE_IOMMU } from '../event/dma-flags.ts';
import type { Draft } from '../machine/draft.ts';
import type { Handler } from '../machine/handler.ts';
import { BAD_DMA_MASK, DEVICE_IN_USE, EXISTS, NO_DEVICE, OK } from '../outcome/outcome.ts';
import { DEVICE } from './dma-tables.ts';
import { attachDevice, detachDevice } from './iommu.ts';
import { isCapable } from './reach.ts';

export const device: Handler<'device'> = (draft, { device: number, maskBits, deviceFlags: flags }) => {
  const { devices, platform } = draft;
  draft.spend(platform.costs.syscallNs);
  if (devices.get(number, DEVICE.maskBits) !== 0) return EXISTS;
  if (!isSupported(draft, maskBits)) return BAD_DMA_MASK;
  const root = flags & DEVICE_IOMMU ? attachDevice(draft) : 0;
  if (root < 0) return -root;
  devices.set(number, DEVICE.maskBits, maskBits);
  devices.set(number, DEVICE.root, root);
  return OK;
};

export const deviceRemove: Handler<'device_remove'> = (draft, { device: number }) => {
  const { devices, platform } = draft;
  draft.spend(platform.costs.syscallNs);
  if (devices.get(number, DEVICE.maskBits) === 0) return NO_DEVICE;
  if (devices.get(number, DEVICE.mappings) > 0) return DEVICE_IN_USE;
  const root = devices.get(number, DEVICE.root);
  if (root !== 0) detachDevice(draft, root);
  devices.clear(number);
  return OK;
};

/** What dma_alloc_coherent() can serve: down to where ZONE_DMA ends, or to the end of RAM if there is less. */
function isSupported({ platform: { layout } }: Draft, maskBits: number): boolean {
  const zoneDmaBits = layout.zones.some(({ name }) => name === 'DMA') ? 24 : 32;
  if (maskBits > 64) return false;
  return maskBits >= zoneDmaBits || isCapable(maskBits, layout.maxPfn * 2 ** layout.pageShift);
}
