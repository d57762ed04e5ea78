/**
 * Conservation: what must hold of every machine between two batches (the laws of which tests and long runs are made).
 *
 * - Every frame of RAM is in exactly one block; free blocks are aligned, merged as far as they can be, linked in
 *   their zone's lists or waiting on one cpu's, and counted.
 * - Every frame in use has the owner that says it has it, and as many references as there are.
 * - Every present PTE maps a frame in use; a private frame that several processes map is writable by none.
 * - VMAs are in order, and every page of a process lies in one (vm/mm-invariants.ts).
 * - Every TLB entry agrees with its page table, or is of a freed area that waits for its flush.
 * - The kernel's windows: see kmap/check-windows.ts.
 * - Every slab is in one place, and every object of it free or alive (slab/invariants.ts).
 */
import type { Machine } from './state/machine.ts';
/** What is wrong with the machine, a sentence each; empty when nothing is. Reads everything: slow. */
export declare function checkMachine(machine: Machine): string[];
