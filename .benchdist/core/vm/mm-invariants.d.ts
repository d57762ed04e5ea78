import type { Machine } from '../state/machine.ts';
export declare function checkMms(machine: Machine, faults: string[]): void;
