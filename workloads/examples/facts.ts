/** The events that worked examples are written in, one short name each. */
import { EXECUTE, KERNEL_MODE, READ, WRITE } from '../../core/event/access-mode.ts';
import { DMA_TO_DEVICE, transferOf } from '../../core/event/dma-flags.ts';
import { GFP_KERNEL } from '../../core/event/gfp.ts';
import { WORD } from '../engine/task.ts';
import type { Fact } from './example.ts';

export const spawn = (pid: number): Fact => ({ kind: 'spawn', pid });
export const runs = (pid: number): Fact => ({ kind: 'switch', pid });
export const mmap = (object: number, length: number, flags: number, file = 0): Fact => ({
  kind: 'mmap',
  object,
  length,
  flags,
  file,
});
export const munmap = (object: number, offset: number, length: number): Fact => ({
  kind: 'munmap',
  object,
  offset,
  length,
});
export const madvise = (object: number, offset: number, length: number, advice: number): Fact => ({
  kind: 'madvise',
  object,
  offset,
  length,
  advice,
});
export const pageAlloc = (object: number, order: number, gfp: number): Fact => ({
  kind: 'page_alloc',
  object,
  order,
  gfp,
});
export const kmalloc = (object: number, size: number, gfp = GFP_KERNEL): Fact => ({
  kind: 'kmalloc',
  object,
  size,
  gfp,
});
export const device = (number: number, maskBits: number): Fact => ({
  kind: 'device',
  device: number,
  maskBits,
  deviceFlags: 0,
});
/** The first `length` bytes of an object for a device to read. */
const dmaMap =
  (kind: 'dma_map_single' | 'dma_map_sg') =>
  (object: number, forDevice: number, length: number): Fact => ({
    kind,
    object,
    transfer: transferOf(forDevice, DMA_TO_DEVICE),
    offset: 0,
    length,
  });
export const dmaMapSingle = dmaMap('dma_map_single');
export const dmaMapSg = dmaMap('dma_map_sg');

const access = (object: number, offset: number, mode: number): Fact => ({
  kind: 'access',
  object,
  offset,
  size: WORD,
  mode,
});
export const userRead = (object: number, offset = 0): Fact => access(object, offset, READ);
export const userWrite = (object: number, offset = 0): Fact => access(object, offset, WRITE);
export const userExecute = (object: number, offset = 0): Fact => access(object, offset, EXECUTE);
export const kernelRead = (object: number, offset = 0): Fact => access(object, offset, READ | KERNEL_MODE);
export const kernelWrite = (object: number, offset = 0): Fact => access(object, offset, WRITE | KERNEL_MODE);
