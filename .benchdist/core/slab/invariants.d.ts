/**
 * What must hold of the slabs of every machine: each slab is in one place only (a cpu's current slab, a cpu's partial
 * list, the node's, or nowhere when it is full), every object is free once or belongs to one object of the workload,
 * and the counts of caches are those of their slabs.
 */
import { type Machine } from '../state/machine.ts';
export declare function checkSlabs(machine: Machine, faults: string[]): void;
