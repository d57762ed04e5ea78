/** `vmsplit info`: what a trace holds, and whether it is whole. */
import { Command } from 'commander';
import type { Terminal } from '../terminal.ts';
export declare function infoCommand(terminal: Terminal): Command;
