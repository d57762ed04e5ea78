import type { Layout } from './layout.ts';
export type KernelConstants = Readonly<Record<string, bigint>>;
export declare function kernelConstants(layout: Layout): KernelConstants;
/** Where mmap areas start upwards, without a limit on the stack (TASK_UNMAPPED_BASE): a third of user space. */
export declare function mmapLegacyBase({ stackTop }: Layout): bigint;
