import { Command } from 'commander';
import type { Terminal } from '../terminal.ts';
export declare function verifyCommand(terminal: Terminal): Command;
