/** `vmsplit at`: a machine at a moment of a trace, as a report of its kernel in the kernel's own format. */
import { Command } from 'commander';
import type { Terminal } from '../terminal.ts';
export declare function atCommand(terminal: Terminal): Command;
