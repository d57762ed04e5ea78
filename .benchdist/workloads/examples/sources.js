/** The texts that the worked examples are taken from. */
/** Low and high memory, 3G/1G, libc and the kernel in every address space. */
export const LINUX_ADDRESSING = 'notes lk_addressing.txt, with LDD3 ch. 15';
/** Kernel logical and kernel virtual addresses, user and kernel half. */
export const OSTEP_LINUX = 'OSTEP ch. 23.2, The Linux Virtual Memory System';
//# sourceMappingURL=sources.js.map