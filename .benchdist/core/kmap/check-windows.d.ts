import type { Machine } from '../state/machine.ts';
export declare function checkWindows(machine: Machine, faults: string[]): void;
