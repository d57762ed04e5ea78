/** The texts that the worked examples are taken from, where a reader finds them. */

/** Low and high memory, 3G/1G, the kernel in every address space, memory for devices. */
export const LINUX_ADDRESSING =
  'LDD3 ch. 15, Memory Mapping and DMA, lwn.net/Kernel/LDD3; Documentation/mm/highmem.rst of Linux 6.1';
/** Kernel logical and kernel virtual addresses, user and kernel half. */
export const OSTEP_LINUX =
  'OSTEP ch. 23.2, The Linux Virtual Memory System, pages.cs.wisc.edu/~remzi/OSTEP/vm-complete.pdf';
