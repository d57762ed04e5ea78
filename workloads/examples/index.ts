/** The worked examples of the texts on Linux addresses, each a file's constant and a row here. */
import type { Example } from './example.ts';
import { hugePages } from './huge-pages.ts';
import { allLowmem, highmemKmap, kmallocDma, vmalloc16m } from './memory.ts';
import { contextSwitch, libcShared, userTouchesKernel } from './processes.ts';

export type { Example, Scene } from './example.ts';

/** All worked examples; `example` finds one by its name. */
export const EXAMPLES: readonly Example[] = [
  allLowmem,
  highmemKmap,
  vmalloc16m,
  kmallocDma,
  userTouchesKernel,
  contextSwitch,
  libcShared,
  hugePages,
];
