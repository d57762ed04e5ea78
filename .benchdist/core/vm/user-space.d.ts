import type { Layout } from '../layout/layout.ts';
export interface UserSpaceOptions {
    /** RLIMIT_STACK in bytes, 'unlimited', or by default 8 MiB (_STK_LIM, include/uapi/linux/resource.h). */
    readonly stackLimitBytes?: bigint | 'unlimited';
    /** Mappings go upwards from a third of the address space, as before Linux 2.6.9. */
    readonly legacyMmap?: boolean;
}
export interface UserSpace {
    /** First page above user space. */
    readonly endVpn: number;
    /** First page that may be mapped. */
    readonly lowestVpn: number;
    /** Text of a fixed-address program, and of a position-independent one that has a dynamic linker. */
    readonly textVpn: number;
    readonly pieVpn: number;
    /** The heap of a program that has neither: one that is mapped as a dynamic linker is. */
    readonly heapVpn: number;
    /** Mappings go downwards from mmap_base, upwards from TASK_UNMAPPED_BASE. */
    readonly mmapBaseVpn: number;
    readonly unmappedBaseVpn: number;
    readonly legacyMmap: boolean;
    readonly stackTopVpn: number;
    readonly stackLimitPages: number;
}
/** stack_guard_gap of mm/mmap.c, v6.1: pages below a stack that stay empty. */
export declare const STACK_GUARD_PAGES = 256;
export declare function userSpaceOf(layout: Layout, options: UserSpaceOptions): UserSpace;
