/**
 * Kernels that are not Linux 6.1: that of the textbooks (2.4 and 2.6, as Gorman, "Understanding the Linux Virtual Memory
 * Manager", and the books of textbook-32.ts draw it), and VMS on the VAX with the windows of Linux. What the books
 * leave open is that of 6.1.
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
