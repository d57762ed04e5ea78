/** An event in a line: `vmalloc(object 17, 2.0 MiB)`. */
import { CONTINUED, KERNEL_MODE, OPERATION_MASK, OPERATION_NAMES } from '../../core/event/access-mode.ts';
import { CLONE_VM } from '../../core/event/clone-flags.ts';
import {
  DEVICE_IOMMU,
  DIRECTION_NAMES,
  SYNC_FOR_CPU,
  transferDevice,
  transferDirection,
} from '../../core/event/dma-flags.ts';
import {
  GFP_ATOMIC,
  GFP_DMA,
  GFP_DMA32,
  GFP_HIGHUSER,
  GFP_HIGHUSER_MOVABLE,
  GFP_KERNEL,
  GFP_USER,
} from '../../core/event/gfp.ts';
import { EVENT_KINDS, type MemoryEvent } from '../../core/event/kinds.ts';
import {
  MADV_DONTNEED,
  MADV_HUGEPAGE,
  MADV_NOHUGEPAGE,
  MADV_NORMAL,
  MADV_RANDOM,
  MADV_SEQUENTIAL,
  MADV_WILLNEED,
  MAP_SHARED,
  MREMAP_MAYMOVE,
  PLACE_MASK,
  PLACE_PIE,
  PLACE_STACK,
  PLACE_TEXT,
  PLACE_VDSO,
  PROT_EXEC,
  PROT_READ,
  PROT_WRITE,
} from '../../core/event/mmap-flags.ts';
import {
  SLAB_CACHE_DMA,
  SLAB_CACHE_DMA32,
  SLAB_CONSTRUCTOR,
  SLAB_HWCACHE_ALIGN,
  SLAB_NO_MERGE,
  SLAB_RECLAIM_ACCOUNT,
  SLAB_TYPESAFE_BY_RCU,
} from '../../core/event/slab-flags.ts';
import { formatBytes, hexOf } from './units.ts';

const GFP_NAMES = new Map<number, string>([
  [GFP_ATOMIC, 'GFP_ATOMIC'],
  [GFP_KERNEL, 'GFP_KERNEL'],
  [GFP_USER, 'GFP_USER'],
  [GFP_HIGHUSER, 'GFP_HIGHUSER'],
  [GFP_HIGHUSER_MOVABLE, 'GFP_HIGHUSER_MOVABLE'],
  [GFP_DMA, 'GFP_DMA'],
  [GFP_DMA32, 'GFP_DMA32'],
]);

const ADVICE_NAMES: Readonly<Record<number, string>> = {
  [MADV_NORMAL]: 'MADV_NORMAL',
  [MADV_RANDOM]: 'MADV_RANDOM',
  [MADV_SEQUENTIAL]: 'MADV_SEQUENTIAL',
  [MADV_WILLNEED]: 'MADV_WILLNEED',
  [MADV_DONTNEED]: 'MADV_DONTNEED',
  [MADV_HUGEPAGE]: 'MADV_HUGEPAGE',
  [MADV_NOHUGEPAGE]: 'MADV_NOHUGEPAGE',
};

const SLAB_FLAG_NAMES: readonly (readonly [number, string])[] = [
  [SLAB_HWCACHE_ALIGN, 'SLAB_HWCACHE_ALIGN'],
  [SLAB_CACHE_DMA, 'SLAB_CACHE_DMA'],
  [SLAB_CACHE_DMA32, 'SLAB_CACHE_DMA32'],
  [SLAB_RECLAIM_ACCOUNT, 'SLAB_RECLAIM_ACCOUNT'],
  [SLAB_TYPESAFE_BY_RCU, 'SLAB_TYPESAFE_BY_RCU'],
  [SLAB_NO_MERGE, 'SLAB_NO_MERGE'],
  [SLAB_CONSTRUCTOR, 'a constructor'],
];

/** How a field reads, by its name; the empty string leaves it out. */
const FIELD_TEXT: Readonly<Record<string, (value: number) => string>> = {
  pid: (pid) => `process ${pid}`,
  object: (object) => `object ${object}`,
  file: (file) => (file === 0 ? '' : `file ${file}`),
  length: (bytes) => (bytes === 0 ? '' : formatBytes(bytes)),
  size: formatBytes,
  offset: (offset) => (offset === 0 ? '' : `at +${hexOf(offset)}`),
  page: (page) => `page ${page}`,
  pages: (object) => `pages of object ${object}`,
  count: (count) => `${count} pages`,
  order: (order) => `order ${order}`,
  gfp: (gfp) => GFP_NAMES.get(gfp) ?? `gfp ${hexOf(gfp)}`,
  pfn: (pfn) => `pfn ${hexOf(pfn)}`,
  flags: mapFlags,
  mode: accessMode,
  cache: (cache) => `cache ${cache}`,
  align: (bytes) => (bytes === 0 ? '' : `aligned to ${formatBytes(bytes)}`),
  prot: (prot) => mapFlags(prot).slice(0, 3),
  cloneFlags: (flags) => (flags & CLONE_VM ? 'the same address space' : ''),
  mremapFlags: (flags) => (flags & MREMAP_MAYMOVE ? 'may move' : ''),
  advice: (advice) => ADVICE_NAMES[advice] ?? `advice ${advice}`,
  over: (object) => `over object ${object}`,
  slabFlags: slabFlagNames,
  device: (device) => `device ${device}`,
  maskBits: (bits) => `${bits} address bits`,
  deviceFlags: (flags) => (flags & DEVICE_IOMMU ? 'behind an IOMMU' : ''),
  transfer: (transfer) =>
    `device ${transferDevice(transfer)}, ${DIRECTION_NAMES[transferDirection(transfer)] ?? 'no direction'}`,
  owner: (owner) => (owner === SYNC_FOR_CPU ? 'for the cpu' : 'for the device'),
};

/** `vmalloc(object 793, 3.5 MiB)`. */
export function describeEvent(event: MemoryEvent): string {
  const values = event as unknown as Readonly<Record<string, number>>;
  const fields = Object.keys(EVENT_KINDS[event.kind].fields).map((field) =>
    FIELD_TEXT[field]!(values[field]!),
  );
  return `${event.kind}(${fields.filter((text) => text !== '').join(', ')})`;
}

const PLACE_NAMES: Readonly<Record<number, string>> = {
  [PLACE_TEXT]: 'text',
  [PLACE_STACK]: 'stack',
  [PLACE_VDSO]: 'vdso',
  [PLACE_PIE]: 'pie text',
};

function mapFlags(flags: number): string {
  const letters = [
    flags & PROT_READ ? 'r' : '-',
    flags & PROT_WRITE ? 'w' : '-',
    flags & PROT_EXEC ? 'x' : '-',
    flags & MAP_SHARED ? 's' : 'p',
  ].join('');
  const place = PLACE_NAMES[flags & PLACE_MASK];
  return place === undefined ? letters : `${letters} ${place}`;
}

function slabFlagNames(flags: number): string {
  return SLAB_FLAG_NAMES.filter(([flag]) => (flags & flag) !== 0)
    .map(([, name]) => name)
    .join(' | ');
}

function accessMode(mode: number): string {
  const operation = OPERATION_NAMES[mode & OPERATION_MASK]!;
  return `${mode & KERNEL_MODE ? 'kernel ' : ''}${operation}${mode & CONTINUED ? ' continued' : ''}`;
}
