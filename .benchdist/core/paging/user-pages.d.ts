/** Walks the page tables of a process for whoever looks at a machine: reports and checks. */
import type { Machine } from '../state/machine.ts';
/** Calls `visit` with every last-level entry of a process that is in use, ascending. */
export declare function forEachUserPage(machine: Machine, root: number, visit: (vpn: number, pte: number) => void): void;
