/** What is known of a page frame: its zone, the block it belongs to, who owns that, and in which memory it lies. */

import { formatSize } from '../base/units.ts';
import type { Layout } from '../layout/layout.ts';
import type { Machine } from '../machine/machine.ts';
import {
  blockWith,
  FRAME,
  frameOwner,
  USE_ANON,
  USE_KERNEL_STACK,
  USE_KMALLOC_LARGE,
  USE_NAMES,
  USE_PAGE_CACHE,
  USE_PAGES,
  USE_RESERVED,
  USE_SLAB,
  USE_VMALLOC,
} from '../phys/frames.ts';
import { zoneOfPfn } from '../phys/page-alloc.ts';
import { cacheName } from '../slab/info.ts';
import { SLAB } from '../slab/tables.ts';
import { COHERENT, OBJECT } from '../state/objects.ts';
import { hiddenObject } from '../vm/page-cache.ts';
import { type ReservedFor, reservations, reservedFor } from './reserved.ts';

export interface FrameFacts {
  readonly pfn: number;
  /** `device`: no RAM, or none that this kernel uses. */
  readonly memory: 'low' | 'high' | 'device';
  readonly zone: string | undefined;
  /** What the block is used for (USE_NAMES), and a few words on whose it is. */
  readonly use: string;
  readonly owner: string;
  /** The block of 2^order frames that the frame is part of. */
  readonly blockPfn: number;
  readonly order: number;
  readonly references: number;
}

/** Of any frame number: what is no RAM, or none that this kernel uses, is `device` memory. */
export function explainFrame(machine: Machine, pfn: number): FrameFacts {
  const { platform, frames } = machine;
  const { layout } = platform;
  if (!isRam(layout, pfn)) return noRam(pfn);
  if (pfn >= layout.maxPfn) return { ...noRam(pfn), owner: UNREACHABLE };
  const blockPfn = blockWith(frames, pfn);
  if (blockPfn === undefined) return { ...noRam(pfn), owner: IN_PART };
  const use = frames.get(blockPfn, FRAME.use);
  return {
    pfn,
    memory: isHigh(layout, pfn) ? 'high' : 'low',
    zone: zoneOfPfn(platform.zones, pfn).name,
    use: USE_NAMES[use]!,
    owner: use === USE_RESERVED ? reservedText(machine, pfn) : ownerOf(machine, blockPfn, use),
    blockPfn,
    order: frames.get(blockPfn, FRAME.order),
    references: frames.get(blockPfn, FRAME.refs),
  };
}

/** Whether a frame has no kernel logical address. */
export function isHigh({ highstartPfn }: Layout, pfn: number): boolean {
  return highstartPfn !== undefined && pfn >= highstartPfn;
}

const IN_PART = 'RAM in part only: the kernel takes whole frames';
const UNREACHABLE = 'RAM that this kernel does not use: above what it can address';

function noRam(pfn: number): FrameFacts {
  const owner = 'a register or buffer of a device, or nothing at all';
  return {
    pfn,
    memory: 'device',
    zone: undefined,
    use: 'no RAM',
    owner,
    blockPfn: pfn,
    order: 0,
    references: 0,
  };
}

/** Whether the firmware reports RAM there. */
export function isRam({ ram, pageShift }: Layout, pfn: number): boolean {
  const address = BigInt(pfn) << BigInt(pageShift);
  return ram.some(({ start, end }) => start <= address && address < end);
}

function ownerOf(machine: Machine, pfn: number, use: number): string {
  const owner = frameOwner(machine.frames, pfn);
  if (use === USE_PAGES) {
    const isCoherent = machine.objects.get(owner, OBJECT.class) === COHERENT;
    return `${isCoherent ? 'dma_alloc_coherent' : 'alloc_pages'}, object ${owner}`;
  }
  if (use === USE_KMALLOC_LARGE) return `kmalloc without a slab, object ${owner}`;
  if (use === USE_VMALLOC) return `vmalloc, object ${owner}`;
  if (use === USE_SLAB) return `slab of ${cacheName(machine, machine.slabs.get(owner, SLAB.cache) - 1)}`;
  if (use === USE_KERNEL_STACK) return `kernel stack of process ${owner}`;
  if (use === USE_PAGE_CACHE) return cachedFile(machine, owner);
  const order = machine.frames.get(pfn, FRAME.order);
  return use === USE_ANON && order > 0 ? `a huge page: ${2 ** order} base pages in a row` : '';
}

function cachedFile({ records }: Machine, slot: number): string {
  const file = Object.values(records.files).find(
    ({ firstSlot, nrPages }) => firstSlot <= slot && slot < firstSlot + nrPages,
  );
  if (file === undefined) return '';
  const name = file.shmem ? `shared memory, object ${hiddenObject(file.id)}` : `file ${file.id}`;
  return `page ${slot - file.firstSlot} of ${name}`;
}

function reservedText(machine: Machine, pfn: number): string {
  const kept = reservedFor(reservations(machine), pfn);
  if (kept !== 'firmware') return RESERVED_TEXTS[kept];
  const lowReserved = BigInt(machine.platform.layout.arch.port.lowReservedBytes);
  return `first ${formatSize(lowReserved).replace(/^1 /, '')}, kept for firmware`;
}

const RESERVED_TEXTS: Readonly<Record<Exclude<ReservedFor, 'firmware'>, string>> = {
  'zero page': 'the zero page, which read faults of anonymous memory map',
  'huge zero page': 'the huge zero page, which read faults map where a huge page fits',
  'bounce buffers': 'bounce buffers for DMA (swiotlb)',
  'kernel image': 'kernel image',
  'atomic pool': 'the atomic pool: coherent memory for where nobody may wait',
  'lost by CMA': 'found for CMA at boot, and forgotten',
  'in use before': 'in use before the first event',
  'memory map': 'memory map: a struct page for every frame',
};
