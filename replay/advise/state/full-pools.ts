/** Pools of slots taken as full, whoever has them: the window of kmap(), and the bounce buffers of swiotlb. */
import { SLOT_BYTES } from '../../../core/dma/swiotlb.ts';
import { DMA_TO_DEVICE, transferOf } from '../../../core/event/dma-flags.ts';
import { GFP_HIGHUSER } from '../../../core/event/gfp.ts';
import { formatBytes, formatCount } from '../../text/units.ts';
import type { Filling, Step } from './filling.ts';

/** What then failed, and what the state was made from, in a sentence. */
export interface FullPool {
  readonly request: Step;
  readonly told: string;
}

/** Every slot holds a page of high memory. Undefined: the machine has no such window. */
export async function fillKmap(filling: Filling): Promise<FullPool | undefined> {
  const { slots = 0 } = filling.machine.platform.layout.pkmap ?? {};
  if (slots === 0) return undefined;
  const pages = Array.from({ length: slots + 1 }, () => filling.newObject());
  const [last, ...others] = pages;
  await filling.run(
    pages.map((object): Step => ({ kind: 'page_alloc', object, order: 0, gfp: GFP_HIGHUSER })),
  );
  await filling.take(others.map((object): Step => ({ kind: 'kmap', object, page: 0 })));
  return {
    request: { kind: 'kmap', object: last!, page: 0 },
    told: `all ${formatCount(slots)} slots of the kmap window are taken as held, each by a page of its own`,
  };
}

const DEVICE = 1;
/** Of devices that need bounce buffers most reach so far. */
const MASK_BITS = 32;
const PAGE = 4096;
/** Memory to be bounced is taken in pieces of so many pages: 1 MiB. */
const PIECE_ORDER = 8;

/** As many buffers of the size that was asked for as there are. Undefined: the machine has no pool. */
export async function fillBounceBuffers(filling: Filling, bytes: number): Promise<FullPool | undefined> {
  const { bouncePool } = filling.machine.platform;
  if (bouncePool === undefined) return undefined;
  const poolBytes = bouncePool.slots * SLOT_BYTES;
  const transfer = transferOf(DEVICE, DMA_TO_DEVICE);
  const map = (object: number, offset: number): Step => ({
    kind: 'dma_map_page',
    object,
    transfer,
    offset,
    length: bytes,
  });
  const order = Math.max(PIECE_ORDER, Math.ceil(Math.log2(bytes / PAGE)));
  const each = Math.floor((PAGE * 2 ** order) / bytes);
  const pieces = Math.ceil(poolBytes / (each * bytes)) + 1;
  const objects = Array.from({ length: pieces }, () => filling.newObject());
  await filling.run([{ kind: 'device', device: DEVICE, maskBits: MASK_BITS, deviceFlags: 0 }]);
  await filling.run(
    objects.map((object): Step => ({ kind: 'page_alloc', object, order, gfp: GFP_HIGHUSER })),
  );
  const [last, ...others] = objects;
  await filling.take(
    others.flatMap((object) => Array.from({ length: each }, (_, i) => map(object, i * bytes))),
  );
  return {
    request: map(last!, 0),
    told: `the ${formatBytes(poolBytes)} of bounce buffers are taken as full, in pieces of ${formatCount(bytes)} bytes, by a device with ${MASK_BITS} address bits`,
  };
}
