/** The `mode` field of an access event: an operation in the low two bits, then flags. */
export const READ = 0;
/** A store. */
export const WRITE = 1;
/** A load and a store by one instruction (inc mem, lock xadd). */
export const MODIFY = 2;
/** A fetch of an instruction. */
export const EXECUTE = 3;
/** The bits of a mode that hold the operation. */
export const OPERATION_MASK = 3;

/** The cpu is in kernel mode (a system call or interrupt handler does the access). */
export const KERNEL_MODE = 4;
/** The second half of a reference that an importer had to cut at the end of an object; not counted again. */
export const CONTINUED = 8;

/** Number of distinct modes. */
export const MODE_COUNT = 16;

/** By the value of those bits. */
export const OPERATION_NAMES = ['read', 'write', 'modify', 'execute'] as const;
