/**
 * Kernels that are not Linux 6.1: that of the textbooks (2.4 and 2.6, as Gorman, "Understanding the Linux Virtual Memory
 * Manager", and the books of textbook-32.ts draw it), VMS on the VAX with the windows of Linux, and that of exercises.
 * What the books leave open is that of 6.1.
 */
import type { Kernel } from './kernel.ts';
import { LINUX_6_1 } from './linux-6.1.ts';

export const TEXTBOOK: Kernel = {
  ...LINUX_6_1,
  name: 'textbook',
  checked: 'none',
  believesFirmware: true,
  mapsMemoryHoles: true,
  /** vmalloc_fault() of arch/x86/mm/fault.c, up to Linux 5.7. */
  kernelEntrySync: 'fault',
  vmalloc: { ...LINUX_6_1.vmalloc, startIsAligned: true, optionExcludesHole: false },
};

export const VMS: Kernel = {
  ...LINUX_6_1,
  name: 'vms',
  checked: 'none',
  believesFirmware: true,
  mapsMemoryHoles: true,
};

/** Of the exercises of OSTEP: as small as its machines, and without per-cpu lists, so that blocks go where the books say. */
export const OSTEP: Kernel = {
  ...LINUX_6_1,
  name: 'ostep',
  checked: 'none',
  reservesFirstPage: false,
  believesFirmware: true,
  mapsMemoryHoles: true,
  maxOrder: 6,
  watermarks: { ...LINUX_6_1.watermarks, minFreeKib: { least: 0, most: 0 } },
  pcp: { ...LINUX_6_1.pcp, batch: () => 1, high: () => 0 },
  userSpace: {
    mmapMinBytes: 32n,
    stackGapBytes: 512n,
    stackLimitBytes: 512n,
    stackGuardPages: 1,
    stackExpandBytes: 0,
  },
};
