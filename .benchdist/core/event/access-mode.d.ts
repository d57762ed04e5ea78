/** The `mode` field of an access event: an operation in the low two bits, then flags. */
export declare const READ = 0;
export declare const WRITE = 1;
/** A load and a store by one instruction (inc mem, lock xadd). */
export declare const MODIFY = 2;
export declare const EXECUTE = 3;
export declare const OPERATION_MASK = 3;
/** The cpu is in kernel mode (a system call or interrupt handler does the access). */
export declare const KERNEL_MODE = 4;
/** The second half of a reference that an importer had to cut at the end of an object; not counted again. */
export declare const CONTINUED = 8;
/** Number of distinct modes. */
export declare const MODE_COUNT = 16;
export declare const OPERATION_NAMES: readonly ['read', 'write', 'modify', 'execute'];
export type OperationName = (typeof OPERATION_NAMES)[number];
