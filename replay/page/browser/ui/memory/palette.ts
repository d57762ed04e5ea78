/** Colours of classes of frames: what is free is pale, what belongs together is alike, and every class has a name beside it. */
import type { FrameColour } from '../../../models/physical.ts';
import { colourOf } from '../colours.ts';

/** By name of a class; of owners by what the name begins with. */
const VARIABLES: readonly (readonly [begins: string, variable: string])[] = [
  ['free, lent by CMA', '--frame-cma'],
  ['free', '--frame-free'],
  ['per-cpu list', '--frame-list'],
  ['no RAM', '--frame-none'],
  ['anonymous', '--frame-anon'],
  ['page cache', '--frame-file'],
  ['shared memory', '--frame-shmem'],
  ['page table', '--frame-table'],
  ['kernel stack', '--frame-stack'],
  ['slab', '--frame-slab'],
  ['large kmalloc', '--frame-kmalloc'],
  ['alloc_pages', '--frame-pages'],
  ['DMA coherent', '--frame-dma'],
  ['vmalloc', '--frame-vmalloc'],
  ['kernel', '--frame-kernel'],
  ['memory map', '--frame-map'],
  ['zero page', '--frame-zero'],
  ['bounce buffers', '--frame-bounce'],
  ['firmware', '--frame-firmware'],
  ['in use before', '--frame-before'],
  ['Unmovable, in use', '--frame-slab'],
  ['Unmovable, free', '--frame-slab-pale'],
  ['Movable, in use', '--frame-anon'],
  ['Movable, free', '--frame-anon-pale'],
  ['Reclaimable, in use', '--frame-shmem'],
  ['Reclaimable, free', '--frame-shmem-pale'],
  ['HighAtomic', '--frame-zero'],
  ['CMA, in use', '--frame-dma'],
  ['CMA, free', '--frame-cma'],
  ['active, newer', '--frame-age-0'],
  ['active, older', '--frame-age-1'],
  ['inactive, newer', '--frame-age-2'],
  ['inactive, older', '--frame-age-3'],
  ['never reclaimed', '--frame-kernel'],
  ['shared by processes', '--frame-shared'],
  ['of no process', '--frame-zero'],
  ['other', '--frame-before'],
];

const NR_OWNER_COLOURS = 8;

/** By class: a variable of the style sheet. Owners without a colour of their own take turns. */
export function classVariables(colourBy: FrameColour, names: readonly string[]): string[] {
  let owners = 0;
  return names.map((name) => {
    const known = VARIABLES.find(([begins]) => name.startsWith(begins))?.[1];
    if (known !== undefined && (colourBy !== 'owner' || !/^(slab|page|shared memory)/.test(name)))
      return known;
    return `--owner-${owners++ % NR_OWNER_COLOURS}`;
  });
}

/** As four bytes each, for pixels. */
export function classColours(variables: readonly string[]): Uint8ClampedArray[] {
  const probe = document.createElement('canvas').getContext('2d', { willReadFrequently: true })!;
  return variables.map((variable) => {
    probe.fillStyle = colourOf(variable);
    probe.fillRect(0, 0, 1, 1);
    return probe.getImageData(0, 0, 1, 1).data.slice();
  });
}
