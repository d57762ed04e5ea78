/**
 * The `cloneFlags` field of a clone event. Bit values are those of Linux 6.1 (include/uapi/linux/sched.h), so that a
 * captured mask can be used as it is; other bits say nothing to this machine.
 */
/** The child runs in the same address space, and is not given a copy: threads, vfork. */
export declare const CLONE_VM = 256;
/** The parent sleeps until the child calls exec or exit. Who runs when is the trace's to say. */
export declare const CLONE_VFORK = 16384;
/** The child is a thread of the same process. */
export declare const CLONE_THREAD = 65536;
