/** `vmsplit layouts`: which layouts there are, and the map of one. */
import { Command } from 'commander';
import type { Terminal } from '../terminal.ts';
export declare function layoutsCommand(terminal: Terminal): Command;
