/**
 * A story with a known end: a driver takes buffers of 15 MiB until the vmalloc window of a textbook 3G/1G kernel
 * (88 MiB with 1 GiB of RAM) is full, while a 64-bit kernel has room; then it uses and frees what it thinks it has.
 */

import { KERNEL_MODE, WRITE } from '../../core/event/access-mode.ts';
import { GFP_HIGHUSER } from '../../core/event/gfp.ts';
import type { MemoryEvent } from '../../core/event/kinds.ts';
import { event, MIB } from './support.ts';

const BUFFER_BYTES = 15 * MIB;

/** Five buffers, the arrays of their pages and the guard pages take 75.1 MiB; the sixth finds a hole of 12.9 MiB. */
export const FULL_AT = 6;

export const FULL_WINDOW: readonly MemoryEvent[] = [
  event('page_alloc', { object: 100, order: 0, gfp: GFP_HIGHUSER }),
  ...[1, 2, 3, 4, 5, 6, 7].map((object) => event('vmalloc', { object, size: BUFFER_BYTES })),
  event('access', { object: 6, size: 8, mode: KERNEL_MODE | WRITE }),
  event('vfree', { object: 6 }),
  event('kmap', { object: 100 }),
  event('access', { object: 1, size: 8, mode: KERNEL_MODE | WRITE }),
  event('vfree', { object: 1 }),
  event('vmalloc', { object: 6, size: BUFFER_BYTES }),
  event('access', { object: 6, size: 8, mode: KERNEL_MODE | WRITE }),
];
