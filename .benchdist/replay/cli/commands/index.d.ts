/** The commands, in the order of the help. */
import type { Command } from 'commander';
import type { Terminal } from '../terminal.ts';
export declare const COMMANDS: readonly ((terminal: Terminal) => Command)[];
