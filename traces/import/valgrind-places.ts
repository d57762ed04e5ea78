/** Where valgrind 3.19 puts what execve maps, on x86 (coregrind/m_initimg/initimg-linux.c; seen with -d -d). */

/** The first page of position-independent programs. */
export const VALGRIND_PIE = 0x10_8000;
/** The end of the stack: user space of its own choice, less a page, for programs of 64 and of 32 bits. */
export const VALGRIND_STACK_TOP = 0x1f_ff00_1000;
export const VALGRIND_STACK_TOP_32 = 0xfeff_e000;
