/** Flags and choices of events in words, as they stand in the text of an event. */
import { CONTINUED, KERNEL_MODE, OPERATION_MASK, OPERATION_NAMES } from './access-mode.ts';
import { DIRECTION_NAMES, transferDevice, transferDirection } from './dma-flags.ts';
import * as map from './mmap-flags.ts';
import * as slab from './slab-flags.ts';

/** `kernel write`, `read continued`. */
export function accessModeText(mode: number): string {
  const operation = OPERATION_NAMES[mode & OPERATION_MASK]!;
  return `${mode & KERNEL_MODE ? 'kernel ' : ''}${operation}${mode & CONTINUED ? ' continued' : ''}`;
}

/** As /proc/PID/maps has it: `rw-`. */
export function protText(prot: number): string {
  const { PROT_READ, PROT_WRITE, PROT_EXEC } = map;
  return `${prot & PROT_READ ? 'r' : '-'}${prot & PROT_WRITE ? 'w' : '-'}${prot & PROT_EXEC ? 'x' : '-'}`;
}

const PLACE_NAMES: ReadonlyMap<number, string> = new Map([
  [map.PLACE_TEXT, 'text'],
  [map.PLACE_STACK, 'stack'],
  [map.PLACE_VDSO, 'vdso'],
  [map.PLACE_PIE, 'pie text'],
]);

/** `rw-p`, `rw-p stack`. */
export function mapFlagsText(flags: number): string {
  const letters = `${protText(flags)}${flags & map.MAP_SHARED ? 's' : 'p'}`;
  const place = PLACE_NAMES.get(flags & map.PLACE_MASK);
  const words = [letters, place, flags & map.MAP_ALIGNED ? 'aligned' : undefined];
  return words.filter((word) => word !== undefined).join(' ');
}

export const ADVICE_NAMES: ReadonlyMap<number, string> = new Map([
  [map.MADV_NORMAL, 'MADV_NORMAL'],
  [map.MADV_RANDOM, 'MADV_RANDOM'],
  [map.MADV_SEQUENTIAL, 'MADV_SEQUENTIAL'],
  [map.MADV_WILLNEED, 'MADV_WILLNEED'],
  [map.MADV_DONTNEED, 'MADV_DONTNEED'],
  [map.MADV_FREE, 'MADV_FREE'],
  [map.MADV_HUGEPAGE, 'MADV_HUGEPAGE'],
  [map.MADV_NOHUGEPAGE, 'MADV_NOHUGEPAGE'],
  [map.MADV_COLD, 'MADV_COLD'],
  [map.MADV_PAGEOUT, 'MADV_PAGEOUT'],
  [map.MADV_POPULATE_READ, 'MADV_POPULATE_READ'],
  [map.MADV_POPULATE_WRITE, 'MADV_POPULATE_WRITE'],
]);

const SLAB_FLAG_NAMES: readonly (readonly [number, string])[] = [
  [slab.SLAB_HWCACHE_ALIGN, 'SLAB_HWCACHE_ALIGN'],
  [slab.SLAB_CACHE_DMA, 'SLAB_CACHE_DMA'],
  [slab.SLAB_CACHE_DMA32, 'SLAB_CACHE_DMA32'],
  [slab.SLAB_RECLAIM_ACCOUNT, 'SLAB_RECLAIM_ACCOUNT'],
  [slab.SLAB_TYPESAFE_BY_RCU, 'SLAB_TYPESAFE_BY_RCU'],
  [slab.SLAB_NO_MERGE, 'SLAB_NO_MERGE'],
  [slab.SLAB_ACCOUNT, 'SLAB_ACCOUNT'],
  [slab.SLAB_CONSTRUCTOR, 'a constructor'],
];

/** `SLAB_HWCACHE_ALIGN | SLAB_CACHE_DMA`; bits that make no difference to the machine are left out. */
export function slabFlagsText(flags: number): string {
  return SLAB_FLAG_NAMES.filter(([flag]) => (flags & flag) !== 0)
    .map(([, name]) => name)
    .join(' | ');
}

/** `device 2, to the device`. */
export function transferText(transfer: number): string {
  const direction = DIRECTION_NAMES[transferDirection(transfer)] ?? 'no direction';
  return `device ${transferDevice(transfer)}, ${direction}`;
}
